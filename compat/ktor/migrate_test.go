package ktor

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

func ring(t testing.TB) *crypto.Keyring {
	t.Helper()
	r, err := crypto.ParseKeyring("k1:primary:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var payloadFrame = core.Frame{Kind: "SESSION", Purpose: core.PurposePayload, Version: 2, Now: 1000, Skew: 1}

func TestMigrating(t *testing.T) {
	seal := crypto.Seal(ring(t))
	m, err := Migrating(core.Chain{k2(t, time.Time{})}, time.UnixMilli(2000), seal)
	if err != nil {
		t.Fatal(err)
	}
	read := func(f core.Frame, token string) (string, core.Refusal) {
		value, refusal := m.In(f, nil, []byte(token))
		return string(value), refusal
	}
	if value, refusal := read(payloadFrame, k4Token); value != k4Text || refusal != core.NotRefused {
		t.Errorf("Ktor's token: %q, %v", value, refusal)
	}
	over := payloadFrame
	over.Now = 2000
	if _, refusal := read(over, k4Token); refusal != core.UnknownVersion {
		t.Errorf("Ktor's token at the end: %v", refusal)
	}
	raw, err := m.Out(payloadFrame, ascending(1, m.Entropy()), nil, []byte(k4Text))
	token := string(raw)
	if err != nil || strings.Contains(token, "/") || len(token) > core.Chain([]core.Transform{m}).Size(len(k4Text)) {
		t.Fatal(token, err)
	}
	for _, f := range []core.Frame{payloadFrame, over} {
		if value, refusal := read(f, token); value != k4Text || refusal != core.NotRefused {
			t.Errorf("a new token: %q, %v", value, refusal)
		}
	}
	other := payloadFrame
	other.Kind = "OTHER"
	if _, refusal := read(other, token); refusal == core.NotRefused {
		t.Error("a new token is read for another kind")
	}
	// Every other byte at every place is refused: of the old, but for the IV (see Encrypt), and of the new.
	for i := range token {
		b := []byte(token)
		b[i] ^= 1
		if value, refusal := read(payloadFrame, string(b)); refusal == core.NotRefused {
			t.Errorf("changed at %d it reads %q", i, value)
		}
	}
	for _, bad := range []string{"", "=", token + "=", token + "\n", "\r" + token, token + "A", "a/" + token, "{}", token[:10]} {
		if _, refusal := read(payloadFrame, bad); refusal == core.NotRefused {
			t.Errorf("%q is read", bad)
		}
	}
}

// What is sealed here is the application's text. It must not verify as a native token, which has an envelope inside, nor the
// other way round.
func TestMigratingIsNotNative(t *testing.T) {
	seal := crypto.Seal(ring(t))
	m := Must(Migrating(core.Chain{k2(t, time.Time{})}, time.UnixMilli(1), seal))
	token, err := m.Out(payloadFrame, ascending(1, 12), nil, []byte("an envelope that a user wrote"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64url.DecodeString(string(token))
	if err != nil {
		t.Fatal(err)
	}
	if value, refusal := seal.In(payloadFrame, nil, raw); refusal == core.NotRefused {
		t.Errorf("a native reader reads %q", value)
	}
	native, err := seal.Out(payloadFrame, ascending(1, 12), nil, []byte("v"))
	if err != nil {
		t.Fatal(err)
	}
	if value, refusal := m.In(payloadFrame, nil, []byte(base64url.EncodeToString(native))); refusal == core.NotRefused {
		t.Errorf("a native token reads %q", value)
	}
}

// Tokens that cannot be told apart by their syntax are refused at set-up.
func TestMigratingIsChecked(t *testing.T) {
	seal, old := crypto.Seal(ring(t)), core.Chain{k2(t, time.Time{})}
	end := time.UnixMilli(1)
	for name, err := range map[string]error{
		"no chain": second(Migrating(nil, end, seal)), "no transform": second(Migrating(old, end, nil)), "no end": second(Migrating(old, time.Time{}, seal)),
		"ours last": second(Migrating(core.Chain{old[0], suffix{"x"}}, end, seal)),
		"itself":    second(Migrating(core.Chain{Must(Migrating(old, end, seal))}, end, seal)),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Migrating(core.Chain{suffix{"x"}, old[0]}, end, seal); err != nil {
		t.Error(err)
	}
}

func FuzzMigrating(f *testing.F) {
	m := Must(Migrating(core.Chain{k2(f, time.Time{})}, time.UnixMilli(2000), crypto.Seal(ring(f))))
	token, err := m.Out(payloadFrame, ascending(1, 12), nil, []byte("v"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add([]byte(k4Token))
	f.Add([]byte("a/b"))
	f.Fuzz(func(t *testing.T, src []byte) {
		value, refusal := m.In(payloadFrame, nil, src)
		if refusal == core.NotRefused && !bytes.Equal(src, token) && !strings.HasSuffix(strings.ToLower(string(src)), strings.ToLower(k4Token[32:])) {
			t.Errorf("reads %q", value)
		}
	})
}
