package codec_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/codec"
)

// formats runs a test for both formats that know fields.
func formats(t *testing.T, test func(t *testing.T, old codec.Codec[oldCart], keeper codec.Codec[oldKeeper], now codec.Codec[newCart])) {
	t.Run("cbor", func(t *testing.T) {
		test(t, codec.CBOR[oldCart](), codec.CBOR[oldKeeper](), codec.CBOR[newCart]())
	})
	t.Run("json", func(t *testing.T) {
		test(t, codec.JSON[oldCart](), codec.JSON[oldKeeper](), codec.JSON[newCart]())
	})
}

// TestUnknownSurvivesAWrite is a rolling deploy: a new node writes, an old one changes what it knows, and the new one finds
// all the rest as it was.
func TestUnknownSurvivesAWrite(t *testing.T) {
	formats(t, func(t *testing.T, _ codec.Codec[oldCart], keeper codec.Codec[oldKeeper], now codec.Codec[newCart]) {
		rapid.Check(t, func(rt *rapid.T) {
			v := anyNewCart(rt)
			payload, err := now.Encode(v)
			if err != nil {
				rt.Fatal(err)
			}
			old, whole, err := codec.Read(keeper, payload)
			if err != nil || !whole {
				rt.Fatalf("%v, %v", whole, err)
			}
			same, err := keeper.Encode(old)
			if err != nil {
				rt.Fatal(err)
			}
			if back, err := now.Decode(same); err != nil || !reflect.DeepEqual(back, v) {
				rt.Fatalf("%+v became %+v, %v", v, back, err)
			}
			v.Items, v.Owner = []string{"changed"}, "old node"
			old.Items, old.Owner = v.Items, v.Owner
			changed, err := keeper.Encode(old)
			if err != nil {
				rt.Fatal(err)
			}
			if back, err := now.Decode(changed); err != nil || !reflect.DeepEqual(back, v) {
				rt.Fatalf("%+v became %+v, %v", v, back, err)
			}
		})
	})
}

// In CBOR, where the order of pairs is settled, what passes through an old node unchanged is the same payload.
func TestUnknownKeepsThePayload(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		payload, err := codec.CBOR[newCart]().Encode(anyNewCart(rt))
		if err != nil {
			rt.Fatal(err)
		}
		old, err := codec.CBOR[oldKeeper]().Decode(payload)
		if err != nil {
			rt.Fatal(err)
		}
		if same, err := codec.CBOR[oldKeeper]().Encode(old); err != nil || same != payload {
			rt.Fatalf("%x became %x, %v", payload, same, err)
		}
	})
}

func TestWithoutUnknownAReadIsNotWhole(t *testing.T) {
	formats(t, func(t *testing.T, old codec.Codec[oldCart], _ codec.Codec[oldKeeper], now codec.Codec[newCart]) {
		payload, err := now.Encode(newCart{Owner: "o", Size: 3})
		if err != nil {
			t.Fatal(err)
		}
		v, whole, err := codec.Read(old, payload)
		if err != nil || whole || v.Owner != "o" {
			t.Errorf("%+v, %v, %v", v, whole, err)
		}
		if payload, err = old.Encode(oldCart{Owner: "o"}); err != nil {
			t.Fatal(err)
		}
		if _, whole, err := codec.Read(now, payload); err != nil || !whole {
			t.Errorf("an older payload: %v, %v", whole, err)
		}
	})
}

// What a struct further in does not know cannot be kept, and is told.
func TestUnknownFurtherInIsNotWhole(t *testing.T) {
	type oldLine struct {
		Name string `json:"name"`
	}
	type newLine struct {
		Name string `json:"name"`
		Tax  int    `json:"tax"`
	}
	type now struct {
		Lines []newLine `json:"lines"`
		More  int       `json:"more"`
	}
	type keeper struct {
		Lines []oldLine `json:"lines"`
		codec.Unknown
	}
	test := func(n codec.Codec[now], k codec.Codec[keeper]) {
		payload, err := n.Encode(now{Lines: []newLine{{"a", 1}}, More: 7})
		if err != nil {
			t.Fatal(err)
		}
		v, whole, err := codec.Read(k, payload)
		if err != nil || whole || len(v.Lines) != 1 || v.Lines[0].Name != "a" {
			t.Errorf("%s: %+v, %v, %v", k.Name(), v, whole, err)
		}
	}
	test(codec.CBOR[now](), codec.CBOR[keeper]())
	test(codec.JSON[now](), codec.JSON[keeper]())
}

