package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/sealed"
)

// program is one that keeps its sessions where the tool then works: carts on the server, and papers in the client with a log.
type program struct {
	t        *testing.T
	d        *desk
	sessions *satchel.Sessions
}

var (
	carts  = satchel.NewKind[string]("cart")
	papers = satchel.NewKind[string]("paper")
)

// start places the program's kinds in a store, which is sealed under the keys of the file record-keys if it is to be.
func (d *desk) start(records store.Store, isSealed bool) *program {
	d.t.Helper()
	if isSealed {
		var err error
		records, err = sealed.New(d.t.Context(), records, satchel.KeysFromFile("record-keys"))
		must(d.t, err)
	}
	sessions, err := satchel.Config{Clock: func() time.Time { return d.now }, Entropy: d}.New(
		carts.ServerSide(records),
		papers.ClientSide(satchel.KeysFromFile("keys"), satchel.Revocable(records, satchel.LogOptions{})),
	)
	must(d.t, err)
	return &program{d.t, d, sessions}
}

// visit is one exchange, which changes the tokens that a client has.
func (p *program) visit(has satchel.Arrived, do func(ctx context.Context)) {
	p.t.Helper()
	ex := p.sessions.Open(has)
	do(ex.Context(p.t.Context()))
	out, err := ex.Commit(p.t.Context())
	must(p.t, err)
	ex.Close()
	for _, o := range out {
		switch o.Action {
		case core.SendToken:
			has[o.Transport.Kind] = o.Token
		case core.SendClear:
			delete(has, o.Transport.Kind)
		}
	}
}

// living says of which kinds a client has a live session.
func (p *program) living(has satchel.Arrived) string {
	p.t.Helper()
	var all []string
	p.visit(has, func(ctx context.Context) {
		_, ok, err := carts.Get(ctx)
		must(p.t, err)
		if ok {
			all = append(all, "cart")
		}
		_, ok, err = papers.Get(ctx)
		must(p.t, err)
		if ok {
			all = append(all, "paper")
		}
	})
	return strings.Join(all, " ")
}

// ended is a client who signed in, kept a copy of the tokens, and left.
func (p *program) ended() satchel.Arrived {
	p.t.Helper()
	has := satchel.Arrived{}
	p.visit(has, func(ctx context.Context) {
		must(p.t, carts.SignIn(ctx, "bob", "jam"))
		must(p.t, papers.SignIn(ctx, "bob", "bread"))
	})
	copied := satchel.Arrived{"cart": has["cart"], "paper": has["paper"]}
	p.visit(has, func(ctx context.Context) {
		must(p.t, carts.Clear(ctx))
		must(p.t, papers.Clear(ctx))
	})
	return copied
}

// begun is a client with a session of each kind, and the token that the first had before it was rotated.
func (p *program) begun() (has satchel.Arrived, before core.Token) {
	p.t.Helper()
	has = satchel.Arrived{}
	p.visit(has, func(ctx context.Context) {
		must(p.t, carts.SignIn(ctx, "ann", "tea"))
		must(p.t, papers.SignIn(ctx, "ann", "milk"))
	})
	before = has["cart"]
	p.visit(has, func(ctx context.Context) { must(p.t, carts.Rotate(ctx)) })
	return has, before
}

