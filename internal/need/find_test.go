package need

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Servers that packages keep off the PATH are found too, of several versions the last.
func TestFindElsewhere(t *testing.T) {
	top := t.TempDir()
	t.Setenv("PATH", t.TempDir())
	for _, version := range []string{"14", "15"} {
		bin := filepath.Join(top, version, "bin")
		if err := os.MkdirAll(bin, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(bin, "initdb"), []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	want := filepath.Join(top, "15", "bin", "initdb")
	if got, ok := find([]string{"initdb"}, []string{filepath.Join(top, "*", "bin")}); !ok || got != want {
		t.Errorf("got %q, %v, want %q", got, ok, want)
	}
	if got, ok := find([]string{"pg_ctl"}, []string{filepath.Join(top, "*", "bin")}); ok {
		t.Errorf("found %q, which is not there", got)
	}
}

type said string

func (s *said) Helper() {}

func (s *said) Skipf(format string, args ...any) { *s = said(fmt.Sprintf(format, args...)) }

func (s *said) Fatalf(format string, args ...any) {
	*s = said("fatal: " + fmt.Sprintf(format, args...))
}

func TestNoRace(t *testing.T) {
	var s said
	if NoRace(&s); (s != "") != race || Race() != race {
		t.Errorf("race is %v, and it said %q", race, s)
	}
}
