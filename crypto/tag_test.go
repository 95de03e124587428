package crypto_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// DESIGN.md rule 5, "one token has exactly one spelling": any flipped bit, missing byte and added byte is refused.
func TestRule5OneSpelling(t *testing.T) {
	for name, x := range transforms(t) {
		for _, src := range []string{"", "a", "a payload of some bytes"} {
			body := made(t, x, frame(), src)
			refused(t, x, frame(), body, core.NotRefused)
			for bit := range 8 * len(body) {
				flipped := bytes.Clone(body)
				flipped[bit/8] ^= 1 << (bit % 8)
				if out, got := x.In(frame(), nil, flipped); got == core.NotRefused {
					t.Fatalf("%s: bit %d of %x flipped gives %q", name, bit, body, out)
				}
			}
			for n := range body {
				for _, part := range [][]byte{body[:n], body[len(body)-n:]} {
					if _, got := x.In(frame(), nil, part); got == core.NotRefused {
						t.Fatalf("%s: %d bytes of %d pass", name, n, len(body))
					}
				}
			}
			for _, b := range []byte{0, 1, 255} {
				refused(t, x, frame(), append(bytes.Clone(body), b), core.Forged)
			}
		}
	}
}

// CHECKLIST.md 53, ASVS 9.2.2 to 9.2.4: a token of another kind, purpose, audience, tenant or version is forged. So is
// one whose bound fields were cut elsewhere: each stands with its length before it.
func TestRule6EveryFieldIsBound(t *testing.T) {
	changes := map[string]func(*core.Frame){
		"kind":                      func(f *core.Frame) { f.Kind = "prefs" },
		"purpose":                   func(f *core.Frame) { f.Purpose = core.PurposeID },
		"audience":                  func(f *core.Frame) { f.Audience = "" },
		"tenant":                    func(f *core.Frame) { f.Tenant = "acmf" },
		"version":                   func(f *core.Frame) { f.Version = 3 },
		"kind swapped for audience": func(f *core.Frame) { f.Kind, f.Audience = f.Audience, f.Kind },
		"audience for tenant":       func(f *core.Frame) { f.Audience, f.Tenant = f.Tenant, f.Audience },
		"kind to purpose":           func(f *core.Frame) { f.Kind, f.Purpose = "car", "t"+f.Purpose },
		"purpose to kind":           func(f *core.Frame) { f.Kind, f.Purpose = "cartp", f.Purpose[1:] },
		"purpose to audience":       func(f *core.Frame) { f.Purpose, f.Audience = "payloa", "dshop" },
		"audience to tenant":        func(f *core.Frame) { f.Audience, f.Tenant = "sho", "pacme" },
		"tenant to audience":        func(f *core.Frame) { f.Audience, f.Tenant = "shopacme", "" },
		"length bytes in a name":    func(f *core.Frame) { f.Audience, f.Tenant = "", "\x00\x00\x00\x04shop" },
		"tenant into the clear": func(f *core.Frame) {
			f.Tenant = f.Tenant[:3]
		},
	}
	for name, x := range transforms(t) {
		body := made(t, x, frame(), "payload")
		for what, change := range changes {
			t.Run(name+"/"+what, func(t *testing.T) {
				f := frame()
				change(&f)
				refused(t, x, f, body, core.Forged)
				refused(t, x, f, made(t, x, f, "payload"), core.NotRefused) // the change itself is not what is refused
			})
		}
		// What is not bound may differ from node to node.
		f := frame()
		f.Now, f.Life, f.Skew = f.Now+hour, 90*24*hour, 0
		refused(t, x, f, body, core.NotRefused)
	}
}

// The message and the id cannot trade bytes either: "k" signing "1x" is not "k1" signing "x".
func TestRule6IDAndMessageDoNotShift(t *testing.T) {
	ring := parsed(t, "k:primary:"+encoded(1)+",k1:retiring:"+encoded(2)+",k1x:pending:"+encoded(3))
	x := crypto.Sign(ring)
	body := made(t, x, frame(), "1x")
	for n := byte(1); n <= 3; n++ {
		body[0] = n
		refused(t, x, frame(), body, map[bool]core.Refusal{true: core.NotRefused, false: core.Forged}[n == 1])
	}
	body[0] = 2 // and a key of that id may even have the same secret, in another ring
	refused(t, crypto.Sign(parsed(t, "k1:primary:"+encoded(1))), frame(), body, core.Forged)
}

// Rule 6, "algorithm and key come from the keyring, never from the token" (CHECKLIST.md 50, ASVS 9.1.2): what one
// transform made is nothing to the other, and an id that names another live key does not bring that key's tag along.
func TestRule6NoOtherAlgorithmNoOtherKey(t *testing.T) {
	x := transforms(t)
	long := strings.Repeat("x", 64)
	if _, got := x["seal"].In(frame(), nil, made(t, x["sign"], frame(), long)); got == core.NotRefused {
		t.Error("a signed token passes for a sealed one")
	}
	refused(t, x["sign"], frame(), made(t, x["seal"], frame(), long), core.Forged)
	for name, x := range x {
		body := made(t, x, frame(), "payload")
		renamed := bytes.Replace(body, []byte("\x03now"), []byte("\x03old"), 1)
		if bytes.Equal(body, renamed) {
			t.Fatal(name, "carries no id")
		}
		refused(t, x, frame(), renamed, core.Forged)
	}
}

