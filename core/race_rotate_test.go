package core_test

import (
	"errors"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// The three races of a rotation against a logout, step by step. The search visits every other order as well; these are
// for a reader, and for whoever breaks one of them.

type rotateRace struct {
	*testing.T
	*shelf
	p     *core.Policy
	first core.Plan
}

func newRotateRace(t *testing.T) rotateRace {
	t.Helper()
	w, p := newShelf(), policyOf(t, stored)
	return rotateRace{t, w, p, w.must(t, w.open(p, noon, core.Tokens{}).With("tea"), noon)}
}

func (r rotateRace) rotation() core.Plan {
	r.Helper()
	p, err := r.plan(r.open(r.p, noon+1, core.One(r.first.Send.Token)).Rotated(), noon+1)
	if err != nil {
		r.Fatal(err)
	}
	return p
}

// nothing asserts that neither token reads and that no live record is left.
func (r rotateRace) nothing(rotated core.Plan) {
	r.Helper()
	for name, token := range map[string]core.Token{"old": r.first.Send.Token, "new": rotated.Send.Token} {
		if s := r.open(r.p, noon+3, core.One(token)); s.Standing() != core.Refused {
			r.Errorf("the %s token gives %v", name, s)
		}
	}
	for _, rec := range r.records {
		if _, dead := core.Successor(rec); !dead {
			r.Error("a live record is left")
		}
	}
}

// The logout's delete comes between the rotation's create and its claim: the claim finds no record, and the rotation deletes
// what it created.
func TestRotateAgainstLogoutBeforeClaim(t *testing.T) {
	r := newRotateRace(t)
	rotated := r.rotation()
	r.records[rotated.Create.Key] = rotated.Create.Record
	r.must(t, r.open(r.p, noon+2, core.One(r.first.Send.Token)).Cleared(), noon+2)
	delete(r.records, rotated.Create.Key) // carry creates it again
	if err := r.carry(rotated); !errors.Is(err, errEnded) {
		t.Fatalf("the rotation: %v, want %v", err, errEnded)
	}
	r.nothing(rotated)
}

// The logout has read the record before the claim, and deletes after it: its revision no longer matches, and it follows
// the tombstone.
func TestRotateAgainstLogoutAcrossClaim(t *testing.T) {
	r := newRotateRace(t)
	logout, err := r.plan(r.open(r.p, noon+1, core.One(r.first.Send.Token)).Cleared(), noon+1)
	if err != nil {
		t.Fatal(err)
	}
	rotated := r.rotation()
	if err := r.carry(rotated); err != nil {
		t.Fatal(err)
	}
	if err := r.carry(logout); err != nil {
		t.Fatal(err)
	}
	r.nothing(rotated)
}

// The logout arrives with the old token after the rotation is done: it reads the tombstone, and ends the successor.
func TestRotateAgainstLogoutWithOldToken(t *testing.T) {
	r := newRotateRace(t)
	rotated := r.rotation()
	if err := r.carry(rotated); err != nil {
		t.Fatal(err)
	}
	s := r.open(r.p, noon+2, core.One(r.first.Send.Token))
	if s.Refusal() != core.Rotated {
		t.Fatalf("the old token gives %v", s)
	}
	r.must(t, s.Cleared(), noon+2)
	r.nothing(rotated)
}
