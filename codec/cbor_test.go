package codec_test

import (
	"encoding/hex"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/codec/codectest"
)

func TestCBORLaws(t *testing.T) {
	t.Run("cart", func(t *testing.T) { codectest.Run(t, codec.CBOR[cart](), rapid.Custom(anyCart)) })
	t.Run("string", func(t *testing.T) { codectest.Run(t, codec.CBOR[string](), rapid.String()) })
	t.Run("int", func(t *testing.T) { codectest.Run(t, codec.CBOR[int64](), rapid.Int64()) })
	t.Run("map", func(t *testing.T) {
		codectest.Run(t, codec.CBOR[map[string][]int](), rapid.MapOf(rapid.String(), rapid.SliceOf(rapid.Int())))
	})
	t.Run("pointer", func(t *testing.T) {
		codectest.Run(t, codec.CBOR[*line](), rapid.Ptr(rapid.Custom(anyLine), true))
	})
	t.Run("keeper", func(t *testing.T) {
		codectest.Run(t, codec.CBOR[oldKeeper](), rapid.Custom(anyCBORKeeper))
	})
}

func anyCBORKeeper(t *rapid.T) oldKeeper {
	payload, err := codec.CBOR[newCart]().Encode(anyNewCart(t))
	if err != nil {
		t.Fatal(err)
	}
	v, err := codec.CBOR[oldKeeper]().Decode(payload)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestCBORBytes holds the encoding to bytes written by hand after RFC 8949.
func TestCBORBytes(t *testing.T) {
	type small struct {
		B    map[string]bool `cbor:"b"`
		A    int             `cbor:"10,keyasint"`
		C    float64         `cbor:"-1,keyasint"`
		Long [3]byte         `cbor:"aa"`
		At   time.Time       `cbor:"t"`
		Nil  []string        `cbor:"n"`
	}
	payload, err := codec.CBOR[small]().Encode(small{
		A: 500, B: map[string]bool{"y": true, "x": false, "aa": true}, C: 1.5, Long: [3]byte{1, 2, 3},
		At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "a6" + // a map of six pairs, its keys in bytewise order
		"0a" + "1901f4" + // 10: 500
		"20" + "f93e00" + // -1: 1.5 in the shortest float
		"6162" + "a3" + "6178" + "f4" + "6179" + "f5" + "626161" + "f5" + // "b": {"x": false, "y": true, "aa": true}
		"616e" + "f6" + // "n": null
		"6174" + "74" + hex.EncodeToString([]byte("2026-01-02T02:04:05Z")) + // "t"
		"626161" + "43010203" // "aa": three bytes
	if got := hex.EncodeToString([]byte(payload)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCBORUndecodable(t *testing.T) {
	deep := strings.Repeat("\x81", 33) + "\x00"
	for name, payload := range map[string]string{
		"empty":             "",
		"ends early":        "\xa1\x01",
		"two items":         "\xa0\xa0",
		"another type":      "\x61a",
		"field's type":      "\xa1\x01\x05",
		"key twice":         "\xa2\x01\x80\x01\x80",
		"unknown key twice": "\xa2\x18\x63\x00\x18\x63\x00",
		"indefinite map":    "\xbf\xff",
		"indefinite text":   "\xa1\x01\x81\x7f\x61a\xff",
		"tag":               "\xd8\x63\xa0",
		"tag inside":        "\xa1\x01\x81\xd8\x63\x61a",
		"bad UTF-8":         "\xa1\x01\x81\x61\xff",
		"too deep":          "\xa1\x18\x63" + deep,
		"huge array":        "\xa1\x01\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
		"huge text":         "\xa1\x01\x81\x7b\x7f\xff\xff\xff\xff\xff\xff\xff",
		"reserved":          "\xfc",
		"key is an array":   "\xa1\x80\x00",
	} {
		if v, err := codec.CBOR[cart]().Decode(payload); !errors.Is(err, codec.ErrUndecodable) || !reflect.DeepEqual(v, cart{}) {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
		if v, err := codec.CBOR[oldKeeper]().Decode(payload); !errors.Is(err, codec.ErrUndecodable) || !reflect.DeepEqual(v, oldKeeper{}) {
			t.Errorf("%s, keeping unknown fields: %+v, %v", name, v, err)
		}
	}
}

// Names are matched exactly: a newer field that differs in case alone is not this one.
func TestCBORNamesAreCaseSensitive(t *testing.T) {
	type lower struct {
		Name string `cbor:"name"`
	}
	v, whole, err := codec.Read(codec.CBOR[lower](), "\xa1\x64Name\x61x")
	if v.Name != "" || whole || err != nil {
		t.Errorf("%+v, %v, %v", v, whole, err)
	}
}

func TestCBORUnencodable(t *testing.T) {
	c := codec.CBOR[cart]()
	for name, v := range map[string]cart{
		"text":    {Items: []string{"ok", "\xff"}},
		"map key": {Count: map[string]int{"\xc0\x80": 1}},
		"nested":  {Lines: []line{{Name: "\xed\xa0\x80"}}},
		"year":    {At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		"many":    {Lines: make([]line, 1<<17+1)},
	} {
		if payload, err := c.Encode(v); !errors.Is(err, codec.ErrUnencodable) || payload != "" {
			t.Errorf("%s: %d bytes, %v", name, len(payload), err)
		}
	}
	if _, err := codec.CBOR[[]int8]().Encode(make([]int8, 1<<17+1)); !errors.Is(err, codec.ErrUnencodable) {
		t.Errorf("many, without any text: %v", err)
	}
	payload, err := c.Encode(cart{Lines: make([]line, 1<<17)})
	if err != nil {
		t.Fatalf("at the limit: %v", err)
	}
	if v, err := c.Decode(payload); err != nil || len(v.Lines) != 1<<17 {
		t.Errorf("at the limit: %d lines, %v", len(v.Lines), err)
	}
}

type (
	loop    struct{ Next *loop }
	half    struct{}
	timed   struct{ time.Time }
	deep32  [1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1]int
	deep33  [1]deep32
	ragged  [4]oldKeeper
	private struct {
		Name   string
		secret string //nolint:unused // it is here to be refused
	}
)

func (half) MarshalCBOR() ([]byte, error) { return []byte{0xa0}, nil }

// TestCBORUnusable names for each type a part of what Check says.
func TestCBORUnusable(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		says string
	}{
		"chan":           {codec.Check(codec.CBOR[struct{ C chan int }]()), ".C is of kind chan"},
		"func":           {codec.Check(codec.CBOR[func()]()), "is of kind func"},
		"complex":        {codec.Check(codec.CBOR[[]complex64]()), "[] is of kind complex64"},
		"any":            {codec.Check(codec.CBOR[map[string]any]()), "is an interface"},
		"top any":        {codec.Check(codec.CBOR[any]()), "is an interface"},
		"error":          {codec.Check(codec.CBOR[struct{ Err error }]()), ".Err is an interface"},
		"recursive":      {codec.Check(codec.CBOR[loop]()), "is recursive"},
		"half":           {codec.Check(codec.CBOR[half]()), "only one half"},
		"embedded time":  {codec.Check(codec.CBOR[timed]()), "in place of the whole struct"},
		"too deep":       {codec.Check(codec.CBOR[deep33]()), "more than 32 levels"},
		"unknown inside": {codec.Check(codec.CBOR[ragged]()), "not embedded in the outermost"},
		"unknown named":  {codec.Check(codec.CBOR[struct{ Rest codec.Unknown }]()), "not embedded in the outermost"},
		"unexported":     {codec.Check(codec.CBOR[private]()), ".secret is not exported"},
		"pointer":        {codec.Check(codec.CBOR[struct{ P *[]int }]()), "pointer to what may be nil"},
		"embedded ptr":   {codec.Check(codec.CBOR[struct{ *line }]()), "embedded pointer"},
		"float keys":     {codec.Check(codec.CBOR[map[float64]int]()), "map keys of type float64"},
		"time keys":      {codec.Check(codec.CBOR[map[time.Time]int]()), "map keys of type time.Time"},
		"big":            {codec.Check(codec.CBOR[struct{ N *big.Int }]()), "needs CBOR tags"},
		"tag":            {codec.Check(codec.CBOR[cbor.Tag]()), "needs CBOR tags"},
		"same key": {codec.Check(codec.CBOR[struct {
			A int `cbor:"1,keyasint"`
			B int `cbor:"01,keyasint"`
		}]()), ".B has the same key"},
		"no integer": {codec.Check(codec.CBOR[struct {
			A int `cbor:"a,keyasint"`
		}]()), "no integer"},
		"indefinite": {codec.Check(codec.CBOR[struct {
			_ struct{} `cbor:",toindefarray"`
			A int
		}]()), "indefinite length"},
		"array with unknown": {codec.Check(codec.CBOR[struct {
			_ struct{} `cbor:",toarray"`
			codec.Unknown
		}]()), "no place for unknown"},
	} {
		if !errors.Is(test.err, codec.ErrUnusable) || !strings.Contains(test.err.Error(), test.says) {
			t.Errorf("%s: %v", name, test.err)
		}
	}
	for name, err := range map[string]error{
		"deep enough": codec.Check(codec.CBOR[deep32]()),
		"left out": codec.Check(codec.CBOR[struct {
			Name   string
			secret chan int `cbor:"-"`
		}]()),
		"embedded struct": codec.Check(codec.CBOR[struct{ line }]()),
		"array": codec.Check(codec.CBOR[struct {
			_ struct{} `cbor:",toarray"`
			A int
		}]()),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Check finds all faults at once, and a codec that has any does nothing else.
func TestCBORUnusableStaysQuiet(t *testing.T) {
	c := codec.CBOR[struct {
		C chan int
		A any
	}]()
	err := codec.Check(c)
	if err == nil || !strings.Contains(err.Error(), ".C") || !strings.Contains(err.Error(), ".A") {
		t.Errorf("Check: %v", err)
	}
	if _, err := c.Decode("\xa0"); !errors.Is(err, codec.ErrUnusable) {
		t.Errorf("Decode: %v", err)
	}
	if _, err := c.Encode(struct {
		C chan int
		A any
	}{}); !errors.Is(err, codec.ErrUnusable) {
		t.Errorf("Encode: %v", err)
	}
}

// TestCBORDeepest shows that the type that Check just lets pass comes back.
func TestCBORDeepest(t *testing.T) {
	payload, err := codec.CBOR[deep32]().Encode(deep32{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := codec.CBOR[deep32]().Decode(payload); err != nil {
		t.Fatal(err)
	}
}

// own is a type that reads itself, badly in three ways.
type own struct {
	Kept []byte
}

var errOwn = errors.New("quotes a secret of the payload")

func (o own) MarshalCBOR() ([]byte, error) {
	return append([]byte{0x58, byte(len(o.Kept))}, o.Kept...), nil
}

func (o *own) UnmarshalCBOR(data []byte) error {
	switch data[2] { // panics if there is no third byte
	case 'e':
		return errOwn
	case 'p':
		panic("secret " + string(data))
	}
	o.Kept = data[2:] // keeps what it was lent
	return nil
}

func TestCBORTypeThatReadsItself(t *testing.T) {
	c := codec.CBOR[struct{ X own }]()
	encoded := func(s string) string { return "\xa1\x61X\x58" + string([]byte{byte(len(s))}) + s }
	for _, payload := range []string{encoded("e secret"), encoded("p secret"), "\xa1\x61X\x00"} {
		_, err := c.Decode(payload)
		if !errors.Is(err, codec.ErrUndecodable) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", payload, err)
		}
	}
	if _, err := c.Decode(encoded("e")); !errors.Is(err, errOwn) {
		t.Errorf("the cause is out of reach: %v", err)
	}
	a, err := c.Decode(encoded("kept"))
	if err != nil {
		t.Fatal(err)
	}
	payload, err := c.Encode(a)
	if err != nil || payload != encoded("kept") {
		t.Fatalf("%q, %v", payload, err)
	}
	clear(a.X.Kept)
	if b, err := c.Decode(payload); err != nil || string(b.X.Kept) != "kept" {
		t.Errorf("%q, %v", b.X.Kept, err)
	}
}

func TestCBORFloats(t *testing.T) {
	c := codec.CBOR[float64]()
	for _, f := range []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64, math.MaxFloat64, math.NaN()} {
		payload, err := c.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Decode(payload)
		if err != nil || (got != f && !math.IsNaN(f)) || math.Signbit(got) != math.Signbit(f) {
			t.Errorf("%v came back as %v, %v", f, got, err)
		}
	}
}
