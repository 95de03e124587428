package core_test

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// The vectors of ../testdata/vectors, whose README says what the fields are, hold SPEC.md in both directions: what is encoded
// from a file's inputs is its text, and what its text gives is its outcome. Each positive one is held to a second
// reading of SPEC.md as well (oracle_test.go), which shares no code with the rooms.

const vectorFolder = "../testdata/vectors"

// vector is a file: its fields by name.
type vector struct {
	t      testing.TB
	file   string
	fields map[string]string
}

func readVector(t testing.TB, file, text string) vector {
	t.Helper()
	v := vector{t, file, map[string]string{}}
	comment, rest, _ := strings.Cut(text, "\n")
	if !strings.HasPrefix(comment, "# ") {
		t.Fatalf("%s: no comment says what it shows", file)
	}
	for line := range strings.Lines(rest) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if _, twice := v.fields[name]; !ok || twice {
			t.Fatalf("%s: the line %q", file, line)
		}
		v.fields[name] = value
	}
	return v
}

func (v vector) has(name string) bool { _, ok := v.fields[name]; return ok }

func (v vector) word(name string) string {
	v.t.Helper()
	value, ok := v.fields[name]
	if !ok {
		v.t.Fatalf("%s has no field %s", v.file, name)
	}
	return value
}

func (v vector) number(name string) int64 {
	v.t.Helper()
	n, err := strconv.ParseInt(v.word(name), 10, 64)
	if err != nil {
		v.t.Fatal(v.file, err)
	}
	return n
}

func (v vector) hex(name string) string { v.t.Helper(); return unhex(v.t, v.word(name)) }

// text reads a text in quotes, in which \xhh stands for a byte.
func (v vector) text(name string) string {
	v.t.Helper()
	value := v.word(name)
	s, err := strconv.Unquote(value)
	if err != nil || value != quoted(s) {
		v.t.Fatalf("%s: %s is %s", v.file, name, value)
	}
	return s
}

func quoted(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c >= ' ' && c <= '~' && c != '"' && c != '\\' {
			b.WriteByte(c)
		} else {
			b.WriteString(`\x` + hex.EncodeToString([]byte{c}))
		}
	}
	return `"` + b.String() + `"`
}

// policy compiles what a vector's first fields describe.
func (v vector) policy() *core.Policy {
	v.t.Helper()
	c := core.Config{
		Kind: v.text("kind"), Audience: v.text("audience"), Place: core.ServerSide,
		Lifetime: core.Lifetime{Idle: v.number("idle"), Absolute: v.number("absolute"), Skew: v.number("skew")},
	}
	if v.has("renew") {
		c.Lifetime.Renew, c.Lifetime.Grace = v.number("renew"), v.number("grace")
	}
	if v.has("longest") {
		c.Lifetime.LongestIdle, c.Lifetime.Longest = v.number("longest-idle"), v.number("longest")
	}
	if v.word("place") == "client-side" {
		c.Place = core.ClientSide
	}
	switch v.word("chain") {
	case "sign":
		c.Chain = core.Chain{crypto.Sign(ring(v.t, v.word("keyring")))}
	case "seal":
		c.Chain = core.Chain{crypto.Seal(ring(v.t, v.word("keyring")))}
	case "sign, seal":
		c.Chain = core.Chain{crypto.Sign(ring(v.t, v.word("keyring"))), crypto.Seal(ring(v.t, v.word("keyring")))}
	}
	return compile(v.t, c)
}

// TestVectors reads every file and does what it says.
func TestVectors(t *testing.T) {
	if core.Update() {
		writeVectors(t)
	}
	files, err := filepath.Glob(filepath.Join(vectorFolder, "*.txt"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	outcomes := map[string]int{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			v := readVector(t, filepath.Base(file), string(text))
			switch v.word("type") {
			case "token":
				v.encodeToken()
				v.decodeToken()
			case "record":
				v.record()
			case "renewal":
				v.renewal()
			case "key":
				v.storeKey()
			case "keyring":
				v.keyring()
			default:
				t.Fatalf("a vector of type %q", v.word("type"))
			}
			outcomes[v.word("expect")]++
		})
	}
	for r := core.NotRefused; r <= core.Reused; r++ {
		if outcomes[strings.Replace(r.String(), "none", "ok", 1)] == 0 {
			t.Errorf("no vector has the outcome %v", r)
		}
	}
}

// encodeToken makes the token of a vector that tells its entropy.
func (v vector) encodeToken() {
	v.t.Helper()
	if !v.has("entropy") {
		return
	}
	made := v.number("made")
	s := v.policy().Begin(made, core.Tokens{Tenant: v.text("tenant")})
	if subject := v.text("subject"); subject != "" {
		s = s.SignedIn(core.SignIn{Subject: subject, Payload: v.text("payload")})
	} else {
		s = s.With(v.text("payload"))
	}
	p, err := s.Plan(core.Create, made, []byte(v.hex("entropy")))
	if err != nil {
		v.t.Fatal(err)
	}
	if got := string(p.Send.Token); got != v.text("token") {
		v.t.Errorf("the token is %q, want %q", got, v.text("token"))
	}
	if got := oracleToken(v); got != v.text("token") {
		v.t.Errorf("by SPEC.md alone the token is %q, want %q", got, v.text("token"))
	}
	if p.Send.Until != v.number("until") {
		v.t.Errorf("until %d, want %d", p.Send.Until, v.number("until"))
	}
	if v.word("place") != "server-side" {
		return
	}
	if got := string(p.Create.Key); got != v.hex("key") {
		v.t.Errorf("the key is %x, want %s", got, v.word("key"))
	}
	if got := p.Create.Record.Body; got != v.hex("body") || p.Create.Record.Deadline != v.number("deadline") {
		v.t.Errorf("the body is %x, the deadline %d", got, p.Create.Record.Deadline)
	}
}

