package observed

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Call is one call of a store, after it.
type Call struct {
	Method  string // Load, Create, Replace, Touch, Delete, Sweep or List
	Took    time.Duration
	Answer  Answer
	Err     error // the call's own
	Records int   // that Sweep removed, or List listed
}

// Answer is what a store answered.
type Answer uint8

// The answers. What is none of package store's is Ended if the caller's context had ended, else Unavailable.
const (
	Done Answer = iota
	NotFound
	Exists
	Conflict
	Full
	Garbled
	Ended
	Unavailable
)

// String returns the answer in lower case, with hyphens.
func (a Answer) String() string {
	names := [...]string{"done", "not-found", "exists", "conflict", "full", "garbled", "ended", "unavailable"}
	if int(a) >= len(names) {
		return "unknown"
	}
	return names[a]
}

// AnswerOf returns what an error of a call under ctx says.
func AnswerOf(ctx context.Context, err error) Answer {
	switch {
	case err == nil:
		return Done
	case errors.Is(err, store.ErrNotFound):
		return NotFound
	case errors.Is(err, store.ErrExists):
		return Exists
	case errors.Is(err, store.ErrConflict):
		return Conflict
	case errors.Is(err, store.ErrFull):
		return Full
	case errors.Is(err, store.ErrGarbled):
		return Garbled
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return Ended
	}
	return Unavailable
}

// Config is what an observed store may be told.
type Config struct {
	// Observe is told of each call after it, on its goroutine and under its context, and should return soon. nil is free.
	Observe func(ctx context.Context, c Call)

	// Now is the clock by which calls are measured; nil is time.Now.
	Now func() time.Time
}

// New returns a Store that does what inner does and tells observe.
func New(inner store.Store, observe func(ctx context.Context, c Call)) store.Store {
	return Config{Observe: observe}.New(inner)
}

// New returns a Store that does what inner does, and tells Observe. It has inner's abilities.
func (c Config) New(inner store.Store) store.Store {
	if c.Observe == nil {
		return inner
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	o := observed{Store: inner, config: c}
	able := store.AbilitiesOf(inner)
	if able.Sweeper != nil {
		able.Sweeper = sweeper{able.Sweeper, o}
	}
	if able.Lister != nil {
		able.Lister = lister{able.Lister, o}
	}
	return able.On(o)
}

type observed struct {
	store.Store
	config Config
}

// tell tells of a call that began then.
func (o observed) tell(ctx context.Context, method string, began time.Time, err error, records int) {
	took := o.config.Now().Sub(began)
	o.config.Observe(ctx, Call{Method: method, Took: took, Answer: AnswerOf(ctx, err), Err: err, Records: records})
}

func (o observed) Load(ctx context.Context, key core.Key) (core.Record, error) {
	began := o.config.Now()
	rec, err := o.Store.Load(ctx, key)
	o.tell(ctx, "Load", began, err, 0)
	return rec, err
}

func (o observed) Create(ctx context.Context, key core.Key, rec core.Record) error {
	began := o.config.Now()
	err := o.Store.Create(ctx, key, rec)
	o.tell(ctx, "Create", began, err, 0)
	return err
}

func (o observed) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	began := o.config.Now()
	err := o.Store.Replace(ctx, key, at, rec)
	o.tell(ctx, "Replace", began, err, 0)
	return err
}

func (o observed) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	began := o.config.Now()
	err := o.Store.Touch(ctx, key, at, seen, deadline)
	o.tell(ctx, "Touch", began, err, 0)
	return err
}

func (o observed) Delete(ctx context.Context, key core.Key, at uint64) error {
	began := o.config.Now()
	err := o.Store.Delete(ctx, key, at)
	o.tell(ctx, "Delete", began, err, 0)
	return err
}

type sweeper struct {
	inner store.Sweeper
	o     observed
}

func (s sweeper) Sweep(ctx context.Context, now int64, limit int) (removed int, more bool, err error) {
	began := s.o.config.Now()
	removed, more, err = s.inner.Sweep(ctx, now, limit)
	s.o.tell(ctx, "Sweep", began, err, removed)
	return removed, more, err
}

type lister struct {
	inner store.Lister
	o     observed
}

// List is told of when it is over; what its caller does with each record counts.
func (l lister) List(ctx context.Context) iter.Seq2[store.Listed, error] {
	return func(yield func(store.Listed, error) bool) {
		began, listed := l.o.config.Now(), 0
		var failed error
		defer func() { l.o.tell(ctx, "List", began, failed, listed) }()
		for one, err := range l.inner.List(ctx) {
			if failed = err; err == nil {
				listed++
			}
			if !yield(one, err) {
				return
			}
		}
	}
}
