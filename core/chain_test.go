package core_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// suffix appends text on the way out, and refuses what does not end in it on the way back.
type suffix struct {
	text  string
	trace *[]string
}

func (x suffix) Entropy() int  { return 0 }
func (x suffix) Overhead() int { return len(x.text) }

func (x suffix) Out(_ core.Frame, _, dst, src []byte) ([]byte, error) {
	if x.trace != nil {
		*x.trace = append(*x.trace, "out "+x.text)
	}
	return append(append(dst, src...), x.text...), nil
}

func (x suffix) In(_ core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	if x.trace != nil {
		*x.trace = append(*x.trace, "in "+x.text)
	}
	rest, ok := bytes.CutSuffix(src, []byte(x.text))
	if !ok {
		return dst, core.Forged
	}
	return append(dst, rest...), core.NotRefused
}

// TestChainOrder is Ktor's case of two transformers (K15): 0 becomes 0;1;2 on the way out, and 0 again on the way back.
func TestChainOrder(t *testing.T) {
	var trace []string
	chain := core.Chain{suffix{";1", &trace}, suffix{";2", &trace}}
	out, err := chain.Out(core.Frame{}, nil, []byte("kept "), []byte("0"))
	if err != nil || string(out) != "kept 0;1;2" {
		t.Fatalf("out: %q, %v", out, err)
	}
	in, refusal := chain.In(core.Frame{}, []byte("kept "), []byte("0;1;2"))
	if refusal != core.NotRefused || string(in) != "kept 0" {
		t.Fatalf("in: %q, %v", in, refusal)
	}
	if got := strings.Join(trace, ", "); got != "out ;1, out ;2, in ;2, in ;1" {
		t.Errorf("in the order %s", got)
	}
}

// On the way back the first refusal ends the chain, and dst is given back as it came.
func TestChainEndsAtRefusal(t *testing.T) {
	for _, test := range []struct{ src, trace string }{
		{"0;1;x", "in ;3, in ;2"},
		{"0;x;2", "in ;3"},
	} {
		var trace []string
		chain := core.Chain{suffix{";1", &trace}, suffix{";2", &trace}, suffix{"", &trace}}
		chain[2] = suffix{";3", &trace}
		src := test.src + ";3"
		if test.trace == "in ;3" {
			src = test.src
		}
		in, refusal := chain.In(core.Frame{}, []byte("kept"), []byte(src))
		if refusal != core.Forged || string(in) != "kept" {
			t.Errorf("%s: %q, %v", src, in, refusal)
		}
		if got := strings.Join(trace, ", "); got != test.trace {
			t.Errorf("%s: asks %s, want %s", src, got, test.trace)
		}
	}
}

// The empty chain changes nothing, and what it gives shares no memory with what it was given.
func TestChainEmpty(t *testing.T) {
	src := []byte("0")
	out, err := core.Chain{}.Out(core.Frame{}, nil, nil, src)
	in, refusal := core.Chain(nil).In(core.Frame{}, nil, src)
	if err != nil || refusal != core.NotRefused || string(out) != "0" || string(in) != "0" {
		t.Fatalf("%q, %v; %q, %v", out, err, in, refusal)
	}
	src[0] = '1'
	if string(out) != "0" || string(in) != "0" {
		t.Error("aliased")
	}
}

// taker shows the entropy that it is handed, as a prefix of what it makes.
type taker struct{ n int }

func (x taker) Entropy() int  { return x.n }
func (x taker) Overhead() int { return x.n }

func (x taker) Out(_ core.Frame, entropy, dst, src []byte) ([]byte, error) {
	return append(append(dst, entropy...), src...), nil
}

func (x taker) In(_ core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	if len(src) < x.n {
		return dst, core.Malformed
	}
	return append(dst, src[x.n:]...), core.NotRefused
}

func TestChainDealsEntropyOut(t *testing.T) {
	chain := core.Chain{taker{2}, taker{0}, taker{3}}
	if chain.Entropy() != 5 || chain.Overhead() != 5 {
		t.Errorf("entropy %d, overhead %d", chain.Entropy(), chain.Overhead())
	}
	out, err := chain.Out(core.Frame{}, []byte("abcde"), nil, []byte("0"))
	if err != nil || string(out) != "cdeab0" {
		t.Errorf("%q, %v", out, err)
	}
	if out, err := chain.Out(core.Frame{}, []byte("abcd"), []byte("kept"), []byte("0")); err == nil || string(out) != "kept" {
		t.Errorf("with too little: %q, %v", out, err)
	}
	if in, refusal := chain.In(core.Frame{}, nil, []byte("cdea")); refusal != core.Malformed || len(in) != 0 {
		t.Errorf("cut short: %q, %v", in, refusal)
	}
}
