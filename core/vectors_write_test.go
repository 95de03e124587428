package core_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// Under -update the vectors are written anew: the good ones by core, the bad ones by damage to a good one.

const (
	ringK1    = "k1:primary:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
	ringBoth  = ringK1 + "; k0:retiring:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI; kx:revoked:AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM; kn:pending:BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ"
	ringOther = "k9:primary:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"
)

// scene is a vector of a token before it is written.
type scene struct {
	place, kind, audience, tenant, chain, keyring string
	absolute                                      int64
	subject, payload                              string
}

func serverScene(chain string) scene {
	return scene{"server-side", "cart", "", "", chain, ringBoth, day, "", "tea"}
}

func clientScene(chain string) scene {
	return scene{"client-side", "prefs", "", "", chain, ringBoth, day, "", "dark"}
}

// draft is the fields of a file, in order.
type draft struct {
	names  []string
	values map[string]string
}

func (d *draft) set(name, value string) *draft {
	if _, ok := d.values[name]; !ok {
		d.names = append(d.names, name)
	}
	d.values[name] = value
	return d
}

func (d *draft) number(name string, n int64) *draft { return d.set(name, fmt.Sprint(n)) }
func (d *draft) hex(name, s string) *draft          { return d.set(name, fmt.Sprintf("%x", s)) }
func (d *draft) text(name, s string) *draft         { return d.set(name, quoted(s)) }

func (d *draft) without(names ...string) *draft {
	for _, name := range names {
		delete(d.values, name)
		d.names = slices.DeleteFunc(d.names, func(n string) bool { return n == name })
	}
	return d
}

func (d *draft) write(t *testing.T, file, about string) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", about)
	for _, name := range d.names {
		fmt.Fprintf(&b, "%s: %s\n", name, d.values[name])
	}
	if err := os.WriteFile(filepath.Join(vectorFolder, file+".txt"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// policyDraft begins a file with what its policy is.
func policyDraft(kind string, x scene) *draft {
	d := &draft{values: map[string]string{}}
	d.set("type", kind).set("expect", "ok").set("place", x.place).text("kind", x.kind).text("audience", x.audience)
	d.set("chain", x.chain)
	if x.chain != "none" {
		d.set("keyring", x.keyring)
	}
	idle := int64(0)
	if x.place == "server-side" {
		idle = 30 * minute
	}
	return d.number("idle", idle).number("absolute", x.absolute).number("skew", 5*second).text("tenant", x.tenant)
}

// good creates a session and writes down what comes of it.
func good(t *testing.T, x scene) *draft {
	t.Helper()
	d := policyDraft("token", x)
	d.number("made", noon).number("now", noon).text("subject", x.subject).text("payload", x.payload)
	v := vector{t, "a draft", d.values}
	s := v.policy().Begin(noon, core.Tokens{Tenant: x.tenant})
	if s = s.With(x.payload); x.subject != "" {
		s = s.SignedIn(core.SignIn{Subject: x.subject, Payload: x.payload})
	}
	entropy := make([]byte, s.Entropy(core.Create))
	for i := range entropy {
		entropy[i] = byte(0xa0 + i)
	}
	p, err := s.Plan(core.Create, noon, entropy)
	if err != nil {
		t.Fatal(err)
	}
	d.hex("entropy", string(entropy)).number("until", p.Send.Until)
	if p.Create.Key != "" {
		d.hex("key", string(p.Create.Key)).hex("body", p.Create.Record.Body).number("deadline", p.Create.Record.Deadline)
	}
	return d.text("token", string(p.Send.Token))
}

// bad is a good one with another token and another outcome.
func bad(t *testing.T, x scene, refusal core.Refusal, damage func(token string) string) *draft {
	t.Helper()
	d := good(t, x)
	token := vector{t, "a draft", d.values}.text("token")
	return d.text("token", damage(token)).set("expect", refusal.String()).without("entropy", "until", "key", "body", "deadline", "subject", "payload")
}

// forged crafts a token under a policy's own or another keyring.
func forged(t *testing.T, x scene, keyring string, version byte, src string, change func(f *core.Frame)) func(string) string {
	t.Helper()
	chain := core.Chain{crypto.Seal(ring(t, keyring))}
	if x.chain == "sign" {
		chain = core.Chain{crypto.Sign(ring(t, keyring))}
	}
	c := core.Config{Kind: x.kind, Audience: x.audience, Place: core.ServerSide, Lifetime: core.Lifetime{Absolute: x.absolute}}
	if x.place == "client-side" {
		c.Place = core.ClientSide
	}
	return func(string) string {
		return string(craft(t, version, chain, frameOf(c, noon, func(f *core.Frame) {
			f.Tenant = x.tenant
			if change != nil {
				change(f)
			}
		}), src))
	}
}

func flip(at int, bit byte) func(string) string {
	return func(token string) string {
		raw := []byte(decodeRaw(token))
		if at < 0 {
			at += len(raw)
		}
		raw[at] ^= bit
		return oracleText(string(raw))
	}
}

func decodeRaw(token string) string { return decodeToken(core.Token(token)) }

func writeVectors(t *testing.T) {
	t.Helper()
	writeIDs(t)
	writePayloads(t)
	writeRecords(t)
	writeParts(t)
	writeRenewals(t)
	writeRings(t)
}
