package store_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

func anyRecord(t *rapid.T) core.Record {
	return core.Record{
		Revision: rapid.Uint64Range(1, 1<<63-1).Draw(t, "revision"),
		Seen:     rapid.Int64Range(0, core.MaxInstant).Draw(t, "seen"),
		Deadline: rapid.Int64Range(0, core.MaxInstant).Draw(t, "deadline"),
		Body:     string(rapid.SliceOf(rapid.Byte()).Draw(t, "body")),
	}
}

// What is spelled is read back, and each of its bytes but the body's and the numbers' matters.
func TestLayoutBothWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rec := anyRecord(t)
		value, err := store.AppendRecord([]byte("before"), rec)
		if err != nil || string(value[:6]) != "before" || len(value) != 6+21+len(rec.Body) {
			t.Fatalf("%d bytes, %v", len(value), err)
		}
		if got, err := store.ReadRecord(string(value[6:])); err != nil || got != rec {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

// What is not a record is garbled, with its revision where a later layout has one.
func TestLayoutGarbled(t *testing.T) {
	value, err := store.AppendRecord(nil, core.Record{Revision: 7, Seen: 1, Deadline: 2, Body: "body"})
	if err != nil {
		t.Fatal(err)
	}
	with := func(version byte) string { return string(append([]byte{version}, value[1:]...)) }
	for _, c := range []struct {
		value    string
		revision uint64
	}{
		{"", 0},
		{"a text that somebody else left here", 0},
		{with(0), 0},
		{with(32), 0},
		{with(2), 7},
		{with(31), 7},
		{string(value[:8]), 0},
		{string(value[:9]), 7},
		{string(value[:20]), 7},
		{"\x01\x00\x00\x00\x00\x00\x00\x00\x00" + string(value[9:]), 0},
		{"\x01\xff\xff\xff\xff\xff\xff\xff\xff" + string(value[9:]), 0},
	} {
		rec, err := store.ReadRecord(c.value)
		if !errors.Is(err, store.ErrGarbled) || rec != (core.Record{Revision: c.revision}) {
			t.Errorf("%q: %v, %v, want revision %d", c.value, rec, err, c.revision)
		}
	}
}

func TestLayoutRefuses(t *testing.T) {
	for _, rec := range []core.Record{
		{},
		{Revision: 1 << 63},
		{Revision: 1, Seen: -1},
		{Revision: 1, Deadline: -1},
		{Revision: 1, Seen: core.MaxInstant + 1},
		{Revision: 1, Deadline: core.MaxInstant + 1},
	} {
		if value, err := store.AppendRecord(nil, rec); err == nil || value != nil {
			t.Errorf("%+v is spelled %q", rec, value)
		}
	}
}

func FuzzReadRecord(f *testing.F) {
	f.Add("")
	f.Add("\x01\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x02body")
	f.Add("\x02\x00\x00\x00\x00\x00\x00\x00\x07")
	f.Fuzz(func(t *testing.T, value string) {
		rec, err := store.ReadRecord(value)
		if err != nil {
			if !errors.Is(err, store.ErrGarbled) || rec != (core.Record{Revision: rec.Revision}) {
				t.Fatal(rec, err)
			}
			return
		}
		if again, err := store.AppendRecord(nil, rec); err != nil || string(again) != value {
			t.Fatalf("%q is read, and spelled %q, %v", value, again, err)
		}
	})
}
