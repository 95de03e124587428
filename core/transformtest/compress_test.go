package transformtest_test

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/core/transformtest"
)

// deflate is a transform of an application's own: it compresses payloads before they are sealed. It is no part of Satchel,
// for two reasons that whoever writes one has to weigh.
//
// What is compressed tells by its length what it holds. Where an attacker can put text beside a secret in one payload, and
// sees how long the token gets, the secret can be guessed piece by piece (CRIME, BREACH); sealing hides nothing of
// that. Compress only what holds no secret, or nothing of anybody else's.
//
// A little input can decompress to much, so there is a limit, and it is held while decompressing and not after.
type deflate struct{ limit int }

func (deflate) Entropy() int { return 0 }

// Overhead is of input that cannot be compressed: five bytes for each 64 KiB (RFC 1951, section 3.2.4), and the end.
func (d deflate) Overhead() int { return d.Size(64) - 64 }

// Size grows with the input.
func (deflate) Size(n int) int { return n + 5*(n/65535+2) }

func (d deflate) Out(_ core.Frame, _, dst, src []byte) ([]byte, error) {
	if len(src) > d.limit {
		return dst, fmt.Errorf("%d bytes, over the limit of %d", len(src), d.limit)
	}
	out := bytes.NewBuffer(dst)
	w, err := flate.NewWriter(out, flate.BestSpeed)
	if err != nil {
		return dst, err
	}
	if _, err := w.Write(src); err != nil {
		return dst, err
	}
	err = w.Close() // writes the end
	return out.Bytes(), err
}

func (d deflate) In(_ core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	in := bytes.NewReader(src)
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(in), int64(d.limit)+1))
	if err != nil || len(plain) > d.limit || in.Len() > 0 {
		return dst, core.Malformed
	}
	return append(dst, plain...), core.NotRefused
}

// The transform of an application, held to the rules, with a bomb: 20 KB that decompress to 20 MB.
func TestDeflate(t *testing.T) {
	var bomb bytes.Buffer
	w, _ := flate.NewWriter(&bomb, flate.BestCompression)
	_, _ = w.Write(make([]byte, 20<<20))
	_ = w.Close()
	transformtest.Config{Hostile: [][]byte{bomb.Bytes()}, MaxOut: 64 << 10}.Run(t, deflate{limit: 64 << 10})
}

// A chain that compresses, then seals, makes a long payload a short token.
func ExampleConfig_Run() {
	policy, err := core.Config{
		Kind: "cart", Place: core.ClientSide, Chain: core.Chain{deflate{limit: 64 << 10}, exampleSeal()},
		Lifetime: core.Lifetime{Absolute: 3600_000},
	}.Compile()
	if err != nil {
		panic(err)
	}
	s := policy.Begin(0, core.Tokens{}).With(strings.Repeat("a cart full of tea; ", 100))
	v := s.Decide(0)
	plan, err := s.Plan(v, 0, make([]byte, s.Entropy(v)))
	fmt.Println(err, len(string(plan.Send.Token)) < 200)

	read := policy.Begin(1, core.One(plan.Send.Token))
	payload, ok := read.Payload()
	fmt.Println(ok, len(payload))
	// Output:
	// <nil> true
	// true 2000
}
