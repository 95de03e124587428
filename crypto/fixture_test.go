package crypto_test

import (
	"bytes"
	"encoding/base64"
	"slices"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

const (
	hour    = int64(3_600_000)
	someNow = int64(1_794_000_000_000)
)

func secret(first byte) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = first + 7*byte(i)
	}
	return b
}

func encoded(first byte) string { return base64.RawURLEncoding.EncodeToString(secret(first)) }

// fleet is a ring with a key in every state, for the oracle; fleetRing is the same for the package.
var fleet = []oracleKey{
	{"next", secret(4), "pending"},
	{"now", secret(1), "primary"},
	{"old", secret(2), "retiring"},
	{"gone", secret(3), "revoked"},
}

func fleetRing(t testing.TB) *crypto.Keyring { return parsed(t, ringText(fleet)) }

// fleetAndAlien adds a key that the ring does not know.
func fleetAndAlien() []oracleKey {
	return append(slices.Clone(fleet), oracleKey{"alien", secret(5), "primary"})
}

func ringText(keys []oracleKey) (text string) {
	for _, k := range keys {
		text += k.id + ":" + k.state + ":" + base64.RawURLEncoding.EncodeToString(k.secret) + "\n"
	}
	return text
}

func parsed(t testing.TB, text string) *crypto.Keyring {
	t.Helper()
	ring, err := crypto.ParseKeyring(text)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func frame() core.Frame {
	return core.Frame{
		Kind: "cart", Purpose: core.PurposePayload, Audience: "shop", Tenant: "acme", Version: 2,
		Now: someNow, Life: 24 * hour, Skew: 5000,
	}
}

func nonce(n byte) []byte { return bytes.Repeat([]byte{n}, 12) }

// transforms are what every rule about tags is tried on.
func transforms(t testing.TB) map[string]core.Transform {
	ring := fleetRing(t)
	return map[string]core.Transform{"seal": crypto.Seal(ring), "sign": crypto.Sign(ring)}
}

func made(t testing.TB, x core.Transform, f core.Frame, src string) []byte {
	t.Helper()
	body, err := x.Out(f, nonce(9)[:x.Entropy()], nil, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// refused fails unless x refuses body so, and leaves dst as it was.
func refused(t testing.TB, x core.Transform, f core.Frame, body []byte, want core.Refusal) {
	t.Helper()
	dst := []byte("kept")
	out, got := x.In(f, dst, body)
	if got != want {
		t.Fatalf("%v gave %v, want %v", x, got, want)
	}
	if want != core.NotRefused && string(out) != "kept" {
		t.Fatalf("%v refused as %v and gave %q", x, got, out)
	}
}
