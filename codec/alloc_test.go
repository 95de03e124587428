package codec_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/internal/need"
)

// login is the session of 100 bytes that PERFORMANCE measures: no map, and so no allocation by cbor itself.
type login struct {
	User  int64     `cbor:"1,keyasint" json:"user"`
	Name  string    `cbor:"2,keyasint" json:"name"`
	Roles []string  `cbor:"3,keyasint" json:"roles"`
	Since time.Time `cbor:"4,keyasint" json:"since"`
}

var aLogin = login{
	User: 1_234_567, Name: "Ada Lovelace", Roles: []string{"customer", "editor", "beta-tester"},
	Since: time.Date(2026, 11, 20, 10, 0, 0, 123_456_789, time.UTC),
}

type loginKeeper struct {
	User  int64     `cbor:"1,keyasint"`
	Name  string    `cbor:"2,keyasint"`
	Roles []string  `cbor:"3,keyasint"`
	Since time.Time `cbor:"4,keyasint"`
	codec.Unknown
}

// bareEncoding and bareDecoding are cbor with the options that the payload's form depends on, and nothing around it.
var (
	bareEncoding = func() cbor.EncMode {
		o := cbor.CoreDetEncOptions()
		o.Time = cbor.TimeRFC3339NanoUTC
		m, err := o.EncMode()
		if err != nil {
			panic(err)
		}
		return m
	}()
	bareDecoding = func() cbor.DecMode {
		m, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF}.DecMode()
		if err != nil {
			panic(err)
		}
		return m
	}()
)

func allocs(t *testing.T, f func() error) int {
	t.Helper()
	if err := f(); err != nil {
		t.Fatal(err)
	}
	return int(testing.AllocsPerRun(200, func() { _ = f() }))
}

// TestAllocGates is a gate: encoding costs the value and the payload (and with an instant its text, by cbor), decoding
// what cbor costs and the copy that it works on.
func TestAllocGates(t *testing.T) {
	need.NoRace(t)
	c, keeper := codec.CBOR[login](), codec.CBOR[loginKeeper]()
	payload, err := c.Encode(aLogin)
	if err != nil {
		t.Fatal(err)
	}
	cbors := allocs(t, func() error { return bareDecoding.Unmarshal([]byte(payload), new(login)) }) - 1 // its argument
	versions := codec.Fallback(codec.Version(1, c), codec.Prefixed("w", c))
	marked := "v1:" + payload
	for _, gate := range []struct {
		name string
		most int
		run  func() error
	}{
		{"encode", 2, func() error { _, err := c.Encode(login{Name: "Ada", Roles: aLogin.Roles}); return err }},
		{"encode an instant", 3, func() error { _, err := c.Encode(aLogin); return err }},
		{"encode a version", 3, func() error { _, err := versions.Encode(aLogin); return err }},
		{"encode with an Unknown", 2, func() error { _, err := keeper.Encode(loginKeeper{User: 1}); return err }},
		{"decode", cbors + 1, func() error { _, err := c.Decode(payload); return err }},
		{"decode for an Unknown", cbors + 1, func() error { _, err := keeper.Decode(payload); return err }},
		{"decode a version", cbors + 1, func() error { _, err := versions.Decode(marked); return err }},
		{"encode text", 0, func() error { _, err := codec.Text[string]().Encode("x"); return err }},
		{"decode text", 0, func() error { _, err := codec.Text[string]().Decode("x"); return err }},
	} {
		if got := allocs(t, gate.run); got > gate.most {
			t.Errorf("%s: %d allocations, at most %d", gate.name, got, gate.most)
		}
	}
}

// TestHostileLengthsTakeNoMemory shows that a length which a payload merely claims is not believed.
func TestHostileLengthsTakeNoMemory(t *testing.T) {
	plain, keeper := codec.CBOR[login](), codec.CBOR[loginKeeper]()
	for name, payload := range map[string]string{
		"array": "\xa1\x03\x9a\x00\x01\xff\xff",
		"map":   "\xa1\x02\xba\x00\x01\xff\xff",
		"bytes": "\xa1\x01\x5a\x7f\xff\xff\xff",
		"text":  "\xa1\x01\x7a\x7f\xff\xff\xff",
		"depth": strings.Repeat("\x81", 1<<16),
	} {
		for _, decode := range []func(string) error{
			func(p string) error { _, err := plain.Decode(p); return err },
			func(p string) error { _, err := keeper.Decode(p); return err },
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := decode(payload)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Errorf("%s: accepted", name)
			}
			if spent := after.TotalAlloc - before.TotalAlloc; spent > uint64(8*len(payload)+64<<10) {
				t.Errorf("%s: %d bytes for a payload of %d", name, spent, len(payload))
			}
		}
	}
}