// What has ended stays ended when all the rest is: neither the log of what ended nor a subject's record is a session.
func TestEndAllEndsNoEnd(t *testing.T) {
	for _, isSealed := range []bool{false, true} {
		t.Run(fmt.Sprint("sealed ", isSealed), func(t *testing.T) {
			d := newDesk(t)
			d.call("satchel key new keys")
			d.call("satchel key new record-keys")
			records, err := store.DirectoryConfig{Path: "kept", Sync: store.SyncNone}.New()
			must(t, err)
			defer records.Close()
			p := d.start(records, isSealed)
			left := p.ended()
			has, _ := p.begun()
			if got := p.living(left) + "/" + p.living(has); got != "/cart paper" {
				t.Fatalf("before: %s", got)
			}
			flag := ""
			if isSealed {
				flag = " -sealed record-keys"
			}
			// Two subject records of each kind, a log, and what the rotation left.
			want := "ended          1\nmissing        0\nkept           6\n"
			if got := d.call("satchel store end -all -yes" + flag + " kept"); got != want {
				t.Errorf("%s\nwant\n%s", got, want)
			}
			p = d.start(records, isSealed) // with no copy of the log
			if got := p.living(left) + "/" + p.living(has); got != "/paper" {
				t.Errorf("after: %s", got)
			}
			again := satchel.Arrived{}
			p.visit(again, func(ctx context.Context) { must(t, carts.SignIn(ctx, "ann", "new")) })
			if got := p.living(again); got != "cart" {
				t.Errorf("a session that begins afterwards: %q", got)
			}
		})
	}
}

// A session that is sealed at rest is not ended unread: its record may be what a rotation left, and then it lives elsewhere.
func TestNothingSealedIsEndedUnread(t *testing.T) {
	d := newDesk(t)
	d.call("satchel key new keys")
	d.call("satchel key new record-keys")
	d.call("satchel key new other-keys")
	records, err := store.DirectoryConfig{Path: "kept", Sync: store.SyncNone}.New()
	must(t, err)
	defer records.Close()
	p := d.start(records, true)
	has, before := p.begun()
	d.write("before", string(before))
	for _, how := range []string{"-all -yes kept", "-kind cart -token before kept"} {
		for flag, want := range map[string]string{
			"":                   "it is sealed; name the keys of store/sealed with -sealed",
			"-sealed other-keys": "cannot be read",
		} {
			if got := d.call("satchel store end " + flag + " " + how); !strings.Contains(got, want) || !strings.Contains(got, "[exit") {
				t.Errorf("%s %s: %s", flag, how, got)
			}
			if got := p.living(has); got != "cart paper" {
				t.Fatalf("%s %s: %q", flag, how, got)
			}
		}
	}
	if got := d.call("satchel store end -sealed record-keys -kind cart -token before kept"); !strings.HasPrefix(got, "ended          1\n") {
		t.Error(got)
	}
	if got := p.living(has); got != "paper" {
		t.Error(got)
	}
}

// A session of ours is taken for none that is sealed, whatever its family happens to be.
func TestOurOwnBodiesAreNotTakenForSealed(t *testing.T) {
	ring, err := crypto.Generate(4_000_000_000_000, []byte("a secret of the tests, 32 bytes."))
	must(t, err)
	const seen = 4_100_000_000_000
	body, err := crypto.Seal(ring).Out(core.Frame{Kind: "store", Now: seen, Life: 3_600_000}, make([]byte, 12), nil, []byte("x"))
	must(t, err)
	at := string(body[4:10]) // behind the id "k1" and the epoch
	own := "\x01" + "1" + "\x00" + at + "family678" + at + "the rest of a body"
	for text, want := range map[string]bool{
		string(body): true, own: false, "": false, "tea": false, string(body[:20]): false, `{"a":1}`: false, "id=%23sab12": false,
		"\x02k1\x01" + string(body[4:]): false, "\x02K1" + string(body[3:]): false,
	} {
		if got := sealedAtRest(core.Record{Revision: 1, Seen: seen, Body: text}); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if sealedAtRest(core.Record{Revision: 1, Seen: seen - 1, Body: string(body)}) {
		t.Error("it was sealed after it was seen last")
	}
}

// Nor is a record ended by name that is no session.
func TestWhatIsNoSessionIsNotEndedByName(t *testing.T) {
	d := newDesk(t)
	d.call("satchel key new keys")
	records, err := store.DirectoryConfig{Path: "kept", Sync: store.SyncNone}.New()
	must(t, err)
	defer records.Close()
	p := d.start(records, false)
	left := p.ended()
	lister, _ := store.Store(records).(store.Lister)
	n := 0
	for l, err := range lister.List(t.Context()) {
		must(t, err)
		got := d.call("satchel store end kept " + l.Name)
		want := "ended          0\nmissing        1\nkept           1\n! satchel: " + l.Name[:8] + " is no session: "
		if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "[exit 3]\n") {
			t.Error(got)
		}
		n++
	}
	if got := d.start(records, false).living(left); n != 3 || got != "" {
		t.Errorf("%d records, %q lives", n, got)
	}
}

