package crypto_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

var update = flag.Bool("update", false, "write testdata/vectors.json, from the oracle, and schedule.txt anew")

// vector is one known answer: body goes in with an outcome, and where the ring's primary key made it, out as well.
type vector struct {
	Name      string
	Transform string
	Ring      string // the secrets are for tests only
	Kind      string
	Purpose   core.Purpose
	Audience  string
	Tenant    string
	Version   byte
	Now       int64
	Life      int64
	Skew      int64
	Nonce     string `json:",omitempty"`
	Src       string // hex, as Nonce and Body
	Body      string
	Outcome   string // of In: "none" is success
	Out       bool   // whether Out makes this Body
}

func (v vector) frame() core.Frame {
	return core.Frame{
		Kind: v.Kind, Purpose: v.Purpose, Audience: v.Audience, Tenant: v.Tenant, Version: v.Version,
		Now: v.Now, Life: v.Life, Skew: v.Skew,
	}
}

const vectorsFile = "testdata/vectors.json"

// The known answers of seal and sign. They were made by the oracle, and once more by another language's libraries when
// the format was fixed; a change of one is a change of the format.
func TestVectors(t *testing.T) {
	if *update {
		text, err := json.MarshalIndent(oracleVectors(), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(vectorsFile, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 20 {
		t.Fatalf("only %d vectors", len(vectors))
	}
	seen := make(map[string]bool)
	for _, v := range vectors {
		seen[v.Outcome] = true
		t.Run(v.Transform+"/"+v.Name, func(t *testing.T) { v.check(t) })
	}
	for _, r := range []core.Refusal{
		core.NotRefused, core.Malformed, core.UnknownKey, core.RevokedKey, core.Forged, core.Stale, core.Future,
	} {
		if !seen[r.String()] {
			t.Errorf("no vector is %v", r)
		}
	}
}

func (v vector) check(t *testing.T) {
	ring := parsed(t, v.Ring)
	x := map[string]core.Transform{"seal": crypto.Seal(ring), "sign": crypto.Sign(ring)}[v.Transform]
	src, nonce, body := must(hex.DecodeString(v.Src)), must(hex.DecodeString(v.Nonce)), must(hex.DecodeString(v.Body))
	got, refusal := x.In(v.frame(), nil, body)
	if refusal.String() != v.Outcome || refusal == core.NotRefused && !bytes.Equal(got, src) {
		t.Errorf("in: %x, %v, want %s", got, refusal, v.Outcome)
	}
	if !v.Out {
		return
	}
	if got, err := x.Out(v.frame(), nonce, nil, src); err != nil || !bytes.Equal(got, body) {
		t.Errorf("out: %x, %v\nwant %x", got, err, body)
	}
}

// oracleVectors asks the oracle, and never the package.
func oracleVectors() (all []vector) {
	add := func(name, transform, key string, change func(*core.Frame), src string, spoil func(*core.Frame, []byte) []byte) {
		f := frame()
		if change != nil {
			change(&f)
		}
		var k oracleKey
		for _, k = range fleetAndAlien() {
			if k.id == key {
				break
			}
		}
		v := vector{Name: name, Transform: transform, Ring: ringText(fleet), Src: hex.EncodeToString([]byte(src))}
		open, body := oracleVerify, oracleSign(k, f, []byte(src))
		if transform == "seal" {
			v.Nonce = hex.EncodeToString(nonce(0x2a))
			open, body = oracleOpen, oracleSeal(k, f, nonce(0x2a), []byte(src))
		}
		if v.Out = k.state == "primary" && k.id != "alien" && spoil == nil; spoil != nil {
			body = spoil(&f, body)
		}
		_, refusal := open(fleet, f, body)
		v.Kind, v.Purpose, v.Audience, v.Tenant, v.Version = f.Kind, f.Purpose, f.Audience, f.Tenant, f.Version
		v.Now, v.Life, v.Skew = f.Now, f.Life, f.Skew
		v.Body, v.Outcome = hex.EncodeToString(body), refusal.String()
		all = append(all, v)
	}
	for _, x := range []string{"seal", "sign"} {
		add("plain", x, "now", nil, "a payload", nil)
		add("empty", x, "now", nil, "", nil)
		add("an ID", x, "now", func(f *core.Frame) { f.Purpose = core.PurposeID }, "0123456789abcdef0123456789abcdef", nil)
		add("no audience, no tenant", x, "now", func(f *core.Frame) { f.Audience, f.Tenant = "", "" }, "a payload", nil)
		add("pending key", x, "next", nil, "a payload", nil)
		add("retiring key", x, "old", nil, "a payload", nil)
		add("revoked key", x, "gone", nil, "a payload", nil)
		add("unknown key", x, "alien", nil, "a payload", nil)
		add("last bit", x, "now", nil, "a payload", func(_ *core.Frame, b []byte) []byte { b[len(b)-1] ^= 1; return b })
		add("other tenant", x, "now", nil, "a payload", func(f *core.Frame, b []byte) []byte { f.Tenant = "acmf"; return b })
		add("other version", x, "now", nil, "a payload", func(f *core.Frame, b []byte) []byte { f.Version++; return b })
		add("shifted fields", x, "now", nil, "a payload", func(f *core.Frame, b []byte) []byte {
			f.Audience, f.Tenant = "sho", "pacme"
			return b
		})
		add("upper-case id", x, "now", nil, "a payload", func(_ *core.Frame, b []byte) []byte { b[1] = 'N'; return b })
		add("no id", x, "now", nil, "a payload", func(_ *core.Frame, b []byte) []byte { b[0] = 0; return b })
		add("too short", x, "now", nil, "", func(_ *core.Frame, b []byte) []byte { return b[:len(b)-1] })
	}
	add("unlimited life", "seal", "now", func(f *core.Frame) { f.Life = 0 }, "a payload", nil)
	add("31 hours", "seal", "now", func(f *core.Frame) { f.Life = 31 * hour }, "a payload", nil)
	add("31 hours and a bit", "seal", "now", func(f *core.Frame) { f.Life = 31*hour + 1 }, "a payload", nil)
	add("the first instant", "seal", "now", func(f *core.Frame) { f.Now = 0 }, "a payload", nil)
	add("the last instant", "seal", "now", func(f *core.Frame) { f.Now = core.MaxInstant }, "a payload", nil)
	later := func(by int64) func(*core.Frame, []byte) []byte {
		return func(f *core.Frame, b []byte) []byte { f.Now += by; return b }
	}
	add("at the skew", "seal", "now", nil, "a payload", later(-5000))
	add("beyond the skew", "seal", "now", nil, "a payload", later(-5001))
	add("an epoch past its life", "seal", "now", nil, "a payload", later(25*hour))
	add("further past its life", "seal", "now", nil, "a payload", later(25*hour+1))
	add("exponent too large", "seal", "now", nil, "a payload", func(_ *core.Frame, b []byte) []byte { b[4] = 10; return b })
	return all
}
