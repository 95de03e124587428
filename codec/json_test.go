package codec_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/codec/codectest"
)

func TestJSONLaws(t *testing.T) {
	t.Run("cart", func(t *testing.T) { codectest.Run(t, codec.JSON[cart](), rapid.Custom(anyCart)) })
	t.Run("string", func(t *testing.T) { codectest.Run(t, codec.JSON[string](), rapid.String()) })
	t.Run("pointer", func(t *testing.T) {
		codectest.Run(t, codec.JSON[*line](), rapid.Ptr(rapid.Custom(anyLine), true))
	})
	t.Run("keeper", func(t *testing.T) {
		codectest.Run(t, codec.JSON[oldKeeper](), rapid.Custom(func(t *rapid.T) oldKeeper {
			payload, err := codec.JSON[newCart]().Encode(anyNewCart(t))
			if err != nil {
				t.Fatal(err)
			}
			v, err := codec.JSON[oldKeeper]().Decode(payload)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}))
	})
}

func TestJSONText(t *testing.T) {
	payload, err := codec.JSON[newCart]().Encode(newCart{Color: "<a&b>", Gift: map[string]int{"z": 1, "a": 2, "\u2028": 3}})
	want := `{"color":"<a&b>","gift":{"a":2,"z":1,"\u2028":3},"items":null,"owner":"","size":0,"<minus>":false}`
	if err != nil || payload != want {
		t.Errorf("%s, %v", payload, err)
	}
}

