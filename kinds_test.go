package satchel_test

import (
	"errors"
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

type prefs struct {
	Theme string `cbor:"1,keyasint"`
}

var (
	settings = satchel.NewKind[prefs]("settings")
	visits   = satchel.NewKind[int]("visits")
)

// three is a program of three kinds: two in stores of their own, one in the client.
type three struct {
	carts, visits *staged
	sessions      *satchel.Sessions
}

func newThree(t *testing.T) *three {
	t.Helper()
	w := &three{carts: newStaged(), visits: newStaged()}
	w.sessions = satchel.Must(satchel.New(
		carts.ServerSide(w.carts),
		settings.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable).With(satchel.Options{Header: "X-Settings"}),
		visits.ServerSide(w.visits).With(satchel.Options{Header: "X-Visits"}),
	))
	return w
}

// told returns what the client holds afterwards, by kind.
func told(held satchel.Arrived, outcomes []satchel.Outcome) satchel.Arrived {
	after := satchel.Arrived{}
	maps.Copy(after, held)
	for _, o := range outcomes {
		switch o.Action {
		case core.SendToken:
			after[o.Transport.Kind] = o.Token
		case core.SendClear:
			delete(after, o.Transport.Kind)
		}
	}
	return after
}

// setAll gives each kind a value.
func setAll(t *testing.T, ctx ctx) {
	t.Helper()
	must(t, visits.Set(ctx, 7))
	must(t, settings.Set(ctx, prefs{"dark"}))
	must(t, carts.Set(ctx, cart{[]string{"tea"}}))
}

// Several kinds live in one exchange, each with its own outcome, in the order of their first use.
func TestSeveralKinds(t *testing.T) {
	w := newThree(t)
	ex := w.sessions.Open(satchel.Arrived{})
	setAll(t, ex.Context(t.Context()))
	out, err := ex.Commit(t.Context())
	must(t, err)
	var order []string
	for _, o := range out {
		order = append(order, o.Transport.Kind)
		if o.Action != core.SendToken || o.Token == "" || o.Until <= o.Now || o.Now == 0 {
			t.Errorf("outcome %+v", o)
		}
	}
	if !reflect.DeepEqual(order, []string{"visits", "settings", "cart"}) {
		t.Error("order:", order)
	}
	if out[0].Transport.Header != "X-Visits" || out[2].Transport.Cookie.Name() != "__Host-cart" || out[2].Transport.Header != "" {
		t.Error("transports:", out[0].Transport, out[2].Transport)
	}

	held := told(nil, out)
	ex = w.sessions.Open(held)
	ctx := ex.Context(t.Context())
	n, ok, err := visits.Get(ctx)
	if n != 7 || !ok || err != nil {
		t.Error("visits:", n, ok, err)
	}
	p, ok, err := settings.Get(ctx)
	if p.Theme != "dark" || !ok || err != nil {
		t.Error("settings:", p, ok, err)
	}
	must(t, carts.Clear(ctx))
	out, err = ex.Commit(t.Context())
	must(t, err)
	if after := told(held, out); len(after) != 2 || after["cart"] != "" {
		t.Error("after the logout of one kind the client holds", len(after), "tokens")
	}
}

// A store that fails leaves what the others did, and it is to be sent beside the error.
func TestOneStoreFails(t *testing.T) {
	for _, failing := range []string{"cart", "visits"} {
		w := newThree(t)
		ex := w.sessions.Open(satchel.Arrived{})
		setAll(t, ex.Context(t.Context()))
		map[string]*staged{"cart": w.carts, "visits": w.visits}[failing].down.Store(true)
		out, err := ex.Commit(t.Context())
		if !errors.Is(err, satchel.ErrUnavailable) {
			t.Error(failing, "fails:", err)
		}
		held := told(nil, out)
		if len(out) != 3 || len(held) != 2 || held[failing] != "" {
			t.Errorf("%s fails: %d outcomes, %d tokens", failing, len(out), len(held))
		}
	}
	w := newThree(t)
	ex := w.sessions.Open(satchel.Arrived{})
	setAll(t, ex.Context(t.Context()))
	w.carts.down.Store(true)
	w.visits.once("create", func() { w.visits.down.Store(true) })
	if _, err := ex.Commit(t.Context()); len(joined(err)) != 2 {
		t.Error("two fail:", err)
	}
}

// joined returns the parts of a joined error.
func joined(err error) []error {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		return j.Unwrap()
	}
	return nil
}

// Another kind of a placed one's name is not taken for it.
func TestUnplaced(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	_, ctx := w.open(w.begun("tea"))
	texts, elsewhere := satchel.NewKind[string]("cart"), satchel.NewKind[cart]("other")
	calls := map[string]error{
		"Set": texts.Set(ctx, "x"), "Overwrite": texts.Overwrite(ctx, "x"), "Clear": texts.Clear(ctx), "Rotate": texts.Rotate(ctx),
		"SignIn": texts.SignIn(ctx, "ann", "x"), "another name": elsewhere.Set(ctx, cart{}),
	}
	_, _, calls["Get"] = texts.Get(ctx)
	_, calls["Update"] = texts.Update(ctx, func(s string) string { t.Error("f is called"); return s })
	_, calls["GetOrSet"] = texts.GetOrSet(ctx, func() string { t.Error("f is called"); return "" })
	_, calls["About"] = texts.About(ctx)
	for name, err := range calls {
		if !errors.Is(err, satchel.ErrUnplaced) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := texts.Clear(ctx); err == nil || err.Error() != `satchel: the kind is not placed: "cart" holds satchel_test.cart` {
		t.Error(err)
	}
	if err := elsewhere.Clear(ctx); err == nil || err.Error() != `satchel: the kind is not placed: "other"` {
		t.Error(err)
	}
}

// The codec is the placed kind's, so that a package may declare the kind and main choose how it is kept.
func TestCodecOfThePlacement(t *testing.T) {
	s := satchel.Must(satchel.New(carts.WithCodec(codec.JSON[cart]()).ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable)))
	token := visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
	as := satchel.NewKind[map[string][]string]("cart").WithCodec(codec.JSON[map[string][]string]())
	other := satchel.Must(satchel.New(as.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable)))
	v, ok, err := as.Get(other.Open(satchel.Arrived{"cart": token}).Context(t.Context()))
	if !ok || err != nil || v["Items"][0] != "tea" {
		t.Error(v, ok, err)
	}
}

