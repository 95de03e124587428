package crypto_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// The vectors are what Ktor 1.0.0 and 1.1.0 wrote for the session 666, and what its tests of digests have.
func TestDigestIsKtors(t *testing.T) {
	for _, c := range []struct {
		algorithm  crypto.DigestAlgorithm
		salt, want string
	}{
		{crypto.DigestSHA256, "ktor", "666/c2d4eaad4fe0bc6dbd0584cdf36929d79d52d7a748d1cc02835a71131a0963fb"},
		{crypto.DigestSHA384, "ktor", "666/ac3aaf25429f220afd9daef49813cd91bf7b47696354c8c3174e365d594216521a80c3e157a03864dce403b33451e146"},
		{crypto.DigestSHA256, "my unity salt string", "666/01657833a423b422b9b7190c53861a45b47bbe708e1ad958845f1d44fb545f21"},
	} {
		x := crypto.ForgeableDigest(c.algorithm, c.salt)
		if got := string(made(t, x, frame(), "666")); got != c.want {
			t.Errorf("%v of salt %q writes %s", c.algorithm, c.salt, got)
		}
		if got, refusal := x.In(frame(), []byte("dst"), []byte(c.want)); string(got) != "dst666" || refusal != core.NotRefused {
			t.Errorf("%v of salt %q reads %q, %v", c.algorithm, c.salt, got, refusal)
		}
	}
}

func TestDigestRefuses(t *testing.T) {
	x := crypto.ForgeableDigest(crypto.DigestSHA256, "ktor")
	const right = "666/c2d4eaad4fe0bc6dbd0584cdf36929d79d52d7a748d1cc02835a71131a0963fb"
	for body, want := range map[string]core.Refusal{
		"":                                     core.Malformed,
		"/":                                    core.Malformed,
		"666":                                  core.Malformed,
		right[3:]:                              core.Forged, // of the empty text
		right[4:]:                              core.Malformed,
		"666" + right[4:]:                      core.Malformed,
		right + "/":                            core.Malformed,
		right + "0":                            core.Malformed, // which Ktor let in
		right[:len(right)-1]:                   core.Malformed,
		strings.ToUpper(right):                 core.Malformed, // which Ktor let in
		right[:len(right)-1] + "g":             core.Malformed,
		right[:len(right)-1] + "c":             core.Forged,
		"667" + right[3:]:                      core.Forged,
		"666/" + strings.Repeat("0", 64):       core.Forged,
		"666/" + right:                         core.Forged,
		"666/" + strings.Repeat("0", 1<<20):    core.Malformed,
		strings.Repeat("a", 1<<20) + right[3:]: core.Forged,
	} {
		t.Run("", func(t *testing.T) { refused(t, x, frame(), []byte(body), want) })
	}
	refused(t, crypto.ForgeableDigest(crypto.DigestSHA256, "salt"), frame(), []byte(right), core.Forged)
	refused(t, crypto.ForgeableDigest(crypto.DigestSHA384, "ktor"), frame(), []byte(right), core.Malformed)
}

func TestDigestWithoutAlgorithm(t *testing.T) {
	for _, a := range []crypto.DigestAlgorithm{0, crypto.DigestSHA512 + 1} {
		x := crypto.ForgeableDigest(a, "ktor")
		if out, err := x.Out(frame(), nil, []byte("dst"), []byte("666")); err == nil || string(out) != "dst" {
			t.Errorf("%v writes %q, %v", a, out, err)
		}
		refused(t, x, frame(), []byte("666/"), core.Malformed)
		if x.Overhead() != 0 {
			t.Errorf("%v: overhead %d", a, x.Overhead())
		}
	}
}

// What it takes is what it gave, in one spelling, and Overhead is exact.
func TestDigestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom([]crypto.DigestAlgorithm{crypto.DigestSHA256, crypto.DigestSHA384, crypto.DigestSHA512}).Draw(t, "algorithm")
		src := rapid.SliceOf(rapid.Byte()).Draw(t, "src")
		x := crypto.ForgeableDigest(a, rapid.String().Draw(t, "salt"))
		body, err := x.Out(frame(), nil, nil, src)
		if err != nil || len(body) != len(src)+x.Overhead() || x.Entropy() != 0 {
			t.Fatal(len(body), err)
		}
		if got, refusal := x.In(frame(), nil, body); string(got) != string(src) || refusal != core.NotRefused {
			t.Fatalf("%q, %v", got, refusal)
		}
		body[rapid.IntRange(0, len(body)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if got, refusal := x.In(frame(), nil, body); refusal == core.NotRefused {
			t.Fatalf("let in %q", got)
		}
	})
}

// It has earned its name: anybody makes what it takes.
func TestDigestIsForgeable(t *testing.T) {
	sum := sha256.Sum256([]byte("ktor" + `{"user":"admin"}`))
	body := `{"user":"admin"}/` + hex.EncodeToString(sum[:])
	if got, refusal := crypto.ForgeableDigest(crypto.DigestSHA256, "ktor").In(frame(), nil, []byte(body)); refusal != core.NotRefused {
		t.Errorf("%q, %v: then it has another name", got, refusal)
	}
	if crypto.ForgeableDigest(crypto.DigestSHA256, "a") != crypto.ForgeableDigest(crypto.DigestSHA256, "a") {
		t.Error("two of them are not equal")
	}
}

func TestDigestNames(t *testing.T) {
	for a, want := range map[crypto.DigestAlgorithm]string{
		0: "invalid", crypto.DigestSHA256: "sha-256", crypto.DigestSHA384: "sha-384", crypto.DigestSHA512: "sha-512", 4: "invalid",
	} {
		if got := a.String(); got != want {
			t.Errorf("%d is %s", uint8(a), got)
		}
	}
}
