package crypto_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

var anyFrame = rapid.Custom(func(t *rapid.T) core.Frame {
	return core.Frame{
		Kind:     rapid.String().Draw(t, "kind"),
		Purpose:  rapid.SampledFrom([]core.Purpose{core.PurposePayload, core.PurposeID}).Draw(t, "purpose"),
		Audience: rapid.String().Draw(t, "audience"),
		Tenant:   rapid.String().Draw(t, "tenant"),
		Version:  rapid.Byte().Draw(t, "version"),
		Now:      rapid.Int64Range(0, core.MaxInstant).Draw(t, "now"),
		Life:     rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(1, 1<<50)).Draw(t, "life"),
		Skew:     rapid.Int64Range(0, hour).Draw(t, "skew"),
	}
})

// What goes out comes in, and is byte for byte what the oracle makes.
func TestPropertyRoundTrip(t *testing.T) {
	x := transforms(t)
	rapid.Check(t, func(t *rapid.T) {
		f := anyFrame.Draw(t, "frame")
		src := rapid.SliceOf(rapid.Byte()).Draw(t, "src")
		dst := rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "dst")
		entropy := rapid.SliceOfN(rapid.Byte(), 12, 12).Draw(t, "nonce")
		for name, want := range map[string][]byte{"seal": oracleSeal(fleet[1], f, entropy, src), "sign": oracleSign(fleet[1], f, src)} {
			body, err := x[name].Out(f, entropy[:x[name].Entropy()], dst, src)
			if err != nil || !bytes.Equal(body, append(bytes.Clone(dst), want...)) {
				t.Fatalf("%s: %x, %v, want %x behind dst", name, body, err, want)
			}
			back, refusal := x[name].In(f, dst, want)
			if refusal != core.NotRefused || !bytes.Equal(back, append(bytes.Clone(dst), src...)) {
				t.Fatalf("%s: %x, %v", name, back, refusal)
			}
		}
	})
}

// Two different frames never verify each other's tokens, unless they differ only in what is not bound.
func TestPropertyBinding(t *testing.T) {
	x := transforms(t)
	// Few letters and short names, so that fields often trade them.
	name := rapid.StringOfN(rapid.RuneFrom([]rune("ab\x00\x01")), 0, 3, -1)
	bound := rapid.Custom(func(t *rapid.T) core.Frame {
		return core.Frame{
			Kind: name.Draw(t, "kind"), Purpose: core.Purpose(name.Draw(t, "purpose")), Audience: name.Draw(t, "audience"),
			Tenant: name.Draw(t, "tenant"), Version: rapid.ByteRange(0, 1).Draw(t, "version"), Now: someNow, Life: hour,
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := bound.Draw(t, "a"), bound.Draw(t, "b")
		want := core.Forged
		if a == b {
			want = core.NotRefused
		}
		for _, x := range x {
			body, err := x.Out(a, nonce(1)[:x.Entropy()], nil, []byte("payload"))
			if err != nil {
				t.Fatal(err)
			}
			if _, got := x.In(b, nil, body); got != want {
				t.Fatalf("%v of %+v under %+v: %v", x, a, b, got)
			}
		}
	})
}

// A ring made of keys gives a text, and the text gives the ring.
func TestPropertyKeyringText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9-]{1,8}`), 1, 8, rapid.ID[string]).Draw(t, "ids")
		primary := rapid.IntRange(0, len(ids)-1).Draw(t, "primary")
		var keys []crypto.Key
		for i, id := range ids {
			state := crypto.Primary
			if i != primary {
				state = rapid.SampledFrom([]crypto.State{crypto.Pending, crypto.Retiring, crypto.Revoked}).Draw(t, "state")
			}
			entropy := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "entropy")
			entropy[0] = byte(i + 1) // no two alike, none zero
			keys = append(keys, must(crypto.NewKey(id, state, entropy)))
		}
		ring := must(crypto.NewKeyring(keys...))
		text := ring.RevealText()
		again, err := crypto.ParseKeyring(text)
		if err != nil || again.RevealText() != text || again.String() != ring.String() {
			t.Fatalf("%v became %v, %v", ring, again, err)
		}
		body, err := crypto.Sign(ring).Out(frame(), nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, refusal := crypto.Sign(again).In(frame(), nil, body); refusal != core.NotRefused {
			t.Fatal(refusal)
		}
	})
}
