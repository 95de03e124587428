package codec_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/codec/codectest"
)

// counting tells how often a codec was asked to decode.
type counting struct {
	codec.Codec[string]
	asked *int
}

func (c counting) Decode(payload string) (string, error) {
	*c.asked++
	return c.Codec.Decode(payload)
}

func TestFallbackLaws(t *testing.T) {
	c := codec.Fallback(
		codec.Prefixed("c2:", codec.CBOR[cart]()),
		codec.Version(1, codec.CBOR[cart]()),
		codec.StartingWith("{", codec.JSON[cart]()),
		codec.CBOR[cart](),
	)
	codectest.Run(t, c, rapid.Custom(anyCart))
	t.Run("prefixed", func(t *testing.T) {
		codectest.Run(t, codec.Prefixed("p", codec.StartingWith("{", codec.JSON[cart]())), rapid.Custom(anyCart))
	})
}

func TestFallbackReadsEachFormat(t *testing.T) {
	inner := codec.CBOR[line]()
	versions := codec.Version(1, inner)
	text := codec.StartingWith("{", codec.JSON[line]())
	c := codec.Fallback(codec.Prefixed("c2:", inner), versions, text, inner)
	want := line{"pear", 3}
	for name, old := range map[string]codec.Codec[line]{"itself": c, "versions": versions, "json": text, "cbor": inner} {
		payload, err := old.Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, whole, err := codec.Read(c, payload); err != nil || !whole || got != want {
			t.Errorf("%s: %+v, %v, %v", name, got, whole, err)
		}
	}
	if payload, err := c.Encode(want); err != nil || payload[:3] != "c2:" {
		t.Errorf("%q, %v", payload, err)
	}
}

// TestFallbackNeverTriesAnother spoils the payload of each reader and counts who was asked.
func TestFallbackNeverTriesAnother(t *testing.T) {
	var write, a, b, rest int
	c := codec.Fallback(
		codec.Prefixed("w:", counting{codec.Text[string](), &write}),
		codec.Prefixed("a:", counting{codec.CBOR[string](), &a}),
		codec.StartingWith("b:", counting{codec.JSON[string](), &b}),
		counting{codec.Text[string](), &rest},
	)
	for payload, want := range map[string][4]int{
		"w:\xff": {1, 0, 0, 0},
		"a:x":    {0, 1, 0, 0},
		"b:x":    {0, 0, 1, 0},
		"\xff":   {0, 0, 0, 1},
		"":       {0, 0, 0, 1},
		"w":      {0, 0, 0, 1},
	} {
		write, a, b, rest = 0, 0, 0, 0
		_, err := c.Decode(payload)
		if got := [4]int{write, a, b, rest}; got != want {
			t.Errorf("%q asked %v, not %v", payload, got, want)
		}
		if spoiled := len(payload) > 1 || payload == "\xff"; spoiled != errors.Is(err, codec.ErrUndecodable) {
			t.Errorf("%q: %v", payload, err)
		}
	}
}

func TestFallbackWithoutARest(t *testing.T) {
	c := codec.Fallback(codec.Prefixed("w:", codec.Text[string]()), codec.Prefixed("a:", codec.Text[string]()))
	if _, err := c.Decode("x"); !errors.Is(err, codec.ErrUndecodable) {
		t.Errorf("%v", err)
	}
}

// A writer without a mark of its own may not write what a reader of older payloads would take.
func TestFallbackWritesNothingThatAnotherWouldRead(t *testing.T) {
	c := codec.Fallback(codec.Text[string](), codec.Prefixed("a:", codec.Text[string]()))
	if _, err := c.Encode("a:x"); !errors.Is(err, codec.ErrUnencodable) {
		t.Errorf("%v", err)
	}
	if payload, err := c.Encode("x"); payload != "x" || err != nil {
		t.Errorf("%q, %v", payload, err)
	}
}

func TestFallbackUnusable(t *testing.T) {
	text := codec.Text[string]()
	for name, c := range map[string]codec.Codec[string]{
		"two without a prefix": codec.Fallback(text, text),
		"one prefix twice":     codec.Fallback(codec.Prefixed("a", text), codec.Prefixed("a", text)),
		"one begins another":   codec.Fallback(codec.Prefixed("ab", text), codec.Prefixed("a", text)),
		"another begins one":   codec.Fallback(codec.Prefixed("v", text), codec.Version(1, text)),
		"empty prefix":         codec.Prefixed("", text),
		"empty start":          codec.StartingWith("", text),
		"part":                 codec.Fallback(codec.Prefixed("a", text), codec.Prefixed("", text)),
	} {
		if err := codec.Check(c); !errors.Is(err, codec.ErrUnusable) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := c.Encode("x"); !errors.Is(err, codec.ErrUnusable) {
			t.Errorf("%s: Encode: %v", name, err)
		}
		if _, err := c.Decode("x"); !errors.Is(err, codec.ErrUnusable) {
			t.Errorf("%s: Decode: %v", name, err)
		}
	}
	if err := codec.Check(codec.Fallback(codec.Unversioned(text), codec.Prefixed("a", text))); err != nil {
		t.Errorf("the unversioned are the rest: %v", err)
	}
}

func TestPrefixed(t *testing.T) {
	c := codec.Prefixed("c1:", codec.Text[string]())
	if payload, err := c.Encode("x"); payload != "c1:x" || err != nil {
		t.Errorf("%q, %v", payload, err)
	}
	for _, payload := range []string{"", "c1", "x", "C1:x", "c1:\xff"} {
		if _, err := c.Decode(payload); !errors.Is(err, codec.ErrUndecodable) {
			t.Errorf("%q: %v", payload, err)
		}
	}
	if _, err := codec.StartingWith("{", codec.Text[string]()).Encode("x"); !errors.Is(err, codec.ErrUnencodable) {
		t.Errorf("a payload without its beginning: %v", err)
	}
}
