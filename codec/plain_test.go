package codec_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/codec/codectest"
)

type (
	tag  string
	blob []byte
)

func (b blob) Equal(other blob) bool { return string(b) == string(other) }

func TestPlainLaws(t *testing.T) {
	t.Run("text", func(t *testing.T) {
		codectest.Run(t, codec.Text[tag](), rapid.Map(rapid.String(), func(s string) tag { return tag(s) }))
	})
	t.Run("bytes", func(t *testing.T) {
		codectest.Run(t, codec.Bytes[blob](), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) blob { return b }))
	})
}

func TestTextIsUTF8(t *testing.T) {
	if _, err := codec.Text[string]().Encode("\xff"); !errors.Is(err, codec.ErrUnencodable) {
		t.Errorf("Encode: %v", err)
	}
	if _, err := codec.Text[string]().Decode("\xff"); !errors.Is(err, codec.ErrUndecodable) {
		t.Errorf("Decode: %v", err)
	}
}

func TestBytesAreCopied(t *testing.T) {
	v := []byte("before")
	payload, err := codec.Bytes[[]byte]().Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	v[0] = 'X'
	if payload != "before" {
		t.Error("Encode shares memory")
	}
	if none, err := codec.Bytes[[]byte]().Decode(""); none != nil || err != nil {
		t.Errorf("%v, %v", none, err)
	}
}
