package satchel_test

import (
	"context"
	"errors"
	"testing"

	"github.com/satchel-go/satchel"
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
