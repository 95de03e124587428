package codec_test

import (
	"encoding/json"
	"testing"

	"github.com/satchel-go/satchel/codec"
)

func benchEncode(b *testing.B, encode func() (int, error)) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := encode(); err != nil {
			b.Fatal(err)
		}
	}
	n, _ := encode()
	b.ReportMetric(float64(n), "payload-bytes")
}

func BenchmarkEncode(b *testing.B) {
	c, keeper, text := codec.CBOR[login](), codec.CBOR[loginKeeper](), codec.JSON[login]()
	kept := loginKeeper{User: aLogin.User, Name: aLogin.Name, Roles: aLogin.Roles, Since: aLogin.Since}
	b.Run("codec.CBOR", func(b *testing.B) {
		benchEncode(b, func() (int, error) { p, err := c.Encode(aLogin); return len(p), err })
	})
	b.Run("codec.CBOR with Unknown", func(b *testing.B) {
		benchEncode(b, func() (int, error) { p, err := keeper.Encode(kept); return len(p), err })
	})
	b.Run("plain cbor", func(b *testing.B) {
		benchEncode(b, func() (int, error) { p, err := bareEncoding.Marshal(aLogin); return len(p), err })
	})
	b.Run("codec.JSON", func(b *testing.B) {
		benchEncode(b, func() (int, error) { p, err := text.Encode(aLogin); return len(p), err })
	})
	b.Run("encoding/json", func(b *testing.B) {
		benchEncode(b, func() (int, error) { p, err := json.Marshal(aLogin); return len(p), err })
	})
}

func benchDecode(b *testing.B, decode func() error) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if err := decode(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	c, keeper, text := codec.CBOR[login](), codec.CBOR[loginKeeper](), codec.JSON[login]()
	payload, err := c.Encode(aLogin)
	if err != nil {
		b.Fatal(err)
	}
	object, err := text.Encode(aLogin)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("codec.CBOR", func(b *testing.B) {
		benchDecode(b, func() error { _, err := c.Decode(payload); return err })
	})
	b.Run("codec.CBOR with Unknown", func(b *testing.B) {
		benchDecode(b, func() error { _, err := keeper.Decode(payload); return err })
	})
	b.Run("plain cbor", func(b *testing.B) {
		benchDecode(b, func() error { return bareDecoding.Unmarshal([]byte(payload), new(login)) })
	})
	b.Run("codec.JSON", func(b *testing.B) {
		benchDecode(b, func() error { _, err := text.Decode(object); return err })
	})
	b.Run("encoding/json", func(b *testing.B) {
		benchDecode(b, func() error { return json.Unmarshal([]byte(object), new(login)) })
	})
}
