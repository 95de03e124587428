package satchel_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// waiting is a store whose next call of an operation waits for the end of its context.
type waiting struct {
	*store.Memory
	op    string
	then  string // and that of this one after it
	does  bool   // it takes effect first
	ended error
}

func (s *waiting) wait(ctx context.Context, op string, do func() error) error {
	if s.op != op {
		return do()
	}
	s.op, s.then = s.then, ""
	if s.does {
		if err := do(); err != nil {
			return err
		}
	}
	<-ctx.Done()
	s.ended = ctx.Err()
	return ctx.Err()
}

func (s *waiting) Load(ctx context.Context, key core.Key) (rec core.Record, err error) {
	err = s.wait(ctx, "load", func() error { rec, err = s.Memory.Load(ctx, key); return err })
	return rec, err
}

func (s *waiting) Create(ctx context.Context, key core.Key, rec core.Record) error {
	return s.wait(ctx, "create", func() error { return s.Memory.Create(ctx, key, rec) })
}

func (s *waiting) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	return s.wait(ctx, "replace", func() error { return s.Memory.Replace(ctx, key, at, rec) })
}

func (s *waiting) Delete(ctx context.Context, key core.Key, at uint64) error {
	return s.wait(ctx, "delete", func() error { return s.Memory.Delete(ctx, key, at) })
}

// slow is a program over a store that waits.
func slow(t *testing.T, c satchel.Config) (*waiting, *satchel.Sessions, core.Token) {
	t.Helper()
	st := &waiting{Memory: store.NewMemory()}
	s := satchel.Must(c.New(carts.ServerSide(st)))
	return st, s, visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
}

func read(t *testing.T, s *satchel.Sessions, token core.Token) (items []string, ok bool) {
	t.Helper()
	visit(t, s, token, func(ctx ctx) {
		c, found, err := carts.Get(ctx)
		must(t, err)
		items, ok = c.Items, found
	})
	return items, ok
}

// PEERS 22: a client that hangs up leaves nothing half saved. What needs no token is done all the same.
func TestClientHangsUp(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	for name, change := range map[string]struct {
		do   func(ctx ctx, hangUp func()) error
		want []string
	}{
		"set, before the commit": {func(ctx ctx, hangUp func()) error {
			defer hangUp()
			return carts.Set(ctx, cart{[]string{"set"}})
		}, []string{"set"}},
		"update, in its middle": {func(ctx ctx, hangUp func()) error {
			_, err := carts.Update(ctx, func(cart) cart { hangUp(); return cart{[]string{"updated"}} })
			return err
		}, []string{"updated"}},
		"set, in the middle of the commit": {func(ctx ctx, hangUp func()) error {
			w.store.once("replace", hangUp)
			return carts.Set(ctx, cart{[]string{"middle"}})
		}, []string{"middle"}},
	} {
		parent, hangUp := context.WithCancel(t.Context())
		ex := w.sessions.Open(satchel.Arrived{"cart": token})
		ctx := ex.Context(parent)
		must(t, change.do(ctx, hangUp))
		if _, err := ex.Commit(ctx); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		hangUp()
		w.holds(token, change.want...)
	}
	parent, hangUp := context.WithCancel(t.Context())
	ex := w.sessions.Open(satchel.Arrived{"cart": token})
	must(t, carts.Clear(ex.Context(parent)))
	hangUp()
	if _, err := ex.Commit(parent); err != nil {
		t.Error("a logout whose client hung up:", err)
	}
	w.nothingLives(token)
}

// A load ends with its client, and is an outage for this exchange only.
func TestLoadEndsWithItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, s, token := slow(t, satchel.Config{})
		st.op = "load"
		parent, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, ok, err := carts.Get(s.Open(satchel.Arrived{"cart": token}).Context(parent))
		if ok || !errors.Is(err, satchel.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(ok, err)
		}
		if d := time.Since(began); d != time.Second {
			t.Error("the load took", d)
		}
		if items, ok := read(t, s, token); !ok || len(items) != 1 {
			t.Error("afterwards:", items, ok)
		}
	})
}

