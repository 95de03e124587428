package transformtest

import (
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// A sound chain keeps all rules, and a fault in any of its transforms shows in the chain.
func TestChains(t *testing.T) {
	ring, err := crypto.Generate(1, []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	Config{}.RunChain(t, nil)
	Config{Authenticates: true}.RunChain(t, core.Chain{crypto.Sign(ring), crypto.Seal(ring)})

	for name, chain := range map[string]core.Chain{
		"in front": {faulty{}, crypto.Seal(ring)}, "behind": {crypto.Seal(ring), faulty{}},
	} {
		p := Config{}.probe(&whole{chain})
		for _, r := range rules {
			if r.name == "round trip" && !breaksIn(r, p) {
				t.Errorf("a fault %s does not show", name)
			}
		}
	}
}

// faulty loses a byte.
type faulty struct{}

func (faulty) Entropy() int  { return 0 }
func (faulty) Overhead() int { return 0 }

func (faulty) Out(_ core.Frame, _, dst, src []byte) ([]byte, error) {
	return append(dst, src[:max(0, len(src)-1)]...), nil
}

func (faulty) In(_ core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	return append(dst, src...), core.NotRefused
}

func breaksIn(r rule, p probe) bool {
	return r.broken(p, draw{
		frame:   core.Frame{Kind: "cart", Purpose: core.PurposePayload, Now: 1},
		entropy: make([]byte, p.x.Entropy()), src: []byte("tea and jam"), noise: []byte{1},
	}) != ""
}
