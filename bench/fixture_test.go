package bench_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/satchel-go/satchel/bench/fixture"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/internal/need"
)

// What is said of sizes is said of these values.
func TestFixturesHaveTheirSizes(t *testing.T) {
	for name, f := range map[string]struct {
		v       any
		between [2]int
	}{
		"login":    {fixture.TheLogin(), [2]int{120, 120}},
		"1 KB":     {fixture.Cart1K(), [2]int{1000, 1000}},
		"3 KB":     {fixture.Cart3K(), [2]int{3000, 3000}},
		"as array": {fixture.Cart3K().Array(), [2]int{2970, 3400}},
	} {
		text, err := json.Marshal(f.v)
		if err != nil || len(text) < f.between[0] || len(text) > f.between[1] {
			t.Errorf("%s: %d bytes of JSON, %v, want %v", name, len(text), err, f.between)
		}
	}
}

// Each contender gives back what it was given, and Satchel's tokens have the lengths that are promised.
func TestTokensComeBack(t *testing.T) {
	small := comeBack(t, fixture.TheLogin(), logins(t))
	middle := comeBack(t, fixture.Cart1K(), carts(t, fixture.Cart1K()))
	large := comeBack(t, fixture.Cart3K(), carts(t, fixture.Cart3K()))
	t.Logf("characters: %v %v %v", small, middle, large)
	if small["satchel"] > 200 || large["satchel"] > 2100 {
		t.Errorf("a token of %d characters for the login, of %d for the cart, want at most 200 and 2100",
			small["satchel"], large["satchel"])
	}
}

func comeBack[T any](t *testing.T, v T, all []contender[T]) map[string]int {
	t.Helper()
	lengths := map[string]int{}
	for _, c := range all {
		token, err := c.seal(&v)
		if err != nil {
			t.Fatal(c.name, err)
		}
		lengths[c.name] = len(token)
		var got T
		if err := c.open(token, &got); err != nil {
			t.Fatal(c.name, err)
		}
		if c.name != "floor" && !reflect.DeepEqual(got, v) { // the floor reads an array of its own
			t.Errorf("%s: %v came back as %v", c.name, v, got)
		}
	}
	return lengths
}

// At most 2 allocations to encode and seal, and the codec's own and 2 to open and decode.
func TestAllocTokens(t *testing.T) {
	need.NoRace(t)
	allocTokens(t, "login", fixture.TheLogin())
	allocTokens(t, "3 KB", fixture.Cart3K())
}

func allocTokens[T any](t *testing.T, name string, v T) {
	t.Helper()
	s, c := satchelTokens[T](t), codec.CBOR[T]()
	payload, token := must(c.Encode(v)), must(s.seal(&v))
	encoding := testing.AllocsPerRun(100, func() { _, _ = c.Encode(v) })
	decoding := testing.AllocsPerRun(100, func() { _, _ = c.Decode(payload) })
	seal := testing.AllocsPerRun(100, func() { _, _ = s.seal(&v) })
	var got T
	open := testing.AllocsPerRun(100, func() { _ = s.open(token, &got) })
	t.Logf("%s: encode %v, encode and seal %v; decode %v, open and decode %v", name, encoding, seal, decoding, open)
	if seal > encoding+2 || open > decoding+2 {
		t.Errorf("%s: %v allocations to encode and seal, encoding %v of them; %v to open and decode, decoding %v; want 2 more",
			name, seal, encoding, open, decoding)
	}
}
