package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

// made is a token as a program makes it, the same in each process of the fuzzer, and what may be said of it.
type made struct {
	token    core.Token
	readable bool
	says     map[string]string // nil where only its holder can have written it, so that any other like it is one too
}

const inspectedSecret = "ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8"

// inspectedTokens are one of each format.
func inspectedTokens(f *testing.F, ring *crypto.Keyring, now time.Time) []made {
	f.Helper()
	mint := func(place core.Place, x core.Transform) core.Plan {
		c := core.Config{Kind: "cart", Place: place, Lifetime: core.Lifetime{Absolute: 3_600_000}}
		if x != nil {
			c.Chain = core.Chain{x}
		}
		p, err := c.Compile()
		if err != nil {
			f.Fatal(err)
		}
		s := p.Begin(now.UnixMilli(), core.Tokens{}).SignedIn(core.SignIn{Subject: "ann", Payload: `{"secret":"payload"}`})
		v := s.Decide(now.UnixMilli())
		plan, err := s.Plan(v, now.UnixMilli(), bytes.Repeat([]byte{7}, s.Entropy(v)))
		if err != nil {
			f.Fatal(err)
		}
		return plan
	}
	session := map[string]string{"subject": "ann", "payload": "map[secret:payload]", "key id": "k1"}
	plain, signed := mint(core.ServerSide, nil), mint(core.ServerSide, crypto.Sign(ring))
	return []made{
		{token: ""},
		{token: plain.Send.Token, says: map[string]string{"record": store.Name(plain.Create.Key), "format": "ID"}},
		{token: signed.Send.Token, says: map[string]string{"record": store.Name(signed.Create.Key), "format": "ID, signed"}},
		{token: mint(core.ClientSide, crypto.Seal(ring)).Send.Token, says: session},
		{token: mint(core.ClientSide, crypto.Sign(ring)).Send.Token, readable: true, says: session},
	}
}

// FuzzInspect has anything looked at as a token. What is refused shows nothing of a session; what is shown opened is a token that a program
// made, in its one spelling, and says what that put in; the end of a line makes no difference; and no answer shows the token or a key.
func FuzzInspect(f *testing.F) {
	ring, err := crypto.ParseKeyring("k1:primary:" + inspectedSecret + "\n")
	if err != nil {
		f.Fatal(err)
	}
	now := time.UnixMilli(1_794_000_000_000)
	tokens := inspectedTokens(f, ring, now)
	for i := range tokens {
		for _, end := range []string{"", "\n", "\r\n", "\n\n", "=", "A", " ", "\x00"} {
			f.Add(uint8(i), uint16(0), end, uint16(0), uint8(0b0111))
			f.Add(uint8(i), uint16(1), end, uint16(9), uint8(0b1111))
		}
		f.Add(uint8(i), uint16(0), "", uint16(0), uint8(0))
		f.Add(uint8(i), uint16(8), "\r\n", uint16(0), uint8(0b1_0110))
		f.Add(uint8(i), uint16(8), "\n", uint16(0), uint8(0b1_0111))
		f.Add(uint8(i), uint16(0), "", uint16(300), uint8(0b1111))
	}
	for _, text := range []string{"AQ", "AgFh", "AwFh", "AgJrMQAAAAAAAAAA", "BAAA", "AQ\r\nAg", strings.Repeat("A", core.MaxTokenLength+9), "Ag" + strings.Repeat("A", core.MaxTokenLength-2)} {
		f.Add(uint8(0), uint16(0), text, uint16(0), uint8(0b0011))
	}
	f.Fuzz(func(t *testing.T, from uint8, cut uint16, end string, bit uint16, bits uint8) {
		genuine := tokens[int(from)%len(tokens)]
		text := string(genuine.token)
		at := max(0, len(text)-int(cut))
		rest := ""
		if bits&16 != 0 {
			rest = text[at:]
		}
		text = text[:at] + end + rest
		if raw, err := base64.RawURLEncoding.DecodeString(text); bits&8 != 0 && err == nil && len(raw) > 0 {
			raw[int(bit/8)%len(raw)] ^= 1 << (bit % 8)
			text = base64.RawURLEncoding.EncodeToString(raw)
		}
		i := inspection{readable: genuine.readable != (bits&4 == 0)}
		kind, none := "", ""
		if bits&1 != 0 {
			kind = "cart"
		}
		if bits&2 != 0 {
			i.ring = ring
		}
		i.binding = binding{kind: &kind, audience: &none, tenant: &none, keys: &none}
		got, refusal, token := inspected(t, i, text, now)
		trimmed := strings.TrimRight(text, "\r\n")
		if len(trimmed) > core.MaxTokenLength && refusal != core.Malformed {
			t.Errorf("%d characters are a token, %v", len(trimmed), refusal)
		}
		if len(text) <= core.MaxTokenLength {
			if string(token) != trimmed {
				t.Errorf("%q is read as %d characters", text, len(token))
			}
			if again, _, _ := inspected(t, i, trimmed+"\r\n", now); fmt.Sprint(again) != fmt.Sprint(got) {
				t.Errorf("%q says %v, and %v with another end of the line", text, got, again)
			}
		}
		opened := got["payload"] != nil || got["record"] != nil
		if refusal != core.NotRefused && (opened || got["subject"] != nil || got["kind"] != nil || got["refused"] != refusal.String()) {
			t.Errorf("%q is refused, %v, and says %v", text, refusal, got)
		}
		if opened && kind == "" {
			t.Errorf("%q is of no kind, and says %v", text, got)
		}
		raw, err := base64.RawURLEncoding.DecodeString(string(token))
		if refusal == core.NotRefused && (err != nil || base64.RawURLEncoding.EncodeToString(raw) != string(token) || len(token) > core.MaxTokenLength) {
			t.Errorf("%q is accepted", text)
		}
		if !opened || got["format"] == "ID" && token != genuine.token { // whoever spells 32 bytes has an ID
			return
		}
		if token != genuine.token {
			t.Fatalf("%q was made by nobody, and says %v", text, got)
		}
		for name, want := range genuine.says {
			if fmt.Sprint(got[name]) != want {
				t.Errorf("of %s it says %v, want %s", name, got[name], want)
			}
		}
	})
}

// inspected returns what is said of a text, by the names of what is told, and checks that it can be read and shows nothing secret.
func inspected(t *testing.T, i inspection, text string, now time.Time) (said map[string]any, refusal core.Refusal, token core.Token) {
	t.Helper()
	var out bytes.Buffer
	i.tool = &tool{in: strings.NewReader(text), out: &out, now: func() time.Time { return now }}
	token, err := i.tool.token(nil)
	if err != nil {
		t.Fatal(err)
	}
	i.token = token
	refusal = i.look()
	if refusal != core.NotRefused {
		i.add("refused", refusal.String())
	}
	if err := i.show(true, i.fields); err != nil {
		t.Fatal(err)
	}
	named := map[string]any{}
	if err := json.Unmarshal(out.Bytes(), &named); err != nil || len(named) != len(i.fields) {
		t.Fatalf("%q: %d fields are shown as %q: %v", text, len(i.fields), &out, err)
	}
	if err := i.show(false, i.fields); err != nil {
		t.Fatal(err)
	}
	if shown := out.String(); strings.Contains(shown, inspectedSecret) || len(token) > 40 && strings.Contains(shown, string(token)) {
		t.Errorf("%q: a secret is shown: %q", text, shown)
	}
	said = map[string]any{}
	for name, value := range named {
		said[strings.ReplaceAll(name, "_", " ")] = value
	}
	return said, refusal, token
}
