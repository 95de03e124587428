package fuzz_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// cart is what every place here keeps.
type cart struct {
	Items []string `cbor:"1,keyasint" json:"items"`
}

// Secrets of the tests, and nothing else.
const (
	ours   = "k1:primary:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE;k0:retiring:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
	theirs = "k1:primary:CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk" // under the same id
)

var noon = time.UnixMilli(1_794_000_000_000)

// bound is what a token is bound to. Places that are bound alike read each other's tokens, and no others do.
type bound struct{ protection, kind, audience, tenant, keys string }

// place is where one kind lives, in one program, and the tokens that were made there.
type place struct {
	bound

	name     string
	of       satchel.Kind[cart]
	sessions *satchel.Sessions
	issued   map[string]bool
}

// carrier hands over one token.
type carrier core.Tokens

func (c carrier) Tokens(satchel.Transport) core.Tokens { return core.Tokens(c) }

func ring(f testing.TB, text string) satchel.Keys {
	f.Helper()
	r, err := crypto.ParseKeyring(text)
	if err != nil {
		f.Fatal(err)
	}
	return satchel.FixedKeys(r)
}

// codecs are all that can keep a cart.
func codecs() map[string]codec.Codec[cart] {
	return map[string]codec.Codec[cart]{
		"CBOR": codec.CBOR[cart](), "JSON": codec.JSON[cart](), "versioned": codec.Version(2, codec.CBOR[cart]()),
		"prefixed": codec.Fallback(codec.Prefixed("c:", codec.CBOR[cart]()), codec.StartingWith("{", codec.JSON[cart]())),
	}
}

// everyPlace is each placement with each codec, and each placement bound to something else, in one respect each. All that is kept on a
// server is in one store, so that only what tokens are bound to keeps them apart.
func everyPlace(f testing.TB) []*place {
	f.Helper()
	shared := store.NewMemory()
	f.Cleanup(func() {
		if err := shared.Close(); err != nil {
			f.Error(err)
		}
	})
	usual := bound{kind: "cart", audience: "shop", keys: ours}
	var all []*place
	for _, how := range []string{"sealed", "signed", "stored", "stored, signed IDs", "anchored", "revocable", "stamped", "renewed"} {
		for name, c := range codecs() {
			other := usual
			other.kind += "-" + name
			all = append(all, newPlace(f, shared, how+", "+name, how, c, other))
		}
		for name, change := range map[string]func(b *bound){
			"as usual":                         func(*bound) {},
			"another kind":                     func(b *bound) { b.kind = "cars" },
			"another audience":                 func(b *bound) { b.audience = "shops" },
			"no audience":                      func(b *bound) { b.audience = "" },
			"another key":                      func(b *bound) { b.keys = theirs },
			"a tenant":                         func(b *bound) { b.tenant = "acme" },
			"a kind that is kind and audience": func(b *bound) { b.kind, b.audience = "cartshop", "" },
		} {
			other := usual
			change(&other)
			all = append(all, newPlace(f, shared, how+", "+name, how, codec.CBOR[cart](), other))
		}
	}
	return all
}

func newPlace(f testing.TB, shared store.Store, name, how string, c codec.Codec[cart], to bound) *place {
	f.Helper()
	kind := satchel.NewKind[cart](to.kind).WithCodec(c)
	keys := ring(f, to.keys)
	o := satchel.Options{Audience: to.audience}
	var placed satchel.Placement
	to.protection = "a sealed payload"
	switch how {
	case "sealed":
		placed = kind.ClientSide(keys, satchel.Unrevocable)
	case "signed":
		placed, o.Readable = kind.ClientSide(keys, satchel.Unrevocable), true
		to.protection = "a signed payload"
	case "stored":
		placed = kind.ServerSide(shared)
		to.protection, to.keys = "an ID", ""
	case "stored, signed IDs":
		placed, o.SignIDs = kind.ServerSide(shared), keys
		to.protection = "a signed ID"
	case "anchored":
		placed = kind.ClientSide(keys, satchel.Anchored(shared, time.Second))
	case "revocable":
		placed = kind.ClientSide(keys, satchel.Revocable(shared, satchel.LogOptions{}))
	case "stamped":
		placed, o.Idle = kind.ClientSide(keys, satchel.Unrevocable), time.Hour
	case "renewed":
		placed, o.Renew = kind.ServerSide(shared), time.Hour
		to.protection, to.keys = "an ID", ""
	}
	p := &place{bound: to, name: name, of: kind, issued: map[string]bool{}}
	sessions, err := satchel.Config{
		Clock: func() time.Time { return noon }, Entropy: satcheltest.Entropy(name), // the same tokens in each process that fuzzes
	}.New(placed.With(o))
	if err != nil {
		f.Fatalf("%s: %v", name, err)
	}
	p.sessions = sessions
	for _, item := range []string{"", "tea", strings.Repeat("long ", 40)} {
		p.begin(f, item)
	}
	return p
}

// begin makes a session and notes its token.
func (p *place) begin(f testing.TB, item string) {
	f.Helper()
	ex := p.sessions.Open(carrier{Tenant: p.tenant})
	defer ex.Close()
	ctx := ex.Context(context.Background())
	if err := p.of.SignIn(ctx, "ann", cart{Items: []string{item}}); err != nil {
		f.Fatalf("%s: %v", p.name, err)
	}
	outcomes, err := ex.Commit(ctx)
	if err != nil || len(outcomes) == 0 || outcomes[0].Action != core.SendToken {
		f.Fatalf("%s: %v, %v", p.name, outcomes, err)
	}
	p.issued[string(outcomes[0].Token)] = true
}

// reads reports whether a token gives a session here.
func (p *place) reads(t testing.TB, token string) bool {
	t.Helper()
	there, err := p.get(token)
	if err != nil {
		t.Fatalf("%s: a token is an outage: %v", p.name, err)
	}
	return there
}

func (p *place) get(token string) (bool, error) {
	ex := p.sessions.Open(carrier{First: core.Token(token), Count: 1, Tenant: p.tenant})
	defer ex.Close()
	_, there, err := p.of.Get(ex.Context(context.Background()))
	return there, err
}
