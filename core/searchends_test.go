package core_test

import (
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
)

func newClientSearch(t *testing.T, anchored bool, f clientFault, z clientSize) *clientSearch {
	t.Helper()
	c := core.Config{Kind: "cart", Place: core.ClientSide, Chain: core.Chain{open{}}, Lifetime: core.Lifetime{Absolute: day}, Revocable: !anchored, Anchored: anchored}
	if anchored {
		c.Window, c.Lifetime.Idle, c.Lifetime.Touch = 5*second, 30*minute, 10*minute
	}
	return &clientSearch{policy: compile(t, c), anchored: anchored, fault: f, clientSize: z}
}

// open is a transform that changes nothing: who forges is no matter of this search.
type open struct{}

func (open) Entropy() int                                         { return 0 }
func (open) Overhead() int                                        { return 0 }
func (open) Out(_ core.Frame, _, dst, src []byte) ([]byte, error) { return append(dst, src...), nil }

func (open) In(_ core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	return append(dst, src...), core.NotRefused
}

// TestSearchClientSide visits all that interleavings of two and three actors can reach with a client-side session that can be ended. In
// none of it does a token read it after a completed end, after a completed rotation or after its time, or a late save begin a session beside
// it; and where it is anchored, no acknowledged change is missing in the newest token.
func TestSearchClientSide(t *testing.T) {
	for _, z := range clientSizes {
		for name, anchored := range map[string]bool{"log": false, "anchor": true} {
			states, broken, trace := newClientSearch(t, anchored, noClientFault, z).search(t, nil)
			if broken != "" {
				t.Errorf("%s, %+v: %s:\n%s", name, z, broken, strings.Join(trace, "\n"))
			}
			if states < 1000 {
				t.Errorf("%s, %+v: %d states", name, z, states)
			}
			t.Logf("%s, %+v: %d states", name, z, states)
		}
	}
}

// TestSearchClientSideFinds takes each rule out, where there is an anchor and where there is a log.
func TestSearchClientSideFinds(t *testing.T) {
	shows := map[clientFault][]bool{ // with an anchor, and without
		endsInTheClientOnly: {true, false}, rotatesInTheClientOnly: {true, false}, blindAnchor: {true},
		rotatesPastTheLog: {false}, endsWithoutAnInstant: {false}, blindLog: {false}, touchBrings: {true}, rotatesToNothing: {false}, readsOver: {true, false},
	}
	for f := noClientFault + 1; f < clientFaults; f++ {
		if len(shows[f]) == 0 {
			t.Errorf("%s: nobody looks for it", clientFaultNames[f])
		}
		for _, anchored := range shows[f] {
			if _, broken, _ := newClientSearch(t, anchored, f, clientSizes[0]).search(t, nil); broken == "" {
				t.Errorf("%s: nothing is found, anchored %v", clientFaultNames[f], anchored)
			}
		}
	}
}
