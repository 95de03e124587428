package codec_test

import (
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/satchel-go/satchel/codec"
)

// mixed has what a decoder may stumble over: types that read themselves, raw messages, arrays, embedded structs.
type mixed struct {
	line
	Raw   cbor.RawMessage  `cbor:"r,omitempty"`
	Addr  netip.Addr       `cbor:"o"`
	Bytes [4]byte          `cbor:"b"`
	Keys  map[[2]byte]bool `cbor:"k"`
	Bools map[bool]*int8   `cbor:"l"`
	Times []time.Time      `cbor:"t"`
	Float float32          `cbor:"f"`
}

// settles is the law of every decoder: what it accepts as whole can be written, and is the same from then on. (Payloads are
// compared, because a float may be NaN.)
func settles[T any](t *testing.T, c codec.Codec[T], payload string) {
	t.Helper()
	v, whole, err := codec.Read(c, payload)
	if err != nil {
		if whole {
			t.Errorf("%T is whole in spite of %v", v, err)
		}
		return
	}
	first, err := c.Encode(v)
	if err != nil && !whole {
		return // such as an instant that is after the year 9999 in UTC, which is what CBOR writes
	}
	if err != nil {
		t.Fatalf("%T: accepted %q, and cannot write it: %v", v, payload, err)
	}
	again, whole, err := codec.Read(c, first)
	if err != nil || !whole {
		t.Fatalf("%T: wrote %q for %q, and reads it so: %v, %v", v, first, payload, whole, err)
	}
	if second, err := c.Encode(again); err != nil || second != first {
		t.Fatalf("%T: %q became %q, then %q, %v", v, payload, first, second, err)
	}
}

// requireSeeds fails a target whose committed seeds are gone, for it would prove little.
func requireSeeds(f *testing.F) {
	f.Helper()
	if seeds, err := filepath.Glob(filepath.Join("testdata", "fuzz", f.Name(), "*")); err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
}

func FuzzCBOR(f *testing.F) {
	requireSeeds(f)
	small, keeper, weird := codec.CBOR[cart](), codec.CBOR[oldKeeper](), codec.CBOR[mixed]()
	little := codec.CBOR[narrow]()
	number, list, pointer := codec.CBOR[uint8](), codec.CBOR[[]map[string]string](), codec.CBOR[*line]()
	f.Fuzz(func(t *testing.T, payload string) {
		settles(t, small, payload)
		settles(t, keeper, payload)
		settles(t, weird, payload)
		settles(t, little, payload)
		settles(t, number, payload)
		settles(t, list, payload)
		settles(t, pointer, payload)
	})
}

func FuzzJSON(f *testing.F) {
	requireSeeds(f)
	small, keeper, text := codec.JSON[cart](), codec.JSON[oldKeeper](), codec.JSON[map[folded]string]()
	little, deep := codec.JSON[narrow](), codec.JSON[deepNames]()
	f.Fuzz(func(t *testing.T, payload string) {
		settles(t, small, payload)
		settles(t, keeper, payload)
		settles(t, little, payload)
		settles(t, deep, payload)
		// Keys that write other text than they read break the law by themselves: of such a type only a panic is a fault.
		if v, _, err := codec.Read(text, payload); err == nil {
			_, _ = text.Encode(v)
		}
	})
}

func FuzzVersioned(f *testing.F) {
	requireSeeds(f)
	f.Fuzz(func(t *testing.T, payload string) { settles(t, orders3, payload) })
}

func FuzzFallback(f *testing.F) {
	requireSeeds(f)
	c := codec.Fallback(
		codec.Prefixed("c2:", codec.CBOR[oldCart]()), codec.Version(1, codec.CBOR[oldCart]()),
		codec.StartingWith("{", codec.JSON[oldCart]()), codec.CBOR[oldCart](),
	)
	f.Fuzz(func(t *testing.T, payload string) { settles(t, c, payload) })
}

func FuzzPlain(f *testing.F) {
	requireSeeds(f)
	text, bytes := codec.Text[tag](), codec.Bytes[blob]()
	f.Fuzz(func(t *testing.T, payload string) {
		settles(t, text, payload)
		settles(t, bytes, payload)
	})
}
