package msgpack

import (
	"strings"
	"testing"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/internal/need"
)

// FuzzDecode: what is read can be written, and is the same from then on; and what is not read is undecodable, whatever the library
// underneath does with it.
func FuzzDecode(f *testing.F) {
	type value struct {
		Name  string
		Count int
		Tags  []string
		Notes map[string]string
	}
	c := New[value]()
	good, err := c.Encode(value{"Ann", -1, []string{"tea"}, map[string]string{"a": "b"}})
	if err != nil {
		f.Fatal(err)
	}
	for _, payload := range []string{good, good + "\x00", good[:len(good)-1], "", "\x80", "\xc0", "\xdd\xff\xff\xff\xff", "\xdf\xff\xff\xff\xff", "\x82\xc60000", "\x84\xa4Tags\xdd0000", strings.Repeat("\x91", 10_000)} {
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		// The library makes room for bytes that are announced a mebibyte at a time, and under the race detector for two.
		var v value
		var whole bool
		var err error
		need.AtMost(t, uint64(3<<20+128*len(payload)), func() { v, whole, err = codec.Read(c, payload) })
		if err != nil {
			if whole {
				t.Errorf("whole in spite of %v", err)
			}
			return
		}
		first, err := c.Encode(v)
		if err != nil {
			t.Fatalf("%q is read, and cannot be written: %v", payload, err)
		}
		again, err := c.Decode(first)
		if err != nil {
			t.Fatalf("%q is written as %q, which is not read: %v", payload, first, err)
		}
		if second, err := c.Encode(again); err != nil || second != first {
			t.Fatalf("%q became %q, then %q, %v", payload, first, second, err)
		}
	})
}
