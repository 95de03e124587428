package ktor

import (
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/promises"
)

func TestDirectoryGuarantees(t *testing.T) {
	d, _ := open(t)
	promises.Check(t, "compat/ktor.Directory", d)
}

// Two who have read one session both change it, and both changes are acknowledged: the first is lost, and neither is told.
func TestDirectoryLosesOneOfTwo(t *testing.T) {
	ours, dir := open(t)
	theirs, err := OpenDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	key := core.Key(strings.Repeat("a1", 32))
	if err := ours.Create(t.Context(), key, core.Record{Revision: 1, Deadline: core.MaxInstant, Body: "body"}); err != nil {
		t.Fatal(err)
	}
	read, err := ours.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	for body, d := range map[string]*Directory{"ours": ours, "theirs": theirs} {
		if err := d.Replace(t.Context(), key, read.Revision, core.Record{Revision: read.Revision + 1, Deadline: core.MaxInstant, Body: body}); err != nil {
			t.Errorf("%s was refused, so the page says too little of it: %v", body, err)
		}
	}
}
