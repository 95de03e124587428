package msgpack_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/codec/codectest"
	"github.com/satchel-go/satchel/examples/custom/msgpack"
)

type cart struct {
	Items []string
	Notes map[string]string
	Total int64
	Gift  *string
}

func TestCodec(t *testing.T) {
	codectest.Run(t, underTest(), rapid.Custom(func(t *rapid.T) cart {
		return cart{
			Items: rapid.SliceOfN(rapid.String(), 1, 5).Draw(t, "items"),
			Notes: rapid.MapOfN(rapid.String(), rapid.String(), 1, 5).Draw(t, "notes"),
			Total: rapid.Int64().Draw(t, "total"),
			Gift:  rapid.Ptr(rapid.String(), true).Draw(t, "gift"),
		}
	}))
}

// What the library cannot spell in one way is refused when a kind is placed.
func TestCheck(t *testing.T) {
	for name, err := range map[string]error{
		"a map": codec.Check(msgpack.New[map[string]int]()), "inside": codec.Check(msgpack.New[struct{ A []*map[int]string }]()),
	} {
		if !errors.Is(err, codec.ErrUnusable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := codec.Check(msgpack.New[cart]()); err != nil {
		t.Error(err)
	}
}
