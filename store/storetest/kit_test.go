package storetest

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// The mutants fail on purpose: rapid need not search for the shortest proof, nor keep it.
	for name, value := range map[string]string{"rapid.nofailfile": "true", "rapid.shrinktime": "0s"} {
		if err := flag.Set(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	goleak.VerifyTestMain(m)
}

// recorder is a test whose failure is a finding.
type recorder struct {
	scope
	name string

	mu      sync.Mutex
	failed  bool
	skipped bool
	log     strings.Builder
}

func (r *recorder) note(text string, failed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = r.failed || failed
	fmt.Fprintln(&r.log, text)
}

// T is the test in which a bubble may be opened.
func (r *recorder) T() *testing.T { return r.TB.(*testing.T) }

func (r *recorder) Helper()                   {}
func (r *recorder) Name() string              { return r.name }
func (r *recorder) Log(args ...any)           { r.note(fmt.Sprint(args...), false) }
func (r *recorder) Logf(f string, a ...any)   { r.note(fmt.Sprintf(f, a...), false) }
func (r *recorder) Error(args ...any)         { r.note(fmt.Sprint(args...), true) }
func (r *recorder) Errorf(f string, a ...any) { r.note(fmt.Sprintf(f, a...), true) }
func (r *recorder) Fatal(args ...any)         { r.Error(args...); runtime.Goexit() }
func (r *recorder) Fatalf(f string, a ...any) { r.Errorf(f, a...); runtime.Goexit() }
func (r *recorder) Fail()                     { r.note("Fail", true) }
func (r *recorder) FailNow()                  { r.Fail(); runtime.Goexit() }
func (r *recorder) Skip(args ...any)          { r.Log(args...); r.SkipNow() }
func (r *recorder) Skipf(f string, a ...any)  { r.Logf(f, a...); r.SkipNow() }

func (r *recorder) SkipNow() {
	r.mu.Lock()
	r.skipped = true
	r.mu.Unlock()
	runtime.Goexit()
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *recorder) Skipped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.skipped
}

// findings runs every case against a mutant and returns what each recorded.
func findings(t *testing.T, m mutant) map[string]*recorder {
	all := map[string]*recorder{}
	for _, one := range cases {
		r := &recorder{scope: scope{TB: t}, name: one.name}
		all[one.name] = r
		var done sync.WaitGroup
		done.Go(func() {
			defer r.end()
			defer func() {
				if e := recover(); e != nil {
					r.note(fmt.Sprint("panic: ", e), true)
				}
			}()
			config := Config{
				Rounds: 30, LargeBody: 1 << 18, Patience: 3 * time.Second,
				Small: m.open("small"), Down: m.open("down"), Stalled: m.open("stalled"),
				Garble: func(_ testing.TB, s store.Store, key core.Key, revision uint64) bool {
					s.(*bent).litter.plant(key, revision)
					return true
				},
				Peer:     func(_ testing.TB, s store.Store) store.Store { return s.(*bent).peer() },
				Sweeping: m.sweeping, Batch: batch,
			}
			config.check(r, one, m.open(""))
		})
		done.Wait()
	}
	return all
}

// searching names the cases that look for a fault by chance, or at all of a store at once. They may find what another case is for, or
// miss it.
var searching = []string{
	"model", "histories", "traces", "race-create", "race-replace", "race-delete", "race-delete-replace", "race-touch", "ended-during",
	"peer-race", "sweep-beside",
	"list-whole", "list-gone", "list-reaches", "list-stops", "list-beside",
}

