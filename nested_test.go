package satchel_test

import (
	"context"
	"errors"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Each context of an exchange lies in the one that it was made of: a kind that the exchange does not know is looked for
// there, and nowhere else.
func TestEachContextLooksOutwardThroughItsOwn(t *testing.T) {
	type key struct{}
	tea, milk := newWorld(t, satchel.Options{}), newWorld(t, satchel.Options{})
	other := satchel.Must(satchel.New(visits.ServerSide(store.NewMemory())))
	_, inTea := tea.open(tea.begun("tea"))
	_, inMilk := milk.open(milk.begun("milk"))
	alone := t.Context()
	for name, order := range map[string][]ctx{
		"none first": {alone, inTea, inMilk}, "tea first": {inTea, alone, inMilk}, "milk first": {inMilk, inTea, alone},
		"twice": {inTea, inTea, alone, alone, inMilk},
	} {
		t.Run(name, func(t *testing.T) {
			inner := satchel.Must(satchel.New(settings.ServerSide(store.NewMemory())))
			ex := inner.Open(satchel.Arrived{})
			for _, parent := range order {
				own := ex.Context(parent)
				for how, within := range map[string]ctx{
					"itself": own, "with a value": context.WithValue(own, key{}, "x"), "with another exchange": other.Open(satchel.Arrived{}).Context(own),
				} {
					c, ok, err := carts.Get(within)
					switch {
					case parent == alone && (ok || !errors.Is(err, satchel.ErrUnplaced)):
						t.Error(how, "alone:", c, ok, err)
					case parent == inTea && (!ok || err != nil || c.Items[0] != "tea"):
						t.Error(how, "in tea:", c, ok, err)
					case parent == inMilk && (!ok || err != nil || c.Items[0] != "milk"):
						t.Error(how, "in milk:", c, ok, err)
					}
					if _, _, err := settings.Get(within); err != nil {
						t.Error(how, "its own kind:", err)
					}
					if !inner.In(within) || tea.sessions.In(within) != (parent == inTea) || milk.sessions.In(within) != (parent == inMilk) {
						t.Error(how, "In:", inner.In(within), tea.sessions.In(within), milk.sessions.In(within))
					}
				}
			}
		})
	}
	if tea.sessions.In(alone) || milk.sessions.In(inTea) || !tea.sessions.In(inTea) {
		t.Error("In without nesting")
	}
}

// A context of a framework that holds the exchange alone is in what the exchange's own context is in.
func TestFrameworksContextLooksOutward(t *testing.T) {
	tea := newWorld(t, satchel.Options{})
	_, inTea := tea.open(tea.begun("tea"))
	inner := satchel.Must(satchel.New(settings.ServerSide(store.NewMemory())))
	ex := inner.Open(satchel.Arrived{})
	ex.Context(inTea)
	within := context.WithValue(t.Context(), satchel.ExchangeKey{}, ex)
	if c, ok, err := carts.Get(within); !ok || err != nil || c.Items[0] != "tea" || !tea.sessions.In(within) {
		t.Error(c, ok, err)
	}
}

// locals is a framework's context: what it holds is set as the request comes to one middleware after the other.
type locals struct {
	ctx

	exchange *satchel.Exchange
}

func (l *locals) Value(key any) any {
	if key == (satchel.ExchangeKey{}) && l.exchange != nil {
		return l.exchange
	}
	return l.ctx.Value(key)
}

// Where each exchange's context is made of one that looks into the framework's, the framework's own holds the innermost
// by now, and yet each exchange lies in those that came before it. A look-up ends, whatever order a framework keeps.
func TestContextsThatLookIntoTheFrameworks(t *testing.T) {
	type key struct{}
	for name, heldFirst := range map[string]bool{"made, then held": false, "held, then made": true} {
		t.Run(name, func(t *testing.T) {
			tea, milk := newWorld(t, satchel.Options{}), newWorld(t, satchel.Options{})
			inner := satchel.Must(satchel.New(settings.ServerSide(store.NewMemory())))
			request := &locals{ctx: t.Context()}
			var within ctx
			for _, ex := range []*satchel.Exchange{
				milk.sessions.Open(satchel.Arrived{"cart": milk.begun("milk")}),
				tea.sessions.Open(satchel.Arrived{"cart": tea.begun("tea")}),
				inner.Open(satchel.Arrived{}),
			} {
				if heldFirst {
					request.exchange = ex
				}
				within = ex.Context(context.WithValue(request, key{}, "an id"))
				request.exchange = ex
			}
			further := request.exchange.Context(context.WithValue(request, key{}, "another"))
			for how, of := range map[string]ctx{"its own": within, "the framework's": request, "a further one": further} {
				if _, _, err := visits.Get(of); !errors.Is(err, satchel.ErrUnplaced) {
					t.Error(how, "a kind of nobody's:", err)
				}
				if _, _, err := settings.Get(of); err != nil {
					t.Error(how, "the innermost:", err)
				}
				c, ok, err := carts.Get(of)
				switch {
				case heldFirst: // nothing says what was held before
				case err != nil || !ok || c.Items[0] != "tea":
					t.Error(how, "around it:", c, ok, err)
				case !tea.sessions.In(of) || !milk.sessions.In(of):
					t.Error(how, "In:", tea.sessions.In(of), milk.sessions.In(of))
				}
			}
		})
	}
}

// An exchange that is made a context of one which lies in it already does not lie in that as well.
func TestExchangesDoNotLieInEachOther(t *testing.T) {
	tea, milk := newWorld(t, satchel.Options{}), newWorld(t, satchel.Options{})
	one, other := tea.sessions.Open(satchel.Arrived{}), milk.sessions.Open(satchel.Arrived{})
	inner := one.Context(&locals{t.Context(), other})
	outer := other.Context(inner)
	for within, inTea := range map[ctx]bool{inner: true, outer: false} {
		if _, _, err := visits.Get(within); !errors.Is(err, satchel.ErrUnplaced) {
			t.Error(err)
		}
		if tea.sessions.In(within) != inTea || !milk.sessions.In(within) {
			t.Error("In:", tea.sessions.In(within), milk.sessions.In(within))
		}
	}
}

// What stands within an exchange of the same sessions learns whether that is of its tenant, however deep it stands.
func TestOfTenant(t *testing.T) {
	sessions, other := satchel.Must(satchel.New(carts.ServerSide(store.NewMemory()))), satchel.Must(satchel.New(visits.ServerSide(store.NewMemory())))
	empty := satchel.Must(satchel.New())
	for _, tenant := range []string{"", "north"} {
		ctx := sessions.Open(ofTenant(tenant)).Context(t.Context())
		for how, within := range map[string]context.Context{
			"itself": ctx, "within another's": other.Open(ofTenant("south")).Context(ctx), "without a kind": empty.Open(ofTenant("south")).Context(ctx),
		} {
			for asked, want := range map[string]error{tenant: nil, "south": satchel.ErrTenant, tenant + " ": satchel.ErrTenant} {
				if err := sessions.OfTenant(within, asked); !errors.Is(err, want) {
					t.Errorf("%s of %q, asked for %q: %v", how, tenant, asked, err)
				}
			}
		}
		if err := other.OfTenant(ctx, tenant); !errors.Is(err, satchel.ErrNoExchange) {
			t.Errorf("around nothing: %v", err)
		}
		if err := empty.OfTenant(empty.Open(ofTenant("")).Context(ctx), "any"); err != nil {
			t.Errorf("without a kind nothing is of a tenant: %v", err)
		}
	}
}

// ofTenant carries nothing, for a tenant.
type ofTenant string

func (o ofTenant) Tokens(satchel.Transport) core.Tokens { return core.Tokens{Tenant: string(o)} }