// Two keys that were given the same id one after the other are still two keys.
func TestSameIDOtherSecret(t *testing.T) {
	for _, build := range []func(*crypto.Keyring) core.Transform{crypto.Seal, crypto.Sign} {
		a, b := build(parsed(t, "k:primary:"+encoded(1))), build(parsed(t, "k:primary:"+encoded(2)))
		refused(t, b, frame(), made(t, a, frame(), "payload"), core.Forged)
	}
}

// Key states (DESIGN.md section 6) and CHECKLIST.md 51, ASVS 9.1.3: "keys only from configured sources".
func TestKeyStates(t *testing.T) {
	want := map[string]core.Refusal{
		"next": core.NotRefused, "now": core.NotRefused, "old": core.NotRefused,
		"gone": core.RevokedKey, "alien": core.UnknownKey,
	}
	for name, x := range transforms(t) {
		for _, k := range fleetAndAlien() {
			body := oracleSign(k, frame(), []byte("payload"))
			if name == "seal" {
				body = oracleSeal(k, frame(), nonce(1), []byte("payload"))
			}
			t.Run(name+"/"+k.id, func(t *testing.T) {
				refused(t, x, frame(), body, want[k.id])
				body[len(body)-1] ^= 1 // the state of a key is told before its tag is tried
				if want := want[k.id]; want != core.NotRefused {
					refused(t, x, frame(), body, want)
				} else {
					refused(t, x, frame(), body, core.Forged)
				}
			})
		}
		if body := made(t, x, frame(), "payload"); !bytes.HasPrefix(body, []byte("\x03now")) {
			t.Errorf("%s uses another key than the primary: %q", name, body)
		}
	}
}

// Syntax is checked before a key is looked up: an id that no ring can hold is malformed, not unknown.
func TestRule5SyntaxBeforeKeys(t *testing.T) {
	for name, x := range transforms(t) {
		for _, id := range []string{"", "Now", "n w", "now\x00", "n_w", "é", "nine-char", strings.Repeat("a", 255)} {
			body := append([]byte{byte(len(id))}, id+strings.Repeat("\x00", 300)...)
			t.Run(fmt.Sprintf("%s/%q", name, id), func(t *testing.T) { refused(t, x, frame(), body, core.Malformed) })
		}
		refused(t, x, frame(), nil, core.Malformed)
		refused(t, x, frame(), []byte{3}, core.Malformed)
		refused(t, x, frame(), []byte("\x03now"), core.Malformed)
	}
}

// CHECKLIST.md 49, ASVS 9.1.1: nothing of the content is given out before the tag verifies, not even into the room
// behind dst.
func TestASVS911NothingBeforeTheTag(t *testing.T) {
	const src = "a very secret payload"
	for name, x := range transforms(t) {
		body := made(t, x, frame(), src)
		body[len(body)-1] ^= 1
		room := make([]byte, 4, 256)
		refusedIn, got := x.In(frame(), room, body)
		if got != core.Forged || len(refusedIn) != 4 || bytes.Contains(room[:256], []byte("secret")) {
			t.Errorf("%s: %v, and dst holds %q", name, got, room[:256])
		}
	}
}

// CHECKLIST.md 55, NIST SP 800-63B-4 section 5.1.1(7): sealed content is nowhere readable.
func TestNIST5117SealedIsUnreadable(t *testing.T) {
	src := strings.Repeat("ann@example.org ", 10)
	body := made(t, crypto.Seal(fleetRing(t)), frame(), src)
	for i := range len(src) - 4 {
		if bytes.Contains(body, []byte(src[i:i+4])) {
			t.Fatalf("%q is readable", src[i:i+4])
		}
	}
}

// CHECKLIST.md 57, ASVS 11.2.4: secrets and tags are compared in constant time. Nothing in the room that could compare
// otherwise is imported, and nothing that was computed from a secret stands beside ==.
func TestASVS1124ConstantTime(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	constant := 0
	for _, entry := range files {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				if n.Path.Value == `"bytes"` || n.Path.Value == `"reflect"` {
					t.Errorf("%s imports %s", entry.Name(), n.Path.Value)
				}
			case *ast.SelectorExpr:
				if n.Sel.Name == "ConstantTimeCompare" || fmt.Sprint(n.X, n.Sel) == "hmac Equal" {
					constant++
				}
				if fmt.Sprint(n.X, n.Sel) == "slices Equal" || fmt.Sprint(n.X, n.Sel) == "slices Compare" {
					t.Errorf("%s uses slices.%s", entry.Name(), n.Sel)
				}
			case *ast.BinaryExpr:
				if text := fmt.Sprint(n.X, n.Y); n.Op == token.EQL || n.Op == token.NEQ {
					for _, word := range []string{"secret", "prk", "mac", "sum"} {
						if strings.Contains(text, " "+word+"}") {
							t.Errorf("%s compares a %s with %v", entry.Name(), word, n.Op)
						}
					}
				}
			}
			return true
		})
	}
	if constant != 3 {
		t.Errorf("%d comparisons in constant time, not the 3 known", constant)
	}
}
