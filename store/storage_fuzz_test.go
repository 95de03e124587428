package store

import (
	"errors"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// FuzzStorageText reads any text that a simple storage kept: a record that is spelled in this one way, or garbled, with a revision at most
// where only its sum or its tail is broken.
func FuzzStorageText(f *testing.F) {
	text, err := storageText(core.Record{Revision: 7, Seen: 1, Deadline: 2, Body: "body"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("")
	f.Add(text)
	for i := range text {
		f.Add(text[:i])
		changed := []byte(text)
		changed[i] ^= 1
		f.Add(string(changed))
	}
	f.Fuzz(func(t *testing.T, s string) {
		rec, err := readStorageText(s)
		if err != nil {
			if !errors.Is(err, ErrGarbled) || rec != (core.Record{Revision: rec.Revision}) {
				t.Fatalf("%q gives %+v, %v", s, rec, err)
			}
			return
		}
		if again, err := storageText(rec); err != nil || again != s {
			t.Fatalf("%q is spelled %q, %v", s, again, err)
		}
	})
}