// A commit ends with its CommitLimit, whatever its caller's context allows, and with an outage.
func TestCommitLimit(t *testing.T) {
	for name, c := range map[string]struct {
		config satchel.Config
		want   time.Duration
	}{
		"default": {satchel.Config{}, 5 * time.Second},
		"chosen":  {satchel.Config{CommitLimit: time.Second}, time.Second},
	} {
		for op, do := range map[string]func(ctx ctx) error{
			"replace": func(ctx ctx) error { return carts.Set(ctx, cart{[]string{"milk"}}) },
			"create":  carts.Rotate,
			"delete":  carts.Clear,
		} {
			t.Run(name+"/"+op, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					st, s, token := slow(t, c.config)
					ex := s.Open(satchel.Arrived{"cart": token})
					must(t, do(ex.Context(t.Context())))
					st.op = op
					began := time.Now()
					out, err := ex.Commit(t.Context())
					if !errors.Is(err, satchel.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) || out[0].Action != core.SendNothing {
						t.Error("told", out[0].Action, err)
					}
					if d := time.Since(began); d != c.want {
						t.Errorf("the commit took %v, want %v", d, c.want)
					}
					if items, ok := read(t, s, token); !ok || len(items) != 1 || items[0] != "tea" {
						t.Error("afterwards:", items, ok)
					}
				})
			})
		}
	}
}

// Update replays until the CommitLimit, and then it is a conflict; in between f was called more than a few times.
func TestCommitLimitBoundsReplays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, satchel.Options{})
		w.sessions = satchel.Must(satchel.Config{Clock: w.clock.now, CommitLimit: time.Second}.New(carts.ServerSide(w.store)))
		token := w.begun()
		other := w.node(satchel.Options{})
		_, ctx := w.open(token)
		var meddle func()
		meddle = func() {
			visit(t, other, token, func(ctx context.Context) { _, err := carts.Update(ctx, add("x")); must(t, err) })
			w.store.once("replace", meddle)
		}
		calls, began := 0, time.Now()
		w.store.once("replace", meddle)
		_, err := carts.Update(ctx, func(c cart) cart { calls++; return add("mine")(c) })
		if !errors.Is(err, satchel.ErrConflict) {
			t.Error(err)
		}
		if d := time.Since(began); d > time.Second || d < time.Second-32*time.Millisecond {
			t.Error("gave up after", d)
		}
		if calls < 1000/32 || calls > 300 { // with pauses of half of 32 ms, most of them
			t.Error("f was called", calls, "times")
		}
	})
}

// So does a commit of what does not depend on what was read, such as a rotation.
func TestCommitLimitBoundsTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, satchel.Options{})
		w.sessions = satchel.Must(satchel.Config{Clock: w.clock.now, CommitLimit: time.Second}.New(carts.ServerSide(w.store)))
		token := w.begun()
		other := w.node(satchel.Options{})
		ex, ctx := w.open(token)
		must(t, carts.Rotate(ctx))
		tries := 0
		var meddle func()
		meddle = func() {
			tries++
			visit(t, other, token, func(ctx context.Context) { _, err := carts.Update(ctx, add("x")); must(t, err) })
			w.store.once("replace", meddle)
		}
		w.store.once("replace", meddle)
		began := time.Now()
		out, err := w.sent(ex)
		if !errors.Is(err, satchel.ErrConflict) || out.Action != core.SendNothing {
			t.Error(out.Action, err)
		}
		if d := time.Since(began); d > time.Second || d < time.Second-32*time.Millisecond {
			t.Error("gave up after", d)
		}
		if n := w.store.Stats().Records; n != 1 || tries < 1000/32 {
			t.Errorf("%d records are left of %d tries", n, tries)
		}
	})
}