// A kind works on the innermost exchange that knows it.
func TestNestedExchanges(t *testing.T) {
	outer := newWorld(t, satchel.Options{})
	inner := satchel.Must(satchel.New(settings.ServerSide(store.NewMemory())))
	token := outer.begun("tea")
	outerEx, ctx := outer.open(token)
	innerEx := inner.Open(satchel.Arrived{})
	ctx = innerEx.Context(ctx)
	if c, ok, err := carts.Get(ctx); !ok || err != nil || c.Items[0] != "tea" {
		t.Error("a kind of the outer exchange:", c, ok, err)
	}
	must(t, settings.Set(ctx, prefs{"dark"}))
	must(t, carts.Set(ctx, cart{[]string{"milk"}}))
	if err := visits.Set(ctx, 1); !errors.Is(err, satchel.ErrUnplaced) {
		t.Error("a kind of neither:", err)
	}
	for name, ex := range map[string]*satchel.Exchange{"cart": outerEx, "settings": innerEx} {
		if out, err := ex.Commit(t.Context()); err != nil || len(out) != 1 || out[0].Transport.Kind != name {
			t.Errorf("%s: %v, %v", name, out, err)
		}
	}
	outer.holds(token, "milk")
}

// Of one name in both, the inner one is meant; the outer one is untouched.
func TestNestedExchangesOfOneKind(t *testing.T) {
	outer, inner := newWorld(t, satchel.Options{}), newWorld(t, satchel.Options{})
	token := inner.begun("inner")
	outerEx, ctx := outer.open("")
	ctx = inner.sessions.Open(satchel.Arrived{"cart": token}).Context(ctx)
	if c, ok, err := carts.Get(ctx); !ok || err != nil || c.Items[0] != "inner" {
		t.Error(c, ok, err)
	}
	if out, err := outerEx.Commit(t.Context()); err != nil || len(out) != 0 {
		t.Error("the outer exchange was used:", out, err)
	}
}

// A second context of one exchange is the same exchange; each keeps its own parent's deadline.
func TestTwoContextsOfOneExchange(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	ex, first := w.open("")
	type key struct{}
	parent, cancel := contextWith(t, key{}, "value")
	second := ex.Context(parent)
	must(t, carts.Set(first, cart{[]string{"tea"}}))
	if c, ok, err := carts.Get(second); !ok || err != nil || c.Items[0] != "tea" {
		t.Error(c, ok, err)
	}
	if first.Value(key{}) != nil || second.Value(key{}) != "value" {
		t.Error("values:", first.Value(key{}), second.Value(key{}))
	}
	cancel()
	if first.Err() != nil || second.Err() == nil {
		t.Error("ends:", first.Err(), second.Err())
	}
	if _, limited := first.Deadline(); limited {
		t.Error("the first has a deadline")
	}
	for name, ctx := range map[string]ctx{"second": second, "only": w.sessions.Open(satchel.Arrived{}).Context(parent)} {
		if d, limited := ctx.Deadline(); !limited || d.IsZero() {
			t.Errorf("the %s has no deadline", name)
		}
	}
}

// Placed describes kinds in the order of their placement.
func TestPlaced(t *testing.T) {
	keys := satchel.FixedKeys(testRing(t))
	all := satchel.Must(satchel.New(
		visits.ServerSide(store.NewMemory()).With(satchel.Options{
			Header: "X-Visits", Idle: time.Minute, Renew: time.Hour, EndReused: true, Profile: satchel.AAL2,
		}),
		carts.ClientSide(keys, satchel.Unrevocable),
		settings.ClientSide(keys, satchel.Unrevocable).With(satchel.Options{Readable: true, Longest: satchel.Unlimited}),
	)).Placed()
	for i, want := range []satchel.Placed{
		{
			Kind: "visits", Type: reflect.TypeFor[int](), Renew: time.Hour, Grace: time.Minute, EndReused: true, Profile: satchel.AAL2,
			LongestIdle: time.Minute, Longest: 24 * time.Hour,
		},
		{Kind: "cart", Type: reflect.TypeFor[cart](), ClientSide: true, LongestIdle: satchel.Unlimited, Longest: 24 * time.Hour},
		{Kind: "settings", Type: reflect.TypeFor[prefs](), ClientSide: true, Readable: true, LongestIdle: satchel.Unlimited, Longest: satchel.Unlimited},
	} {
		got := all[i]
		if got.Transport.Kind != want.Kind || got.Absolute != 24*time.Hour {
			t.Errorf("%s: %+v", want.Kind, got)
		}
		got.Transport, got.Idle, got.Absolute, got.Touch, got.Skew = satchel.Transport{}, 0, 0, 0, 0
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if all[0].Idle != time.Minute || all[0].Touch != 6*time.Second || all[0].Transport.Header != "X-Visits" {
		t.Errorf("%+v", all[0])
	}
	if all[2].Transport.Cookie.Name() != "__Host-settings" {
		t.Error(all[2].Transport.Cookie.Name())
	}
}
