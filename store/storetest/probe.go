package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// The instants of the cases, in Unix milliseconds. doc.go says why these.
const (
	past    int64 = 1_000_000_000_000 // 2001
	present int64 = 1_600_000_000_000 // 2020
	far     int64 = 4_200_000_000_000 // 2103
)

// probe is one case's hold on a store. A check fails through it, so that each failure quotes the rule.
type probe struct {
	testing.TB
	config Config
	rule   string
	open   func(t testing.TB) store.Store
	store  store.Store // opened for this case
	ctx    context.Context
	run    string // keys of this case begin with it
	mu     sync.Mutex
	keys   int
}

func newProbe(t testing.TB, c Config, rule string, open func(t testing.TB) store.Store) *probe {
	return &probe{TB: t, config: c, rule: rule, open: open, store: open(t), ctx: context.Background(), run: rand.Text()}
}

// brokenf ends the case: the store did what the rule forbids.
func (p *probe) brokenf(format string, args ...any) {
	p.Helper()
	p.Fatalf("%s\n\tThe rule: %s", fmt.Sprintf(format, args...), p.rule)
}

// key returns a key of 32 bytes that no other call has returned.
func (p *probe) key() core.Key {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys++
	return core.Key(fmt.Sprintf("%.20s%012d", p.run, p.keys))
}

// live returns a record that must stay.
func live(revision uint64, body string) core.Record {
	return core.Record{Revision: revision, Seen: present, Deadline: far, Body: body}
}

// created keeps rec under a new key.
func (p *probe) created(rec core.Record) core.Key {
	p.Helper()
	key := p.key()
	p.create(key, rec)
	return key
}

func (p *probe) create(key core.Key, rec core.Record) {
	p.Helper()
	p.want("Create", p.store.Create(p.ctx, key, rec), nil)
}

// want checks a method's error against a sentinel of package store, or nil.
func (p *probe) want(method string, err, want error) {
	p.Helper()
	if !errors.Is(err, want) {
		p.brokenf("%s returned %s, want %s.", method, spell(err), spell(want))
	}
}

// holds checks that exactly rec is kept under key.
func (p *probe) holds(key core.Key, want core.Record) {
	p.Helper()
	got, err := p.store.Load(p.ctx, key)
	if err != nil {
		p.brokenf("Load returned %s, want %s.", spell(err), show(want))
	}
	if got != want {
		p.brokenf("Load returned %s, want %s.", show(got), show(want))
	}
}

// absent checks that nothing is kept under key.
func (p *probe) absent(key core.Key) {
	p.Helper()
	got, err := p.store.Load(p.ctx, key)
	if err == nil {
		p.brokenf("Load returned %s, want ErrNotFound.", show(got))
	}
	p.want("Load", err, store.ErrNotFound)
}

// show prints a record for a reader, with a long body cut short.
func show(r core.Record) string {
	body := fmt.Sprintf("%q", r.Body)
	if len(r.Body) > 40 {
		body = fmt.Sprintf("%q… (%d bytes)", r.Body[:40], len(r.Body))
	}
	return fmt.Sprintf("{revision %d, seen %d, deadline %d, body %s}", r.Revision, r.Seen, r.Deadline, body)
}

func spell(err error) string {
	for _, s := range []struct {
		err  error
		name string
	}{
		{store.ErrNotFound, "ErrNotFound"},
		{store.ErrExists, "ErrExists"},
		{store.ErrConflict, "ErrConflict"},
		{store.ErrFull, "ErrFull"},
		{store.ErrGarbled, "ErrGarbled"},
	} {
		if errors.Is(err, s.err) {
			return s.name
		}
	}
	if err == nil {
		return "no error"
	}
	return fmt.Sprintf("the error %q", err)
}

// answered reports whether err is one of package store's, so says something about a record.
func answered(err error) bool {
	return errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrExists) ||
		errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrGarbled)
}

// call is one method with its arguments bound, for the cases that hold for each method.
type call struct {
	method string
	do     func(ctx context.Context, s store.Store) error
}

// calls returns a call of each method for the record under key, which has revision 1.
func calls(key, fresh core.Key) []call {
	return []call{
		{"Load", func(ctx context.Context, s store.Store) error {
			_, err := s.Load(ctx, key)
			return err
		}},
		{"Create", func(ctx context.Context, s store.Store) error { return s.Create(ctx, fresh, live(1, "new")) }},
		{"Replace", func(ctx context.Context, s store.Store) error { return s.Replace(ctx, key, 1, live(2, "next")) }},
		{"Touch", func(ctx context.Context, s store.Store) error { return s.Touch(ctx, key, 1, present+1, far+1) }},
		{"Delete", func(ctx context.Context, s store.Store) error { return s.Delete(ctx, key, 1) }},
		{"Sweep", func(ctx context.Context, s store.Store) error {
			sweeper, ok := s.(store.Sweeper)
			if !ok {
				return ctx.Err()
			}
			_, _, err := sweeper.Sweep(ctx, past, 10)
			return err
		}},
		{"List", func(ctx context.Context, s store.Store) error {
			lister, ok := s.(store.Lister)
			if !ok {
				return ctx.Err()
			}
			for _, err := range lister.List(ctx) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
	}
}