// What stands where a name should may be a token, or a URL with its password. Nothing of it is said.
func TestWhatIsNoNameIsNotQuoted(t *testing.T) {
	d := newDesk(t)
	records, err := store.DirectoryConfig{Path: "kept", Sync: store.SyncNone}.New()
	must(t, err)
	must(t, records.Close())
	name := store.Name("x")
	for _, secret := range []string{
		"AWtleXMtYW5kLXRva2Vucy1hcmUtc2VjcmV0cw", "redis://:secret-word@localhost", "secret", "deadbee", name + "0",
	} {
		want := "! satchel: number 2 of the names is not the beginning of one: 8 to 64 of 0-9 and a-f\n[exit 2]\n"
		if got := d.call("satchel store end kept " + name[:8] + " " + secret); got != want {
			t.Errorf("%s: %q", secret, got)
		}
	}
}

// Beginnings of one name are one session, which is ended once; and of two names that a rotation ties together neither is missing.
func TestBeginningsThatOverlap(t *testing.T) {
	for _, order := range []string{"8 64 12", "64 8 8", "64 rotated", "rotated 64"} {
		d := newDesk(t)
		d.call("satchel key new keys")
		records, err := store.DirectoryConfig{Path: "kept", Sync: store.SyncNone}.New()
		must(t, err)
		p := d.start(records, false)
		has, before := p.begun()
		d.write("now", string(has["cart"]))
		d.write("before", string(before))
		name := d.recordOf("now")
		words := map[string]string{"8": name[:8], "12": name[:12], "64": name, "rotated": d.recordOf("before")}
		line := "satchel store end kept"
		for word := range strings.SplitSeq(order, " ") {
			line += " " + words[word]
		}
		if got := d.call(line); got != "ended          1\nmissing        0\nkept           0\n" {
			t.Errorf("%s: %s", order, got)
		}
		if got := p.living(has); got != "paper" {
			t.Errorf("%s: %s", order, got)
		}
		must(t, records.Close())
	}
}

// recordOf returns the name of the record of a cart's token.
func (d *desk) recordOf(file string) string {
	d.t.Helper()
	_, name, ok := strings.Cut(d.call("satchel token inspect -kind cart "+file), "record         ")
	if !ok {
		d.t.Fatal("it has no record")
	}
	return strings.TrimSpace(name)
}

// A name whose session is over by now is missing: what a rotation left of one that has ended since.
func TestTheNameOfWhatIsGoneIsMissing(t *testing.T) {
	d := newDesk(t)
	d.call("satchel key new keys")
	records, err := store.DirectoryConfig{Path: "kept", Sync: store.SyncNone}.New()
	must(t, err)
	defer records.Close()
	p := d.start(records, false)
	has, before := p.begun()
	d.write("before", string(before))
	name := d.recordOf("before")
	p.visit(has, func(ctx context.Context) { must(t, carts.Clear(ctx)) })
	want := "ended          0\nmissing        1\nkept           0\n! satchel: the session of " + name[:8] + " is over already\n[exit 3]\n"
	for range 2 {
		if got := d.call("satchel store end kept " + name); got != want {
			t.Error(got)
		}
	}
	if got := d.call("satchel store end -all -yes kept"); strings.Contains(got, "[exit") || !strings.Contains(got, "missing        0\n") {
		t.Error(got)
	}
}
