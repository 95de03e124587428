package crypto_test

import (
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/internal/need"
)

// gate fails when f allocates more than the limit.
func gate(t *testing.T, name string, limit float64, f func()) {
	t.Helper()
	if n := testing.AllocsPerRun(200, f); n > limit {
		t.Errorf("%s: %v allocations, not %v", name, n, limit)
	}
}

func TestAlloc(t *testing.T) {
	need.NoRace(t)
	src, entropy := make([]byte, 1000), nonce(1)
	for name, x := range transforms(t) {
		body := made(t, x, frame(), string(src))
		room := make([]byte, 0, 2000)
		gate(t, name+" out", 0, func() { _, _ = x.Out(frame(), entropy[:x.Entropy()], room, src) })
		gate(t, name+" in", 0, func() { _, _ = x.In(frame(), room, body) })
		gate(t, name+" out, no room", 1, func() { _, _ = x.Out(frame(), entropy[:x.Entropy()], nil, src) })
		gate(t, name+" in, no room", 1, func() { _, _ = x.In(frame(), nil, body) })
	}
}

// What is refused for its syntax, key or time derives nothing, which allocates: it costs no allocation, even cold. A
// forgery of an epoch that was never seen does cost a derivation, so this test can see one.
func TestAllocRefusedBeforeDerivation(t *testing.T) {
	need.NoRace(t)
	ring := fleetRing(t)
	f := frame()
	other := f
	other.Kind = "never seen"
	for name, x := range map[string]core.Transform{"seal": crypto.Seal(ring), "sign": crypto.Sign(ring)} {
		oracle := func(k oracleKey, f core.Frame) []byte {
			if name == "seal" {
				return oracleSeal(k, f, nonce(1), []byte("payload"))
			}
			return oracleSign(k, f, []byte("payload"))
		}
		early := map[core.Refusal][]byte{
			core.Malformed: []byte("\x03now"), core.UnknownKey: oracle(oracleKey{"alien", secret(5), ""}, f),
			core.RevokedKey: oracle(fleet[3], f),
		}
		if name == "seal" {
			early[core.Stale], early[core.Future] = oracle(fleet[1], at(someNow-90*hour)), oracle(fleet[1], at(someNow+hour))
		}
		for want, body := range early {
			refused(t, x, f, body, want)
			gate(t, name+" "+want.String(), 0, func() { _, _ = x.In(f, nil, body) })
		}
		forged := oracle(fleet[1], f)
		refused(t, x, other, forged, core.Forged)
		if n := testing.AllocsPerRun(100, func() { _, _ = x.In(other, nil, forged) }); n < 5 {
			t.Errorf("%s: a derivation allocates %v times, too little for this test to tell", name, n)
		}
	}
}
