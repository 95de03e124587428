package adaptertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestNaive: a fourth adapter, made of little, passes.
func TestNaive(t *testing.T) { Run(t, naive{}.adapter()) }

// planted are faults of an adapter, and the scenarios and cases that find each.
var planted = map[string]string{
	"commits at once":                           "set",
	"a panic commits":                           "panic",
	"keeps the exchange open":                   "kept-handles",
	"one exchange for all":                      "set goroutine-outlives",
	"loads ahead":                               "untouched",
	"errors are not committed":                  "handler-fails",
	"commits with the client":                   "hang-up-before-commit",
	"commits for nobody":                        "hang-up-before-commit",
	"no Vary":                                   "read",
	"Vary always":                               "untouched",
	"clears nothing":                            "clear flash flash-twice",
	"a header is not cleared":                   "clear flash",
	"clears with other attributes":              "cookie-lines",
	"a browser's Max-Age":                       "cookie-lines",
	"caches":                                    "set",
	"caches of others":                          "one-cookie",
	"failures are not told":                     "commit-fails end-all-in-flight",
	"the handler's header stays":                "commit-fails",
	"the handler's body goes behind":            "commit-fails",
	"tells the cause":                           "commit-fails",
	"two Set-Cookie":                            "one-cookie",
	"hints have the token":                      "set",
	"insecure cookies travel":                   "insecure-cookie",
	"one line of cookies":                       "two-lines",
	"the first of two tokens":                   "two-tokens",
	"tenants are one":                           "tenant",
	"one middleware":                            "inside",
	"who only reads is sent nothing":            "renew",
	"hands over before the commit":              "upgrade",
	"hands over whatever the commit says":       "upgrade-fails",
	"wrapped twice":                             "twice",
	"stamps are not sent":                       "idle",
	"stamps do not come back":                   "idle",
	"a logout leaves the stamp":                 "idle",
	"a tenant within another":                   "twice-tenants",
	"a guard takes an outage for nobody":        "guard",
	"a guard lets everybody through":            "guard",
	"a guard keeps the principal":               "guard",
	"a 401 asks for nothing":                    "guard",
	"a guard tells the cause":                   "guard",
	"a guard takes what is refused for nothing": "guard-tells",
	"a guard leads with the same method":        "guard-leads",
	"what comes after a commit stays":           "commit-first",
	"an outage logs out":                        "fleet-outage",
}

// TestPlanted: the kit finds each fault that is planted in an adapter, in a scenario or case that is about it.
func TestPlanted(t *testing.T) {
	all, err := scenarios(nil)
	if err != nil {
		t.Fatal(err)
	}
	for fault, finds := range planted {
		t.Run(fault, func(t *testing.T) {
			a := naive{fault: fault}.adapter()
			for name := range strings.FieldsSeq(finds) {
				var said []string
				for _, s := range all {
					if s.file == name+".txt" {
						for _, w := range ways {
							if s.only.has(w) {
								said = append(said, judged(t, func(t testing.TB) { s.play(t, a, w, false) })...)
							}
						}
					}
				}
				for _, c := range cases {
					if c.name == name {
						said = append(said, judged(t, func(t testing.TB) { c.run(newBench(t, a, false)) })...)
					}
				}
				if len(said) == 0 {
					t.Errorf("%s passes", name)
				}
			}
		})
	}
}

// TestCasesAreHeld: each case that shows a fault of others to be absent fails by a planted fault, or by a mutant of the code.
func TestCasesAreHeld(t *testing.T) {
	mutants, err := filepath.Glob("../../testdata/mutants/*.txt")
	if err != nil || len(mutants) == 0 {
		t.Fatal(mutants, err)
	}
	held := map[string]bool{}
	for _, finds := range planted {
		for name := range strings.FieldsSeq(finds) {
			held[name] = true
		}
	}
	for _, file := range mutants {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for word := range strings.FieldsSeq(string(text)) {
			if name, ok := strings.CutPrefix(word, "TestAdapter/"); ok {
				held[name] = true
			}
		}
	}
	for _, c := range cases {
		if len(c.faults) > 0 && !held[c.name] {
			t.Errorf("nothing makes %s fail", c.name)
		}
	}
}

// judge is a test that says why it fails.
type judge struct {
	testing.TB

	mu       sync.Mutex
	said     []string
	cleanups []func()
	ctx      context.Context
}

func (j *judge) Helper()                  {}
func (j *judge) Context() context.Context { return j.ctx }
func (j *judge) Cleanup(f func())         { j.cleanups = append(j.cleanups, f) }
func (j *judge) Error(args ...any)        { j.Errorf("%s", fmt.Sprint(args...)) }
func (j *judge) Fatal(args ...any)        { j.Fatalf("%s", fmt.Sprint(args...)) }

func (j *judge) Errorf(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.said = append(j.said, fmt.Sprintf(format, args...))
}

func (j *judge) Fatalf(format string, args ...any) {
	j.Errorf(format, args...)
	runtime.Goexit()
}

// judged runs a test of its own and returns what it says.
func judged(t *testing.T, run func(t testing.TB)) []string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	j := &judge{TB: t, ctx: ctx}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			cancel()
			for _, f := range slices.Backward(j.cleanups) {
				f()
			}
		}()
		run(j)
	}()
	<-done
	return j.said
}