func TestJSONUndecodable(t *testing.T) {
	for name, payload := range map[string]string{
		"empty":                "",
		"ends early":           `{"items":`,
		"two texts":            `{} {}`,
		"another type":         `[]`,
		"field's type":         `{"items":5}`,
		"name twice":           `{"items":[],"items":[]}`,
		"unknown name twice":   `{"x":1,"x":1}`,
		"one name, two forms":  `{"x":1,"\u0078":1}`,
		"name twice inside":    `{"count":{"a":1,"a":2}}`,
		"twice in what is new": `{"x":[[{"a":[{"b":1,"b":2}]}]]}`,
		"bad UTF-8":            "{\"items\":[\"\xff\"]}",
		"too deep":             `{"x":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `}`,
		"comment":              `{} // x`,
		"huge number":          `{"place":[1e999,0]}`,
	} {
		if v, err := codec.JSON[cart]().Decode(payload); !errors.Is(err, codec.ErrUndecodable) || !reflect.DeepEqual(v, cart{}) {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
	many := make([]string, 40)
	for i := range many {
		many[i] = `"` + strings.Repeat("k", i) + `":1`
	}
	if _, err := codec.JSON[map[string]int]().Decode("{" + strings.Join(many, ",") + "}"); err != nil {
		t.Errorf("forty names: %v", err)
	}
	many[39] = many[3]
	if _, err := codec.JSON[map[string]int]().Decode("{" + strings.Join(many, ",") + "}"); !errors.Is(err, codec.ErrUndecodable) {
		t.Errorf("forty names, two of them one: %v", err)
	}
}

// TestJSONUnencodable has what encoding/json would write as something else, or not at all. U+FFFD itself is text.
func TestJSONUnencodable(t *testing.T) {
	c := codec.JSON[cart]()
	for name, v := range map[string]cart{
		"text":    {Items: []string{"ok", "\xff"}},
		"map key": {Count: map[string]int{"\xc0\x80": 1}},
		"nested":  {Lines: []line{{Name: "\xed\xa0\x80"}}},
		"pointer": {Owner: &owner{Name: "\x80"}},
		"NaN":     {Place: [2]float64{math.NaN(), 0}},
		"year":    {At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if payload, err := c.Encode(v); !errors.Is(err, codec.ErrUnencodable) || payload != "" {
			t.Errorf("%s: %q, %v", name, payload, err)
		}
	}
	for _, text := range []string{"\uFFFD", `\ufffd`} {
		v := cart{Items: []string{text}, At: time.Unix(0, 0).UTC()}
		payload, err := c.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := c.Decode(payload); err != nil || !reflect.DeepEqual(back, v) {
			t.Errorf("%q came back as %+v, %v", text, back, err)
		}
	}
}

// folded is a key of which two write the same text.
type folded int

func (f folded) MarshalText() ([]byte, error)  { return []byte{'a' + byte(f%2)}, nil }
func (f *folded) UnmarshalText(b []byte) error { *f = folded(b[0] - 'a'); return nil }

func TestJSONKeysThatCollide(t *testing.T) {
	c := codec.JSON[map[folded]int]()
	if _, err := c.Encode(map[folded]int{0: 1, 1: 1}); err != nil {
		t.Error(err)
	}
	if _, err := c.Encode(map[folded]int{0: 1, 2: 1}); !errors.Is(err, codec.ErrUnencodable) {
		t.Errorf("two keys of one name: %v", err)
	}
}

// touchy is a type whose own decoding panics.
type touchy struct{}

func (touchy) MarshalJSON() ([]byte, error)  { return []byte("0"), nil }
func (*touchy) UnmarshalJSON(b []byte) error { panic("secret " + string(b)) }

func TestJSONTypeThatPanics(t *testing.T) {
	_, whole, err := codec.Read(codec.JSON[[]touchy](), `["secret"]`)
	if whole || !errors.Is(err, codec.ErrUndecodable) || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v, %v", whole, err)
	}
}

// Two payloads that differ in the order of what is unknown make equal values, and those one payload.
func TestJSONUnknownIsSorted(t *testing.T) {
	c := codec.JSON[oldKeeper]()
	v, err := c.Decode(`{"z":1, "a" : [2 ], "owner":"o"}`)
	if err != nil {
		t.Fatal(err)
	}
	if payload, err := c.Encode(v); err != nil || payload != `{"items":null,"owner":"o","a":[2],"z":1}` {
		t.Errorf("%s, %v", payload, err)
	}
}

// halfByte writes itself, even inside of a slice of bytes.
type halfByte byte

func (halfByte) MarshalText() ([]byte, error) { return []byte("half"), nil }

func TestJSONUnusable(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		says string
	}{
		"any":        {codec.Check(codec.JSON[map[string]any]()), "is an interface"},
		"bool keys":  {codec.Check(codec.JSON[map[bool]int]()), "map keys of type bool"},
		"unexported": {codec.Check(codec.JSON[private]()), ".secret is not exported"},
		"cbor's tag": {codec.Check(codec.JSON[struct {
			x int `cbor:"-"`
		}]()), ".x is not exported"},
		"number":      {codec.Check(codec.JSON[map[string]json.Number]()), "[] is a json.Number"},
		"half a byte": {codec.Check(codec.JSON[[]halfByte]()), "[] has only one half"},
		"half array":  {codec.Check(codec.JSON[[2]halfByte]()), "[] has only one half"},
		"quoted own": {codec.Check(codec.JSON[struct {
			F folded `json:",string"`
		}]()), ".F is to be quoted"},
		"same name": {codec.Check(codec.JSON[struct {
			line
			Price int `json:"price"`
		}]()), "same key"},
	} {
		if !errors.Is(test.err, codec.ErrUnusable) || !strings.Contains(test.err.Error(), test.says) {
			t.Errorf("%s: %v", name, test.err)
		}
	}
	_, err := codec.JSON[any]().Decode("1")
	if _, err2 := codec.JSON[any]().Encode(1); !errors.Is(err, codec.ErrUnusable) || !errors.Is(err2, codec.ErrUnusable) {
		t.Errorf("%v, %v", err, err2)
	}
}

// Outermost names are matched exactly, so that a newer field that differs in case alone is kept.
func TestJSONOutermostNamesAreCaseSensitive(t *testing.T) {
	c := codec.JSON[oldKeeper]()
	v, whole, err := codec.Read(c, `{"Owner":"x","owner":"y"}`)
	if err != nil || !whole || v.Owner != "y" {
		t.Fatalf("%+v, %v, %v", v, whole, err)
	}
	if payload, err := c.Encode(v); err != nil || payload != `{"items":null,"owner":"y","Owner":"x"}` {
		t.Errorf("%s, %v", payload, err)
	}
}
