package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

func TestHelp(t *testing.T) {
	folder := golden(t)
	d := newDesk(t)
	d.script(folder, "help")
	text, err := os.ReadFile(filepath.Join(folder, "help.txt"))
	must(t, err)
	for _, c := range commands {
		if !strings.Contains(string(text), "\n$ satchel help "+c.name+"\n") || len(c.examples) == 0 {
			t.Errorf("%s has no help, or no example", c.name)
		}
	}
}

func TestKeys(t *testing.T) {
	folder := golden(t)
	d := newDesk(t)
	must(t, os.WriteFile("bad", []byte("k1:primary:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh\n"), 0o600))
	must(t, os.WriteFile("open", []byte("# mine\n\nk7:primary:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n"), 0o644))
	must(t, os.Symlink("open", "link"))
	d.script(folder, "keys")
	if link, err := os.Readlink("link"); err != nil || link != "open" {
		t.Errorf("the link is %q, %v", link, err)
	}
	for _, name := range []string{"keys", "open"} {
		stat, err := os.Stat(name)
		if err != nil || stat.Mode() != 0o600 {
			t.Errorf("%s: %v, %v", name, stat.Mode(), err)
		}
		text, err := os.ReadFile(name)
		must(t, err)
		if _, err := crypto.ParseKeyring(string(text)); err != nil || text[0] != '#' {
			t.Errorf("%s: %v", name, err)
		}
	}
	left, err := filepath.Glob(".keys-*")
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// Whatever rotates at the same moment, nobody's file is overwritten.
func TestAFileThatAnotherChangedIsLeft(t *testing.T) {
	d := newDesk(t)
	d.call("satchel key new keys")
	other := []byte("k9:primary:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n")
	d.now = d.now.Add(720 * time.Hour)
	meddling := d.tool(new(bytes.Buffer), new(bytes.Buffer), new(bytes.Buffer))
	meddling.entropy = reader(func(b []byte) (int, error) { // drawn between the reading and the writing
		must(t, os.WriteFile("keys", other, 0o600))
		return d.Read(b)
	})
	if code := meddling.run(t.Context(), []string{"key", "rotate", "keys"}); code != failure {
		t.Errorf("exit %d", code)
	}
	text, err := os.ReadFile("keys")
	if err != nil || !bytes.Equal(text, other) {
		t.Errorf("%q, %v", text, err)
	}
}

type reader func(b []byte) (int, error)

func (r reader) Read(b []byte) (int, error) { return r(b) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// minted makes a token, as a program would.
func (d *desk) minted(c core.Config, payload string) (core.Token, core.Plan) {
	d.t.Helper()
	p, err := c.Compile()
	must(d.t, err)
	now := d.now.UnixMilli()
	s := p.Begin(now, core.Tokens{}).SignedIn(core.SignIn{Subject: "ann", Payload: payload})
	v := s.Decide(now)
	entropy := make([]byte, s.Entropy(v))
	_, _ = d.Read(entropy)
	plan, err := s.Plan(v, now, entropy)
	must(d.t, err)
	return plan.Send.Token, plan
}

func (d *desk) write(name, text string) {
	d.t.Helper()
	must(d.t, os.WriteFile(name, []byte(text), 0o600))
}

type cart struct {
	Items []string       `cbor:"1,keyasint"`
	Notes map[string]int `cbor:"2,keyasint"`
	Image []byte         `cbor:"3,keyasint"`
}

func TestToken(t *testing.T) {
	folder := golden(t)
	d := newDesk(t)
	d.call("satchel key new keys")
	_, ring, err := readRing("keys")
	must(t, err)
	value := cart{[]string{"tea", "jam"}, map[string]int{"sugar": 2}, []byte{0, 1}}
	inCBOR, err := codec.CBOR[cart]().Encode(value)
	must(t, err)
	versioned, err := codec.Migrate(codec.Unversioned(codec.JSON[cart]()), codec.JSON[cart](), func(c cart) (cart, error) { return c, nil }).Encode(value)
	must(t, err)
	sealed := core.Config{Kind: "cart", Place: core.ClientSide, Chain: core.Chain{crypto.Seal(ring)}, Lifetime: core.Lifetime{Absolute: 3_600_000}}
	signed := sealed
	signed.Chain = core.Chain{crypto.Sign(ring)}
	var secrets []string
	mint := func(name string, c core.Config, payload string) {
		token, _ := d.minted(c, payload)
		d.write(name, string(token)+"\n")
		secrets = append(secrets, string(token))
	}
	mint("sealed", sealed, inCBOR)
	mint("versioned", sealed, versioned)
	mint("bytes", sealed, "\xff\xfe")
	mint("signed", signed, inCBOR)
	plain := core.Config{Kind: "cart", Place: core.ServerSide}
	mint("id", plain, "x")
	plain.Chain = core.Chain{crypto.Sign(ring)}
	mint("signed-id", plain, "x")
	d.write("broken", "no token\n")
	d.write("newer", "BAAA\n")
	d.write("empty", "")
	text, err := os.ReadFile("sealed")
	must(t, err)
	last := "A"
	if text[len(text)-3] == 'A' {
		last = "B"
	}
	d.write("forged", string(text[:len(text)-3])+last+string(text[len(text)-2:]))
	d.script(folder, "token")

	said, err := os.ReadFile(filepath.Join(folder, "token.txt"))
	must(t, err)
	for _, secret := range append(secrets, strings.Split(ring.RevealText(), ":")[2]) {
		if strings.Contains(string(said), secret) {
			t.Errorf("the secret %.10s… is printed", secret)
		}
	}
}

func TestReplay(t *testing.T) {
	folder := golden(t)
	visit, err := os.ReadFile(filepath.Join(folder, "..", "..", "..", "examples", "replay", "testdata", "visit.txt"))
	must(t, err)
	d := newDesk(t)
	d.call("satchel key new keys")
	_, ring, err := readRing("keys")
	must(t, err)
	d.write("visit", string(visit))
	d.write("otherwise", strings.Replace(string(visit), "deadline=1794001805000", "deadline=1794001805001", 1))
	d.write("none", "hello\n")
	d.write("cut", string(visit)+"more\n")
	d.write("nameless", head+"begin now=1 count=0 tenant=\"\" first=\"\" second=\"\"\n")
	d.write("foreign", strings.Replace(string(visit), `chain=""`, `chain="rot13"`, 1))

	p, err := core.Config{Kind: "cart\"\n", Place: core.ClientSide, Chain: core.Chain{crypto.Seal(ring)}}.Compile()
	must(t, err)
	var script core.Transcript
	var s core.Session
	script.Begin(&s, p, d.now.UnixMilli(), core.Tokens{})
	script.With(&s, "secret-payload")
	v := s.Decide(d.now.UnixMilli())
	entropy := make([]byte, s.Entropy(v))
	_, _ = d.Read(entropy)
	var plan core.Plan
	must(t, script.Plan(&plan, &s, v, d.now.UnixMilli(), entropy))
	script.Next(&s, &plan)
	d.write("sealed", script.RevealText())
	d.script(folder, "replay")

	said, err := os.ReadFile(filepath.Join(folder, "replay.txt"))
	must(t, err)
	before, _, _ := strings.Cut(string(said), "-reveal")
	for _, secret := range []string{"secret-payload", string(plan.Send.Token), "milk", "ARESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8w"} {
		if strings.Contains(before, secret) {
			t.Errorf("the secret %.10s… is printed", secret)
		}
	}
}

// Progress is a line in five seconds, or on a terminal one that is written over, and nothing where work is short.
func TestProgress(t *testing.T) {
	for terminal, want := range map[bool]string{
		false: "6 records in 5s, 1 a second\n11 records in 10s, 1 a second\n",
		true:  "\r\x1b[K2 records in 1s, 2 a second\r\x1b[K4 records in 3s, 1 a second\r\x1b[K",
	} {
		d := newDesk(t)
		var errs bytes.Buffer
		tool := d.tool(nil, nil, &errs)
		tool.terminal = terminal
		p := tool.progress("records")
		p.add(1) // at once, of which nothing is said
		if terminal {
			for _, step := range []time.Duration{time.Second, time.Millisecond, 2 * time.Second} {
				d.now = d.now.Add(step)
				p.add(1)
			}
		} else {
			for range 11 {
				d.now = d.now.Add(time.Second)
				p.add(1)
			}
		}
		p.end()
		if errs.String() != want {
			t.Errorf("terminal %v: %q, want %q", terminal, errs.String(), want)
		}
	}
}

// testBuffers are what a call reads and writes.
type testBuffers struct{ in, out, err bytes.Buffer }

func (b *testBuffers) holds(text string) bool {
	return strings.Contains(b.out.String()+b.err.String(), text)
}
