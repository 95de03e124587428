package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

// A timer rotates a keyring, and an operator revokes a key at the same moment: one of them goes first, and the other is told.
func TestOneChangeOfAKeyringAtATime(t *testing.T) {
	d := newDesk(t)
	d.call("satchel key new keys")
	d.now = d.now.Add(720 * time.Hour)
	var said, revoked string
	var out, errs bytes.Buffer
	timer := d.tool(new(bytes.Buffer), &out, &errs)
	timer.entropy = reader(func(b []byte) (int, error) { // drawn between the reading and the writing
		revoked = d.call("satchel key revoke keys k1")
		said = d.call("satchel key rotate -dry-run keys")
		return d.Read(b)
	})
	if code := timer.run(t.Context(), []string{"key", "rotate", "keys"}); code != done || !strings.Contains(out.String(), "k2") {
		t.Errorf("the timer: exit %d, %s%s", code, out.String(), errs.String())
	}
	want := "! satchel: keys is changed by another at this moment; try again (or, if that was killed, remove keys.lock)\n[exit 1]\n"
	if revoked != want {
		t.Errorf("the operator: %s", revoked)
	}
	if strings.Contains(said, "[exit") { // it changes nothing
		t.Errorf("a dry run: %s", said)
	}
	if got := d.call("satchel key revoke keys k1"); strings.Contains(got, "[exit") {
		t.Errorf("the operator again: %s", got)
	}
}

// Whatever comes of a change, its lock is taken away; that of another is not.
func TestTheLockOfAKeyring(t *testing.T) {
	d := newDesk(t)
	d.call("satchel key new keys")
	d.write("bad", "none")
	for _, line := range []string{"key rotate keys", "key revoke keys k9", "key rotate bad", "key revoke -dry-run keys k1", "key revoke keys k1"} {
		d.call("satchel " + line)
		for _, lock := range []string{"keys.lock", "bad.lock"} {
			if _, err := os.Stat(lock); !os.IsNotExist(err) {
				t.Errorf("after %s: %s, %v", line, lock, err)
			}
		}
	}
	before, err := os.ReadFile("keys")
	must(t, err)
	d.write("keys.lock", "")
	d.now = d.now.Add(720 * time.Hour)
	must(t, os.Symlink("keys", "link"))
	for _, path := range []string{"keys", "link"} {
		if got := d.call("satchel key rotate " + path); !strings.Contains(got, "remove keys.lock") || !strings.HasSuffix(got, "[exit 1]\n") {
			t.Errorf("%s: %s", path, got)
		}
	}
	after, err := os.ReadFile("keys")
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("%q, %v", after, err)
	}
	if _, err := os.Stat("keys.lock"); err != nil {
		t.Error(err)
	}
}
