package adaptertest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestNaive: a fourth adapter, made of little, passes.
func TestNaive(t *testing.T) { Run(t, naive{}.adapter()) }

// TestPlanted: the kit finds each fault that is planted in an adapter, in a scenario or case that is about it.
func TestPlanted(t *testing.T) {
	all, err := scenarios(nil)
	if err != nil {
		t.Fatal(err)
	}
	for fault, finds := range map[string]string{
		"commits at once":                 "set",
		"a panic commits":                 "panic",
		"keeps the exchange open":         "kept-handles",
		"one exchange for all":            "set",
		"loads ahead":                     "untouched",
		"errors are not committed":        "handler-fails",
		"commits with the client":         "hang-up-before-commit",
		"commits for nobody":              "hang-up-before-commit",
		"no Vary":                         "read",
		"Vary always":                     "untouched",
		"clears nothing":                  "clear",
		"a header is not cleared":         "clear",
		"clears with other attributes":    "cookie-lines",
		"a browser's Max-Age":             "cookie-lines",
		"caches":                          "set",
		"caches of others":                "one-cookie",
		"failures are not told":           "commit-fails",
		"the handler's header stays":      "commit-fails",
		"the handler's body goes behind":  "commit-fails",
		"tells the cause":                 "commit-fails",
		"two Set-Cookie":                  "one-cookie",
		"hints have the token":            "set",
		"insecure cookies travel":         "insecure-cookie",
		"one line of cookies":             "two-lines",
		"the first of two tokens":         "two-tokens",
		"tenants are one":                 "tenant",
		"one middleware":                  "inside",
		"what comes after a commit stays": "commit-first",
	} {
		t.Run(fault, func(t *testing.T) {
			a := naive{fault: fault}.adapter()
			var said []string
			for _, s := range all {
				if s.file == finds+".txt" {
					for _, w := range ways {
						if s.only.has(w) {
							said = append(said, judged(t, func(t testing.TB) { s.play(t, a, w, false) })...)
						}
					}
				}
			}
			for _, c := range cases {
				if c.name == finds {
					said = append(said, judged(t, func(t testing.TB) { c.run(newBench(t, a, false)) })...)
				}
			}
			if len(said) == 0 {
				t.Errorf("%s passes", finds)
			}
		})
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

// required are the faults of other libraries that each adapter must be shown not to have.
var required = []int{3, 4, 5, 6, 7, 8, 9, 10, 14, 15, 20, 21, 22, 25}

// TestFaults: for each there is a scenario or a case.
func TestFaults(t *testing.T) {
	all, err := scenarios(nil)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[int][]string{}
	for _, s := range all {
		for _, n := range s.faults {
			shown[n] = append(shown[n], strings.TrimSuffix(s.file, ".txt"))
		}
	}
	for _, c := range cases {
		for _, n := range c.faults {
			shown[n] = append(shown[n], c.name)
		}
	}
	for _, n := range required {
		if len(shown[n]) == 0 {
			t.Errorf("nothing shows that fault %d is absent", n)
		}
		t.Logf("fault %2d: %s", n, strings.Join(shown[n], ", "))
	}
}