// TestMutants proves that each case can fail, and fails for its own rule: each mutant breaks one rule, and exactly the
// cases that its row names report it (of the searching ones, at least those). The first name is usually the rule's own
// case; others stand there because they use what is broken.
func TestMutants(t *testing.T) {
	unproved := map[string]bool{}
	for _, one := range cases {
		unproved[one.name] = true
	}
	for _, m := range mutants {
		t.Run(strings.ReplaceAll(m.name, " ", "-"), func(t *testing.T) {
			var got []string
			all := findings(t, m)
			for _, one := range cases {
				r := all[one.name]
				if r.Skipped() {
					t.Errorf("%s was skipped: %s", one.name, r.log.String())
				}
				if r.Failed() && (!slices.Contains(searching, one.name) || slices.Contains(m.breaks, one.name)) {
					got = append(got, one.name)
					delete(unproved, one.name)
				}
				if text := r.log.String(); r.Failed() && !strings.Contains(text, one.rule) {
					t.Errorf("%s failed and did not quote its rule:\n%s", one.name, text)
				}
			}
			if !slices.Equal(got, m.breaks) {
				t.Errorf("broken cases: %q\nwant:         %q", got, m.breaks)
				for _, name := range got {
					if !slices.Contains(m.breaks, name) {
						t.Logf("%s: %s", name, all[name].log.String())
					}
				}
			}
		})
	}
	if !t.Failed() {
		for name := range unproved {
			t.Errorf("no mutant breaks the case %s, so nothing shows that it can fail", name)
		}
	}
}

// TestSound is the other half: the store under all mutants passes when nothing is bent.
func TestSound(t *testing.T) {
	m := mutant{name: "none", bend: func(*bent) {}}
	for name, r := range findings(t, m) {
		if r.Failed() || r.Skipped() {
			t.Errorf("%s: %s", name, r.log.String())
		}
	}
}

func TestCasesAreNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, one := range cases {
		if seen[one.name] || one.name == "" || !strings.HasSuffix(one.rule, ".") {
			t.Errorf("case %q has a name or rule that does not stand for itself", one.name)
		}
		seen[one.name] = true
	}
}

func TestSkip(t *testing.T) {
	r := &recorder{scope: scope{TB: t}, name: "create-load"}
	c := Config{Skip: map[string]string{"create-load": "it keeps nothing"}}
	var done sync.WaitGroup
	done.Go(func() { c.check(r, cases[1], func(testing.TB) store.Store { panic("opened") }) })
	done.Wait()
	if !r.Skipped() || r.Failed() || !strings.Contains(r.log.String(), "it keeps nothing") {
		t.Errorf("skipped %v, failed %v: %s", r.Skipped(), r.Failed(), r.log.String())
	}
}

// TestTracesAreTheContract holds the traces to the kit's own model: what the searches count on is what the other cases ask.
func TestTracesAreTheContract(t *testing.T) {
	all, err := readTraces(tracesPage)
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]int{}
	for _, trace := range all {
		of := map[core.Key]kept{}
		for _, c := range trace {
			calls[c.method+" "+c.want.answer]++
			next, want := of[c.key].apply(c.step)
			if want != c.want {
				t.Fatalf("%q, want %s:\n%s", c.text, want.told(), narrateTrace(trace))
			}
			of[c.key] = next
		}
	}
	t.Log(len(all), calls)
	for _, method := range []string{"Load", "Create", "Replace", "Touch", "Delete"} {
		if calls[method+" no error"] == 0 {
			t.Errorf("no %s succeeds", method)
		}
	}
	for _, refusal := range []string{
		"Load ErrNotFound", "Replace ErrNotFound", "Replace ErrConflict", "Touch ErrNotFound", "Touch ErrConflict",
		"Delete ErrNotFound", "Delete ErrConflict",
	} {
		if calls[refusal] == 0 {
			t.Errorf("nothing is answered by %s", refusal)
		}
	}
}

func TestReadTraces(t *testing.T) {
	all, err := readTraces("# a tree\n1 A load k: none\n2 B load k: none\n2 C load k: none\n1 - gone k at 1: none")
	if err != nil || len(all) != 3 || len(all[0]) != 2 || all[1][1].actor != 2 || all[2][0].method != "Delete" {
		t.Errorf("%v, %v", all, err)
	}
	for _, bad := range []string{"2 A load k: none", "x A load k: none", "1 A load", "1 A store k: ok", "1 A touch k at: ok", "1 A load k: 1 2", "0 A load k: ok"} {
		if _, err := readTraces(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}