// The context of a commit has the values of the exchange's.
func TestCommitKeepsValues(t *testing.T) {
	type key struct{}
	w := newWorld(t, satchel.Options{})
	st := &asked{staged: w.store, key: key{}}
	s := satchel.Must(satchel.New(carts.ServerSide(st)))
	ex := s.Open(satchel.Arrived{})
	ctx := context.WithValue(t.Context(), key{}, "tenant")
	must(t, carts.Set(ex.Context(ctx), cart{}))
	out, err := ex.Commit(ctx)
	must(t, err)
	if st.saw != "tenant" || !st.limited || st.err != nil {
		t.Error(st.saw, st.limited, st.err)
	}
	visit(t, s, out[0].Token, func(ctx context.Context) { _, _, err := carts.Get(ctx); must(t, err) })
	for name, ctx := range map[string]context.Context{"commit": st.ctx, "load": st.loaded} {
		if ctx.Err() == nil {
			t.Errorf("the context of a %s that is over has not ended", name)
		}
		select {
		case <-ctx.Done():
		default:
			t.Errorf("nor is the Done of a %s's closed", name)
		}
	}
}

// asked looks at the context of a Create.
type asked struct {
	*staged
	key     any
	ctx     context.Context
	loaded  context.Context
	saw     any
	limited bool
	err     error
}

func (s *asked) Load(ctx context.Context, key core.Key) (core.Record, error) {
	s.loaded = ctx
	return s.staged.Load(ctx, key)
}

func (s *asked) Create(ctx context.Context, key core.Key, rec core.Record) error {
	s.ctx, s.saw, s.err = ctx, ctx.Value(s.key), ctx.Err()
	_, s.limited = ctx.Deadline()
	return s.staged.Create(ctx, key, rec)
}

// Where a client may have gone by the commit, what begins is done and its token sent, for the case that it is there; a
// rotation is not done, because it would be left with a dead token. So is none where no token dies.
func TestContextOverAtTheCommit(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		serverSide := !s.Placed()[0].ClientSide
		signIn := func(ctx ctx) error { return carts.SignIn(ctx, "ann", cart{[]string{"milk"}}) }
		milk := func(ctx ctx) error { return carts.Set(ctx, cart{[]string{"milk"}}) }
		update := func(ctx ctx) error {
			_, err := carts.Update(ctx, func(cart) cart { return cart{[]string{"milk"}} })
			return err
		}
		for name, c := range map[string]struct {
			begun  bool
			change func(ctx ctx) error
			late   bool
			sends  bool
		}{
			"set, new": {false, milk, false, true}, "update, new": {false, update, false, true}, "sign in, new": {false, signIn, false, true},
			"set": {true, milk, false, !serverSide}, "sign in": {true, signIn, serverSide, !serverSide},
			"rotate":         {true, carts.Rotate, serverSide, !serverSide},
			"rotate and set": {true, func(ctx ctx) error { return errors.Join(milk(ctx), carts.Rotate(ctx)) }, serverSide, !serverSide},
		} {
			t.Run(name, func(t *testing.T) {
				token, want := core.Token(""), "milk"
				if c.begun {
					token = visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
				}
				if name == "rotate" || c.late {
					want = "tea"
				}
				parent, hangUp := context.WithCancel(t.Context())
				ex := s.Open(satchel.Arrived{"cart": token})
				must(t, c.change(ex.Context(parent)))
				hangUp()
				out, err := ex.Commit(parent)
				if errors.Is(err, satchel.ErrTooLate) != c.late || (err != nil) != c.late {
					t.Error("the commit:", err)
				}
				if sent := out[0].Action == core.SendToken; sent != c.sends {
					t.Error("told", out[0].Action)
				} else if sent {
					token = out[0].Token
				}
				if items, ok := read(t, s, token); !ok || len(items) != 1 || items[0] != want {
					t.Errorf("afterwards: %q %v, want %q", items, ok, want)
				}
			})
		}
	})
}
