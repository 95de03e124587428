package need_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/internal/need"
)

// outcome records what need did to a test.
type outcome struct{ said string }

func (o *outcome) Helper() {}

func (o *outcome) Skipf(format string, args ...any) { o.said = "skip: " + fmt.Sprintf(format, args...) }

func (o *outcome) Fatalf(format string, args ...any) {
	o.said = "fail: " + fmt.Sprintf(format, args...)
}

func TestBinaryThatIsThere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "satchel-no-such-server")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	var o outcome
	if got := need.Binary(&o, "satchel-another-name", "satchel-no-such-server"); got != path || o.said != "" {
		t.Errorf("got %q and %q, want %q and nothing", got, o.said, path)
	}
}

func TestBinaryThatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, c := range []struct{ ci, want string }{
		{"", "skip: satchel-no-such-server is not installed here: install it to run this test"},
		{"false", "skip: "},
		{"0", "skip: "},
		{"true", "fail: satchel-no-such-server is not installed here, and CI must have it"},
		{"1", "fail: "},
	} {
		t.Setenv("CI", c.ci)
		var o outcome
		if got := need.Binary(&o, "satchel-no-such-server"); got != "" || !strings.HasPrefix(o.said, c.want) {
			t.Errorf("CI=%q: got %q and %q, want %q", c.ci, got, o.said, c.want)
		}
	}
}

func TestLongIsAskedFor(t *testing.T) {
	for value, want := range map[string]string{"": "skip: takes long: run it by ./test long", "0": "skip: takes long: run it by ./test long", "1": ""} {
		t.Setenv("SATCHEL_LONG", value)
		var o outcome
		if need.Long(&o); o.said != want {
			t.Errorf("SATCHEL_LONG=%q: got %q, want %q", value, o.said, want)
		}
	}
}

func TestDetectorIsAskedFor(t *testing.T) {
	for ci, want := range map[string]string{
		"": "skip: asks the race detector: run it with -race", "1": "fail: asks the race detector, and CI must have it: run it with -race",
	} {
		t.Setenv("CI", ci)
		if need.Race() {
			want = ""
		}
		var o outcome
		if need.Detector(&o); o.said != want {
			t.Errorf("CI=%q: got %q, want %q", ci, o.said, want)
		}
	}
}
