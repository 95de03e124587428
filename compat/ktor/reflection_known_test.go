package ktor_test

import (
	"math/big"
	"testing"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/compat/ktor"
)

func TestK10ReflectionReadsABareHash(t *testing.T) {
	type two struct {
		Test int      `ktor:"test"`
		List []string `ktor:"list"`
	}
	reads(ktor.Reflection[two](), two{1, []string{"a", "b", "c"}})(t, vector{text: "test=#i1&list=#cl%23sa%26%23sb%26%23sc", outcome: "ok"})
}

// comesBack writes a value and reads it.
func comesBack[T any](t *testing.T, v T, options ...ktor.SerializerOption) {
	t.Helper()
	c := ktor.Reflection[T](options...)
	text, err := c.Encode(v)
	if err != nil {
		t.Errorf("%+v: %v", v, err)
		return
	}
	if got, whole, err := codec.Read(c, text); !same(got, v) || !whole || err != nil {
		t.Errorf("%+v came back from %q as %+v, %v, %v", v, text, got, whole, err)
	}
}

// K11: the values of Ktor's AutoSerializerTest. Java's kinds of lists, sets and maps are one in Go.
func TestK11ReflectionRoundTrips(t *testing.T) {
	comesBack(t, prim{I: 1, S: "sss", L: 2, B1: true, Ch: 'a', F: 1, D: 1})
	comesBack(t, list("a", "b", "c"))
	comesBack(t, setOf[string]{[]string{"a", "b"}})
	comesBack(t, of[map[string]struct{}]{map[string]struct{}{"a": {}, "b": {}}})
	comesBack(t, pairsOf("k", "v", "k2", "v2"))
	comesBack(t, add{BD: decimal("0"), BI: *big.NewInt(10), OP: ktor.Some("a"), UUID: [16]byte{1, 2, 15: 3}})
	comesBack(t, enu{E: "B", L: []en{"B"}, S: []en{"A"}, M: map[en]en{"A": "B"}}, theEnum)
	comesBack(t, comp{part{I: 779, S: "s"}})
	comesBack(t, ss{834})
	comesBack(t, sealedBase(ss{834}), theSealed)
	comesBack(t, sealedBase(object{}), theSealed)
	comesBack(t, withSealed{ss{834}}, theSealed)
	comesBack(t, withSealed{object{}}, theSealed)
}