// decodeToken reads the token, at its own time, and what is kept under it where that is asked for.
func (v vector) decodeToken() {
	v.t.Helper()
	now := v.number("now")
	tokens := core.Tokens{First: core.Token(v.text("token")), Count: 1, Tenant: v.text("tenant")}
	if v.has("second") {
		tokens.Second, tokens.Count = core.Token(v.text("second")), 2
	}
	s := v.policy().Begin(now, tokens)
	for _, suffix := range []string{"", "-2"} {
		q, asks := s.Next()
		if asks != v.has("key"+suffix) {
			v.t.Fatalf("asks %v, refusal %v", asks, s.Refusal())
		}
		if !asks {
			break
		}
		if string(q.Key) != v.hex("key"+suffix) {
			v.t.Errorf("asks for %x, want %s", string(q.Key), v.word("key"+suffix))
		}
		a := core.Answer{Status: core.Missing}
		if v.has("body" + suffix) {
			a = core.Answer{Status: core.Found, Record: core.Record{
				Revision: 1, Seen: v.number("made"), Deadline: v.number("deadline"), Body: v.hex("body" + suffix),
			}}
		}
		s = s.Answer(now, a)
	}
	v.outcome(s)
}

// outcome compares what became of the session with what is expected.
func (v vector) outcome(s core.Session) {
	v.t.Helper()
	got := s.Refusal().String()
	if s.Standing() == core.Live {
		got = "ok"
	}
	if got != v.word("expect") {
		v.t.Fatalf("outcome %s, want %s", got, v.word("expect"))
	}
	if got != "ok" {
		return
	}
	payload, _ := s.Payload()
	if payload != v.text("payload") || s.Subject() != v.text("subject") {
		v.t.Errorf("%q of %q", payload, s.Subject())
	}
}

// record reads and writes a body, and judges it with its times.
func (v vector) record() {
	v.t.Helper()
	kept := v.hex("body")
	if v.has("family") {
		b := core.Body{Family: core.Family([]byte(v.hex("family")))}
		switch {
		case v.has("hidden"):
			b.Gone, b.Successor, b.Hidden = core.RenewedAway, core.Key(v.hex("successor")), v.hex("hidden")
		case v.has("successor"):
			b.Gone, b.Successor = core.RotatedAway, core.Key(v.hex("successor"))
		default:
			b.Created, b.Authenticated = v.number("created"), v.number("authenticated")
			b.Subject, b.Payload = v.text("subject"), v.text("payload")
			v.parts(&b)
		}
		if b.Spell() != kept {
			v.t.Errorf("the body is %x, want %s", b.Spell(), v.word("body"))
		}
		if got := oracleBody(v); got != kept {
			v.t.Errorf("by SPEC.md alone the body is %x, want %s", got, v.word("body"))
		}
	}
	now := v.number("now")
	rec := core.Record{Revision: 1, Seen: v.number("seen"), Deadline: v.number("deadline"), Body: kept}
	next, dead := core.Successor(rec)
	if dead != v.has("successor") || dead && string(next) != v.hex("successor") {
		v.t.Errorf("a tombstone: %v, %v", dead, next)
	}
	s := v.policy().Begin(now, core.One(core.Token("A"+repeat("Q", 43))))
	v.outcome(s.Answer(now, core.Answer{Status: core.Found, Record: rec}))
}

// storeKey derives a store's key from the ID that a token spells.
func (v vector) storeKey() {
	v.t.Helper()
	asking := v.policy().Begin(noon, core.Tokens{First: core.Token(oracleText("\x01" + v.hex("id"))), Count: 1, Tenant: v.text("tenant")})
	q, asks := asking.Next()
	if !asks || string(q.Key) != v.hex("key") {
		v.t.Errorf("the key is %x, want %s", string(q.Key), v.word("key"))
	}
	if got := oracleKey(v.text("kind"), v.text("audience"), v.text("tenant"), v.hex("id")); got != v.hex("key") {
		v.t.Errorf("by SPEC.md alone the key is %x, want %s", got, v.word("key"))
	}
}

// keyring parses a keyring's text.
func (v vector) keyring() {
	v.t.Helper()
	r, err := crypto.ParseKeyring(v.text("text"))
	if (err == nil) != (v.word("expect") == "ok") {
		v.t.Fatalf("parses: %v, want %s", err, v.word("expect"))
	}
	if err == nil && r.RevealText() != v.text("reveals") {
		v.t.Errorf("reveals other text than %s", v.word("reveals"))
	}
}
