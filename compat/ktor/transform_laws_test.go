package ktor

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"pgregory.net/rapid"
)

// suffix appends a text, as Ktor's TransportTransformerTest has it.
type suffix struct{ text string }

func (suffix) Entropy() int { return 0 }

func (s suffix) Overhead() int { return len(s.text) }

func (s suffix) Out(_ core.Frame, _, dst, src []byte) ([]byte, error) {
	return append(append(dst, src...), s.text...), nil
}

func (s suffix) In(_ core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	value, ok := strings.CutSuffix(string(src), s.text)
	if !ok {
		return dst, core.Malformed
	}
	return append(dst, value...), core.NotRefused
}

func TestK15ChainOrder(t *testing.T) {
	chain := core.Chain{suffix{";1"}, suffix{";2"}}
	token, err := chain.Out(core.Frame{}, nil, nil, []byte("0"))
	if string(token) != "0;1;2" || err != nil {
		t.Errorf("%s, %v", token, err)
	}
	if value, refusal := chain.In(core.Frame{}, nil, token); string(value) != "0" || refusal != core.NotRefused {
		t.Errorf("%s, %v", value, refusal)
	}
}

// K16, but for DESede, which Go's users have no reason to write.
func TestK16KeySizes(t *testing.T) {
	for _, size := range []int{0, 1, 8, 15, 16, 17, 24, 31, 32, 33, 64} {
		tr, err := Encrypt(Encryption{Key: make([]byte, size), SignKey: make([]byte, size)})
		if good := size == 16 || size == 24 || size == 32; good != (err == nil) {
			t.Errorf("%d bytes: %v", size, err)
		}
		if err != nil {
			continue
		}
		if n := tr.Entropy(); n != 16 {
			t.Errorf("%d bytes: an IV of %d", size, n)
		}
		if got := in(tr, 0, out(t, tr, ascending(7, 16), "session-value")); got != "session-value" {
			t.Errorf("%d bytes: %q", size, got)
		}
	}
}

func TestKeysAreChecked(t *testing.T) {
	for name, err := range map[string]error{
		"no key":          second(MessageAuthentication(SHA256, nil)),
		"no such hash":    second(MessageAuthentication(9, []byte("k"))),
		"digest of SHA-1": second(WeakDigest(SHA1, "ktor")),
		"no sign key":     second(Encrypt(Encryption{Key: make([]byte, 16)})),
		"no such sign":    second(Encrypt(Encryption{Key: make([]byte, 16), SignKey: []byte("k"), Sign: 9})),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := MessageAuthentication(SHA256, []byte("k")); err != nil {
		t.Error(err)
	}
	if _, err := k2(t, time.Time{}).Out(core.Frame{}, make([]byte, 15), nil, nil); err == nil {
		t.Error("an IV of 15 bytes")
	}
	defer func() {
		if recover() == nil {
			t.Error("Must did not panic")
		}
	}()
	Must(Encrypt(Encryption{}))
}

func second(_ core.Transform, err error) error { return err }

// A key is copied: its owner may wipe it.
func TestKeysAreCopied(t *testing.T) {
	key := []byte("0123456789abcdef")
	mac, encrypt := Must(MessageAuthentication(SHA256, key)), Must(Encrypt(Encryption{Key: key, SignKey: key}))
	before := []string{out(t, mac, nil, "v"), out(t, encrypt, make([]byte, 16), "v")}
	clear(key)
	if after := []string{out(t, mac, nil, "v"), out(t, encrypt, make([]byte, 16), "v")}; after[0] != before[0] || after[1] != before[1] {
		t.Error("the key was not copied")
	}
}

// What 2.1 and 2.2 say of how lenient Ktor reads.
func TestTagLeniency(t *testing.T) {
	digest, mac := Must(WeakDigest(SHA256, "ktor")), Must(MessageAuthentication(SHA256, []byte("k")))
	d, m := out(t, digest, nil, "v"), out(t, mac, nil, "v")
	upper := func(s string) string { return s[:2] + strings.ToUpper(s[2:]) }
	for _, c := range []struct {
		tr          core.Transform
		token, want string
	}{
		{digest, upper(d), "v"},
		{digest, d + "0", "v"}, // the odd digit is not looked at,
		{digest, d + "z", "v"}, // whatever it is
		{digest, d + "00", "refused: malformed"},
		{digest, d[:len(d)-1] + "z", "refused: malformed"},
		{digest, d[:len(d)-1], "refused: malformed"},
		{digest, "w" + d[1:], "refused: forged"},
		{digest, strings.Replace(d, "/", "", 1), "refused: malformed"},
		{digest, "", "refused: malformed"},
		{mac, upper(m), "refused: malformed"},
		{mac, m + "0", "refused: malformed"},
		{mac, m[:len(m)-1] + "z", "refused: malformed"},
		{mac, "w" + m[1:], "refused: forged"},
		{mac, strings.Replace(m, "/", "", 1), "refused: malformed"},
		{mac, "", "refused: malformed"},
	} {
		if got := in(c.tr, 0, c.token); got != c.want {
			t.Errorf("%s: %q, want %q", c.token, got, c.want)
		}
	}
}

func allTransforms(t testing.TB) core.Chain {
	t.Helper()
	var all core.Chain
	for _, h := range []Hash{SHA256, SHA1, SHA384, SHA512} {
		all = append(all, Must(MessageAuthentication(h, ascending(3, 20))))
		for _, size := range []int{16, 24, 32} {
			all = append(all, Must(Encrypt(Encryption{Key: ascending(0, size), SignKey: ascending(1, 32), Sign: h, Before300Until: time.UnixMilli(1)})))
		}
	}
	return append(all, Must(WeakDigest(SHA256, "ktor")), Must(WeakDigest(SHA384, "")))
}

// Whatever is written is read, has the length that was announced, and is not read once a byte of it is another.
func TestRoundTrips(t *testing.T) {
	all := allTransforms(t)
	rapid.Check(t, func(rt *rapid.T) {
		chain := core.Chain{rapid.SampledFrom(all).Draw(rt, "first"), rapid.SampledFrom(all).Draw(rt, "second")}
		value := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(rt, "value")
		entropy := rapid.SliceOfN(rapid.Byte(), chain.Entropy(), chain.Entropy()).Draw(rt, "entropy")
		token, err := chain.Out(core.Frame{}, entropy, []byte("kept"), value)
		if err != nil || !strings.HasPrefix(string(token), "kept") {
			rt.Fatal(string(token), err)
		}
		if token = token[4:]; len(token) > chain.Size(len(value)) {
			rt.Fatalf("%d bytes became %d, over %d", len(value), len(token), chain.Size(len(value)))
		}
		if back, refusal := chain.In(core.Frame{}, nil, token); !bytes.Equal(back, value) || refusal != core.NotRefused {
			rt.Fatalf("%q, %v", back, refusal)
		}
		at := rapid.IntRange(0, len(token)-1).Draw(rt, "at")
		if token[at] ^= 1; at >= 33 || chain[1].Entropy() == 0 { // the IV's bytes are not covered
			if back, refusal := chain.In(core.Frame{}, nil, token); refusal == core.NotRefused {
				rt.Fatalf("changed at %d it reads %q", at, back)
			}
		}
	})
}