// A migration may carry an Unknown into a type that knows the field by now.
func TestKnownFieldWinsOverUnknown(t *testing.T) {
	type wider struct {
		Items []string `cbor:"1,keyasint" json:"items"`
		Owner string   `cbor:"owner" json:"owner"`
		Color string   `cbor:"color,omitempty" json:"color,omitempty"`
		codec.Unknown
	}
	formats(t, func(t *testing.T, _ codec.Codec[oldCart], keeper codec.Codec[oldKeeper], now codec.Codec[newCart]) {
		w := codec.CBOR[wider]()
		if keeper.Name() == "json" {
			w = codec.JSON[wider]()
		}
		payload, err := now.Encode(newCart{Color: "red", Size: 3, Minus: true})
		if err != nil {
			t.Fatal(err)
		}
		old, err := keeper.Decode(payload)
		if err != nil {
			t.Fatal(err)
		}
		for _, color := range []string{"blue", ""} {
			if payload, err = w.Encode(wider{Color: color, Unknown: old.Unknown}); err != nil {
				t.Fatal(err)
			}
			if v, err := now.Decode(payload); err != nil || v.Color != color || v.Size != 3 || !v.Minus {
				t.Errorf("%+v, %v", v, err)
			}
		}
	})
}

func TestUnknownOfAnotherFormatIsNotWritten(t *testing.T) {
	cborV, err := codec.CBOR[oldKeeper]().Decode("\xa1\x61z\x01")
	if err != nil {
		t.Fatal(err)
	}
	jsonV, err := codec.JSON[oldKeeper]().Decode(`{"z":1}`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := codec.JSON[oldKeeper]().Encode(cborV); !errors.Is(err, codec.ErrIncomplete) {
		t.Errorf("CBOR's in JSON: %v", err)
	}
	if _, err := codec.CBOR[oldKeeper]().Encode(jsonV); !errors.Is(err, codec.ErrIncomplete) {
		t.Errorf("JSON's in CBOR: %v", err)
	}
}

// A foreign program may write keys in a longer form and another order: the key is the same key.
func TestUnknownWithForeignSpelling(t *testing.T) {
	c := codec.CBOR[oldKeeper]()
	v, whole, err := codec.Read(c, "\xa4\x65owner\x61o\x78\x01z\x01\x18\x01\x81\x61i\x19\x00\x09\x02")
	if err != nil || !whole || v.Owner != "o" || len(v.Items) != 1 {
		t.Fatalf("%+v, %v, %v", v, whole, err)
	}
	payload, err := c.Encode(v)
	if err != nil || payload != "\xa4\x01\x81\x61i\x09\x02\x61z\x01\x65owner\x61o" {
		t.Errorf("%q, %v", payload, err)
	}
	if _, err := c.Decode("\xa2\x61z\x01\x78\x01z\x01"); !errors.Is(err, codec.ErrUndecodable) {
		t.Errorf("one key in two forms: %v", err)
	}
}

// The pairs that pass through may not make a payload that cannot be read.
func TestUnknownCountsTowardsTheLimit(t *testing.T) {
	var many strings.Builder
	many.WriteString("\xba\x00\x02\x00\x00") // a map of 131,072 pairs, the most
	for i := range 1 << 17 {
		many.Write([]byte{0x1a, 1, byte(i >> 16), byte(i >> 8), byte(i), 0})
	}
	c := codec.CBOR[oldKeeper]()
	v, err := c.Decode(many.String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Encode(v); !errors.Is(err, codec.ErrUnencodable) {
		t.Errorf("two pairs more than the most: %v", err)
	}
}
