package transformtest

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/core"
)

// Config says what a transform promises beyond the rules of all, and what to try on it.
type Config struct {
	// Authenticates says that In refuses whatever Out did not make for the same frame.
	Authenticates bool
	// Hostile is input for In that is meant to do harm, such as a little text that decompresses to much.
	Hostile [][]byte
	// MaxOut is the most bytes that In may give for any input, 0 for 1 MiB. It may allocate a few times as much.
	MaxOut int
}

// Run holds a transform to the rules that all of them keep.
func Run(t *testing.T, x core.Transform) { Config{}.Run(t, x) }

// Run holds a transform to the rules, one subtest for each. Run it with -race too: one rule is about goroutines.
func (c Config) Run(t *testing.T, x core.Transform) {
	t.Helper()
	p := c.probe(x)
	for _, r := range rules {
		if r.authentic && !c.Authenticates {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				if fault := r.broken(p, drawn(t, x)); fault != "" {
					t.Fatalf("%s\nThe rule: %s", fault, r.sentence)
				}
			})
		})
	}
}

// RunChain holds a chain to the rules of its transforms, as if it were one: its entropy is the sum of theirs and each byte is used, its
// Size is the most that all of them make of a text, and it refuses what any of them refuses. A chain authenticates whose last transform
// does.
func (c Config) RunChain(t *testing.T, chain core.Chain) {
	t.Helper()
	c.Run(t, &whole{chain})
}

// whole is a chain as one transform. A pointer to it is comparable, as a chain is not.
type whole struct{ core.Chain }

// rule is one named case.
type rule struct {
	name      string
	sentence  string // what a violation breaks, in the words of core.Transform
	authentic bool   // it is held by transforms that authenticate only
	check     func(probe, draw) string
}

// broken says how a transform breaks the rule, or "".
func (r rule) broken(p probe, d draw) (fault string) {
	defer func() {
		if panicked := recover(); panicked != nil {
			fault = fmt.Sprintf("it panics: %v", panicked)
		}
	}()
	return r.check(p, d)
}

// probe is a transform under test.
type probe struct {
	Config

	x core.Transform
}

func (c Config) probe(x core.Transform) probe {
	if c.MaxOut == 0 {
		c.MaxOut = 1 << 20
	}
	return probe{c, x}
}

// out is Out, which a transform that is set up as it should be does not fail.
func (p probe) out(d draw, dst []byte) []byte {
	out, err := p.x.Out(d.frame, d.entropy, dst, d.src)
	if err != nil {
		panic(err)
	}
	return out
}

// draw is input for a transform.
type draw struct {
	frame               core.Frame
	entropy, src, noise []byte
}

func drawn(t *rapid.T, x core.Transform) draw {
	return draw{
		frame: core.Frame{
			Kind:     rapid.StringN(1, 20, 64).Draw(t, "kind"),
			Purpose:  rapid.SampledFrom([]core.Purpose{core.PurposePayload, core.PurposeID}).Draw(t, "purpose"),
			Audience: rapid.StringN(0, 10, 40).Draw(t, "audience"), Tenant: rapid.StringN(0, 10, 40).Draw(t, "tenant"),
			Version: rapid.Byte().Draw(t, "version"), Now: rapid.Int64Range(0, core.MaxInstant).Draw(t, "now"),
			Life: rapid.Int64Range(0, 1<<40).Draw(t, "life"), Skew: rapid.Int64Range(0, 1<<20).Draw(t, "skew"),
		},
		entropy: rapid.SliceOfN(rapid.Byte(), x.Entropy(), x.Entropy()).Draw(t, "entropy"),
		src:     rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "src"),
		noise:   rapid.SliceOfN(rapid.Byte(), 1, 12).Draw(t, "noise"),
	}
}
