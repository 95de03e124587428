package zstd_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/core/transformtest"
	"github.com/satchel-go/satchel/crypto"
	mine "github.com/satchel-go/satchel/examples/custom/zstd"
)

const limit = 64 << 10

func TestTransform(t *testing.T) {
	x, err := mine.New(limit)
	if err != nil {
		t.Fatal(err)
	}
	transformtest.Config{Hostile: bombs(t), MaxOut: limit}.Run(t, underTest(x))
	ring, err := crypto.Generate(1, bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	transformtest.Config{Authenticates: true}.RunChain(t, core.Chain{x, crypto.Seal(ring)})
}

// bombs are frames of a few KB that expand to 100 MB: one that says so, one that does not, one that lies, and a hundred little ones.
func bombs(t *testing.T) [][]byte {
	t.Helper()
	much := make([]byte, 100<<20)
	stated, err := zstd.NewWriter(nil, zstd.WithSingleSegment(true))
	if err != nil {
		t.Fatal(err)
	}
	silent := new(bytes.Buffer)
	w, err := zstd.NewWriter(silent, zstd.WithWindowSize(1<<16))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := w.Write(much[:1<<20]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	honest := stated.EncodeAll(much[:2*limit], nil)
	lies := bytes.Clone(honest)
	lies[5], lies[6], lies[7], lies[8] = 10, 0, 0, 0 // the stated size of a single segment
	all := [][]byte{stated.EncodeAll(much, nil), silent.Bytes(), honest, lies, bytes.Repeat(stated.EncodeAll(much[:limit], nil), 100)}
	for i := range all {
		all[i] = append([]byte{1}, all[i]...)
	}
	return all
}

// A long payload becomes a short token, and a bomb none.
func TestInAPolicy(t *testing.T) {
	x, err := mine.New(limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, bomb := range bombs(t) {
		if _, refusal := x.In(core.Frame{}, nil, bomb); refusal != core.Malformed {
			t.Errorf("a bomb of %d bytes: %v", len(bomb), refusal)
		}
	}
	long := strings.Repeat("a cart full of tea; ", 500)
	short, err := x.Out(core.Frame{}, nil, nil, []byte(long))
	if err != nil || len(short) > len(long)/20 {
		t.Errorf("%d bytes became %d, %v", len(long), len(short), err)
	}
	if _, err := x.Out(core.Frame{}, nil, nil, make([]byte, limit+1)); err == nil {
		t.Error("what is over the limit is no error")
	}
	for _, n := range []int{0, -1, 65 << 20} {
		if _, err := mine.New(n); err == nil {
			t.Errorf("a limit of %d", n)
		}
	}
}
