package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/satcheltest"
)

// hangUp: the client hangs up while the commit waits for its store. The commit goes on, for a time of its own, and nothing
// is half saved.
func hangUp(b *bench) {
	gone, committed := make(chan struct{}), make(chan struct{})
	var around *satchel.Exchange
	var ended <-chan struct{} // nil where a framework does not notice
	b.pages(map[string]page{"slow": func(v Visit) (string, error) {
		around, _ = v.Context().Value(satchel.ExchangeKey{}).(*satchel.Exchange)
		ended = v.Context().Done()
		if _, _, err := carts.Get(v.Context()); err != nil {
			return "", err
		}
		return "saved", carts.Set(v.Context(), Words{[]string{"whole"}})
	}})
	b.says("ann", "add tea", "tea")
	r := b.pageRequest(b.person("ann"), "slow")
	ctx, cancel := context.WithCancel(b.Context())
	wait := func(commit context.Context) {
		cancel()
		<-gone
		if ended != nil {
			within(b, ended)
		}
		if err := commit.Err(); err != nil {
			b.Errorf("the commit's context is over with its client: %v", err)
		}
		if _, limited := commit.Deadline(); !limited {
			b.Error("the commit has no limit of its own")
		}
		b.ledger.Before.Store(nil)
		close(committed)
	}
	b.ledger.Before.Store(&wait)
	b.do(r.WithContext(ctx)) // what comes is nobody's
	close(gone)
	within(b, committed)
	closes(b, around)
	b.says("ann", "show", "whole")
}

// closes waits until the exchange of a context is closed, which is when all is done that a request leads to.
func closes(b *bench, ex *satchel.Exchange) {
	b.Helper()
	ctx := ex.Context(context.Background())
	for end := time.Now().Add(Patience); time.Now().Before(end); runtime.Gosched() {
		if _, _, err := carts.Get(ctx); errors.Is(err, satchel.ErrClosed) {
			return
		}
	}
	b.Error("the exchange is never closed")
}

// within waits for what ought to be there soon.
func within(b *bench, done <-chan struct{}) {
	b.Helper()
	select {
	case <-done:
	case <-time.After(Patience):
		b.Error("it does not come to an end")
	}
}

// hangUpBeforeCommit: a client that has gone before the commit has what its handler wanted all the same. But its session is not
// rotated, because it would never hear of that; where a framework is deaf it is, and the client's token is dead.
func hangUpBeforeCommit(b *bench) {
	var on struct {
		gone     chan struct{}
		hangUp   context.CancelFunc
		exchange *satchel.Exchange
		notices  bool
	}
	returned := make(chan struct{})
	wait := func(v Visit) {
		on.exchange, _ = v.Context().Value(satchel.ExchangeKey{}).(*satchel.Exchange)
		on.hangUp()
		<-on.gone
		if done := v.Context().Done(); done != nil {
			on.notices = true
			within(b, done)
		}
		returned <- struct{}{}
	}
	b.pages(map[string]page{
		"rotate": func(v Visit) (string, error) {
			err := carts.Rotate(v.Context())
			wait(v)
			return "rotated", err
		},
		"set": func(v Visit) (string, error) {
			_, _, read := carts.Get(v.Context())
			err := errors.Join(read, carts.Set(v.Context(), Words{[]string{"whole"}}))
			wait(v)
			return "saved", err
		},
	})
	leave := func(what string) {
		on.gone = make(chan struct{})
		var ctx context.Context
		ctx, on.hangUp = context.WithCancel(b.Context())
		go func() {
			b.do(b.pageRequest(b.person("ann"), what).WithContext(ctx)) // what comes is nobody's
			close(on.gone)
		}()
		<-returned
		closes(b, on.exchange)
	}
	b.says("ann", "add tea", "tea")
	leave("set")
	b.says("ann", "show", "whole")
	if leave("rotate"); on.notices == b.adapter.Deaf {
		b.Errorf("the context ends with the client: %v, deaf: %v", on.notices, b.adapter.Deaf)
	}
	if b.adapter.Deaf {
		b.says("ann", "show", "none")
		return
	}
	b.says("ann", "show", "whole")
}

// undecodable: a record that another version of the program cannot read is no 500 there, and stays as it is.
func undecodable(b *bench) {
	b.pages(nil)
	b.says("ann", "add tea", "tea")
	other := newBench(b, b.adapter, b.http2)
	other.ledger, other.people = b.ledger, b.people
	numbers := satchel.NewKind[int]("cart")
	placement, o := numbers.ServerSide(b.ledger), satchel.Options{}
	if b.way.placement == "client" {
		placement = numbers.ClientSide(satcheltest.Keys(b), satchel.Unrevocable)
	}
	if b.way.transport == "header" {
		o.Header = fieldOf("cart")
	}
	s, err := other.ledger.config().New(placement.With(o))
	if err != nil {
		b.Fatal(err)
	}
	other.serve(Site{Sessions: s, Handle: answering(map[string]page{"number": func(v Visit) (string, error) {
		n, ok, err := numbers.Get(v.Context())
		return fmt.Sprint(n, ok), err
	}})})
	for range 2 {
		if c := other.visit("ann", "number"); c.status != 200 || c.body != "0 false" || len(c.header.Values("Set-Cookie"))+len(c.header.Values(fieldOf("cart"))) != 0 {
			b.Errorf("%d %s %q", c.status, c.body, c.header)
		}
	}
	b.says("ann", "show", "tea")
}

// fleetOutage: after an outage everybody who was signed in is so still.
func fleetOutage(b *bench) {
	b.pages(map[string]page{"sign-in": func(v Visit) (string, error) {
		return "hello", carts.SignIn(v.Context(), "somebody", Words{[]string{"in"}})
	}})
	people := []string{"ann", "bob", "carl"}
	for _, who := range people {
		b.says(who, "sign-in", "hello")
	}
	before := b.ledger.Records()
	b.ledger.Down.Store(true)
	for range 3 {
		for _, who := range people {
			for _, what := range []string{"show", "add x", "sign-in"} {
				if c := b.visit(who, what); c.status != 503 || len(c.header.Values("Set-Cookie")) != 0 {
					b.Errorf("%s, %s: %d %q", who, what, c.status, c.header)
				}
			}
		}
		b.ledger.Clock.Advance(time.Minute)
	}
	b.ledger.Down.Store(false)
	for _, who := range people {
		b.says(who, "show", "in")
	}
	if n := b.ledger.Records(); n != before {
		b.Errorf("%d records, %d before", n, before)
	}
}
