package redis

import (
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
)

// The layout is for good: programs of different ages share a database.
func TestLayout(t *testing.T) {
	for _, c := range []struct {
		rec  core.Record
		want string
	}{
		{core.Record{}, "\x01" + strings.Repeat("\x00", 20)},
		{
			core.Record{Revision: 0x0102030405060708, Seen: 0x111213141516, Deadline: 0x212223242526, Body: "body"},
			"\x01\x01\x02\x03\x04\x05\x06\x07\x08\x11\x12\x13\x14\x15\x16\x21\x22\x23\x24\x25\x26body",
		},
		{
			core.Record{Revision: 1<<64 - 1, Seen: core.MaxInstant, Deadline: core.MaxInstant, Body: "\x00"},
			"\x01" + strings.Repeat("\xff", 20) + "\x00",
		},
	} {
		got, err := encode(c.rec)
		if err != nil || got != c.want {
			t.Errorf("encode(%+v) = %q, %v, want %q", c.rec, got, err, c.want)
		}
		if rec, ok := decode(c.want); !ok || rec != c.rec {
			t.Errorf("decode(%q) = %+v, %v, want %+v", c.want, rec, ok, c.rec)
		}
	}
}

func TestLayoutHasNoOtherInstants(t *testing.T) {
	for _, rec := range []core.Record{{Seen: -1}, {Deadline: -1}, {Seen: core.MaxInstant + 1}, {Deadline: core.MaxInstant + 1}} {
		if value, err := encode(rec); err == nil {
			t.Errorf("encode(%+v) = %q", rec, value)
		}
	}
}

// Whatever somebody wrote under a key, it is a record that is spelled in this one way, or none.
func FuzzDecode(f *testing.F) {
	good, err := encode(core.Record{Revision: 7, Seen: 1, Deadline: 2, Body: "body"})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "\x01", "foreign", good, good[:headSize], good[:headSize-1], "\x02" + good[1:], "\x00" + good[1:]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		var rec core.Record
		var ok bool
		need.Proportion(t, len(value), func() { rec, ok = decode(value) })
		if ok != (len(value) >= headSize && value[0] == layout) {
			t.Fatalf("decode(%q) gave %v", value, ok)
		}
		if !ok {
			want := core.Record{}
			if len(value) >= seenAt && value[0] >= 1 && value[0] <= layouts {
				want.Revision = number(value[1:seenAt])
			}
			if rec != want {
				t.Fatalf("%q was refused with %+v, want %+v", value, rec, want)
			}
			return
		}
		if again, err := encode(rec); err != nil || again != value {
			t.Fatalf("%q came back as %q, %v", value, again, err)
		}
	})
}
