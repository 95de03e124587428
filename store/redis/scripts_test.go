//go:build unix

package redis_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/redis"
)

// A script's name is what a server calls it: under another one each call would cost a second round trip.
func TestScriptNames(t *testing.T) {
	c := start(t).client()
	for text, name := range redis.Scripts() {
		if got, err := do(t, c, "SCRIPT", "LOAD", text).ToString(); err != nil || got != name {
			t.Errorf("the server says %q (%v), the program %q, of the script\n%s", got, err, name, text)
		}
	}
}

// The text of a script is sent to a server once.
func TestScriptsAreRemembered(t *testing.T) {
	c := start(t).client()
	s := open(t, c)
	must(t, s.Create(t.Context(), "k", core.Record{Revision: 1, Deadline: core.MaxInstant}))
	for revision := uint64(1); revision < 10; revision++ {
		must(t, s.Replace(t.Context(), "k", revision, core.Record{Revision: revision + 1, Deadline: core.MaxInstant}))
	}
	stats, err := do(t, c, "INFO", "commandstats").ToString()
	must(t, err)
	if !strings.Contains(stats, "cmdstat_eval:calls=1,") || !strings.Contains(stats, "cmdstat_evalsha:calls=9,") {
		t.Error("want 1 EVAL and 9 EVALSHA in:\n" + stats)
	}
}

// A server that has forgotten its scripts, or a new one, is told them again.
func TestScriptsForgotten(t *testing.T) {
	c := start(t).client()
	s := open(t, c)
	must(t, s.Create(t.Context(), "k", core.Record{Revision: 1, Deadline: core.MaxInstant}))
	for revision := uint64(1); revision < 4; revision++ {
		do(t, c, "SCRIPT", "FLUSH")
		must(t, s.Replace(t.Context(), "k", revision, core.Record{Revision: revision + 1, Deadline: core.MaxInstant}))
	}
	do(t, c, "SCRIPT", "FLUSH")
	must(t, s.Touch(t.Context(), "k", 4, 1, core.MaxInstant))
	do(t, c, "SCRIPT", "FLUSH")
	must(t, s.Delete(t.Context(), "k", 4))
	if err := s.Delete(t.Context(), "k", 4); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}

// Where SHA-1 is forbidden everything works.
func TestFIPS(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestScriptsForgotten$", "-test.v")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	must(t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
