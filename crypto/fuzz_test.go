package crypto_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// fuzzed is one call of In. Corpora in testdata/fuzz keep bodies of every state and age.
type fuzzed struct {
	body            []byte
	kind, audience  string
	tenant          string
	id              bool
	version         byte
	now, life, skew int64
}

func (z fuzzed) frame() core.Frame {
	f := core.Frame{
		Kind: z.kind, Purpose: core.PurposePayload, Audience: z.audience, Tenant: z.tenant, Version: z.version,
		Now: z.now & core.MaxInstant, Life: z.life & core.MaxInstant, Skew: z.skew & core.MaxInstant,
	}
	if z.id {
		f.Purpose = core.PurposeID
	}
	return f
}

// lawsOfIn: In agrees with the oracle; a refusal leaves dst alone; what is let in goes out again to the same bytes, so
// that no second spelling of it exists; nothing panics; and src is not written.
func lawsOfIn(
	t *testing.T, x core.Transform, z fuzzed,
	oracle func([]oracleKey, core.Frame, []byte) ([]byte, core.Refusal), again func(core.Frame, []byte) []byte,
) {
	f, before := z.frame(), bytes.Clone(z.body)
	want, wantRefusal := oracle(fleet, f, z.body)
	got, refusal := x.In(f, []byte("dst"), z.body)
	if refusal != wantRefusal || string(got) != "dst"+string(want) {
		t.Fatalf("%q, %v; the oracle says %q, %v", got, refusal, want, wantRefusal)
	}
	if !bytes.Equal(before, z.body) {
		t.Fatal("src was written")
	}
	if refusal == core.NotRefused && !bytes.Equal(again(f, want), z.body) {
		t.Fatalf("%x has another spelling, %x", z.body, again(f, want))
	}
}

func FuzzSealIn(f *testing.F) {
	x := crypto.Seal(fleetRing(f))
	for _, k := range fleetAndAlien() {
		for _, age := range []int64{0, -hour, hour, 30 * hour} {
			body := oracleSeal(k, frame(), nonce(5), []byte("payload of "+k.id))
			f.Add(body, "cart", "shop", "acme", false, byte(2), someNow+age, 24*hour, int64(5000))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, kind, audience, tenant string, id bool, version byte, now, life, skew int64) {
		z := fuzzed{body: body, kind: kind, audience: audience, tenant: tenant, id: id, version: version, now: now, life: life, skew: skew}
		lawsOfIn(t, x, z, oracleOpen, func(f core.Frame, src []byte) []byte {
			k, n, _ := oracleID(fleet, body)
			for _, b := range body[n+1 : n+7] {
				f.Now = f.Now<<8&core.MaxInstant | int64(b)
			}
			f.Life = 31 * hour << body[n] // for the same e
			return oracleSeal(k, f, body[n+7:n+19], src)
		})
	})
}

func FuzzSignIn(f *testing.F) {
	x := crypto.Sign(fleetRing(f))
	for _, k := range fleetAndAlien() {
		f.Add(oracleSign(k, frame(), []byte("payload of "+k.id)), "cart", "shop", "acme", false, byte(2))
	}
	f.Fuzz(func(t *testing.T, body []byte, kind, audience, tenant string, id bool, version byte) {
		z := fuzzed{body: body, kind: kind, audience: audience, tenant: tenant, id: id, version: version, now: someNow}
		lawsOfIn(t, x, z, oracleVerify, func(f core.Frame, src []byte) []byte {
			k, _, _ := oracleID(fleet, body)
			return oracleSign(k, f, src)
		})
	})
}

// A text gives a ring or an error, and not both. An error says only numbers, ids and our own words. A ring's own text
// gives the same text again, has one primary, and never shows in what is printed.
func FuzzParseKeyring(f *testing.F) {
	f.Add(ringText(fleet))
	f.Fuzz(func(t *testing.T, text string) {
		ring, err := crypto.ParseKeyring(text)
		if err != nil {
			if ring != nil || !errorText.MatchString(err.Error()) {
				t.Fatalf("%v, %v", ring, err)
			}
			return
		}
		canonical := ring.RevealText()
		again, err := crypto.ParseKeyring(canonical)
		if err != nil || again.RevealText() != canonical {
			t.Fatalf("%q became %v, %v", canonical, again, err)
		}
		primaries := 0
		for _, k := range ring.Keys() {
			if k.State() == crypto.Primary {
				primaries++
			}
		}
		if primaries != 1 || len(ring.Keys()) != strings.Count(canonical, "\n") {
			t.Fatalf("%d primary keys in %v", primaries, ring)
		}
		for line := range strings.Lines(canonical) {
			secret := strings.Split(strings.TrimSpace(line), ":")[2]
			if !strings.Contains(text, secret) || strings.Contains(ring.String(), secret) {
				t.Fatalf("%q is not from the text, or is printed", secret)
			}
		}
	})
}

// A target without real seeds proves nothing in a plain test run.
func TestFuzzTargetsHaveSeeds(t *testing.T) {
	for _, target := range []string{"FuzzSealIn", "FuzzSignIn", "FuzzParseKeyring"} {
		files, err := os.ReadDir(filepath.Join("testdata", "fuzz", target))
		if err != nil || len(files) < 5 {
			t.Errorf("%s has %d seeds, %v", target, len(files), err)
		}
	}
}
