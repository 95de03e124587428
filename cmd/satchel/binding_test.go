//go:build unix

package main

import (
	"strings"
	"testing"
)

// A kind or an audience that no program can have is a call that makes no sense, and says nothing of the token.
func TestABindingThatCannotBe(t *testing.T) {
	d := newDesk(t)
	d.call("satchel key new keys")
	d.fill(engines["directory"](t))
	long := strings.Repeat("k", 65)
	longer := strings.Repeat("a", 256)
	for _, flags := range []string{"-kind " + long, "-kind cart -audience " + longer, "-audience " + longer} {
		calls := []string{"token inspect " + flags + " token", "token inspect -keys keys " + flags + " token"}
		if strings.Contains(flags, "-kind") {
			calls = append(calls, "store end -token token "+flags+" kept")
		}
		for _, line := range calls {
			got := d.call("satchel " + line)
			if !strings.HasSuffix(got, "[exit 2]\n") || strings.Contains(got, "refused") || strings.Contains(got, "kkk") || strings.Contains(got, "aaa") {
				t.Errorf("%s: %s", line, got)
			}
		}
	}
	if got := d.call("satchel token inspect -kind " + long[1:] + " -audience " + longer[1:] + " token"); strings.Contains(got, "[exit") {
		t.Error(got)
	}
}
