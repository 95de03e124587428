package satchel

import (
	"context"
	"fmt"
	"time"
)

// ExchangeKey is the key under which a context holds its *Exchange, for frameworks with contexts of their own. An exchange's
// first Context is made before such a one holds it, so that what lies around the exchange is still there to be seen.
type ExchangeKey struct{}

// Context returns a context in which kinds work on this exchange, and on those that parent lies in now. The first costs nothing.
func (ex *Exchange) Context(parent context.Context) context.Context {
	outer := exchangeOf(parent)
	lies := outer.liesIn(parent, ex)
	ex.mu.Lock()
	defer ex.mu.Unlock()
	if ex.parent != nil {
		return &within{parent, ex, outer}
	}
	if !lies { // or parent is a framework's context, which holds this exchange already
		ex.outer = outer
	}
	ex.parent = parent
	return (*bound)(ex)
}

// nested is a context of an exchange. It knows what the exchange lay in when the context was made: a framework's context
// around it may hold another by now, and that may be one that lies further in.
type nested interface {
	around() (*Exchange, context.Context)
}

// nestedKey is the key under which a context of an exchange has itself.
type nestedKey struct{}

// within is a further context of an exchange.
type within struct {
	context.Context

	exchange *Exchange
	outer    *Exchange // the innermost of Context
}

func (w *within) String() string                       { return w.exchange.String() }
func (w *within) Format(f fmt.State, v rune)           { w.exchange.Format(f, v) }
func (w *within) around() (*Exchange, context.Context) { return w.outer, w.Context }

func (w *within) Value(key any) any {
	switch key {
	case ExchangeKey{}:
		return w.exchange
	case nestedKey{}:
		return w
	}
	return w.Context.Value(key)
}

// bound is an exchange as a context.
type bound Exchange

func (b *bound) Deadline() (time.Time, bool)          { return b.parent.Deadline() }
func (b *bound) Done() <-chan struct{}                { return b.parent.Done() }
func (b *bound) Err() error                           { return b.parent.Err() }
func (b *bound) String() string                       { return "satchel exchange" }
func (b *bound) Format(f fmt.State, v rune)           { (*Exchange)(b).Format(f, v) }
func (b *bound) around() (*Exchange, context.Context) { return b.outer, b.parent }

func (b *bound) Value(key any) any {
	switch key {
	case ExchangeKey{}:
		return (*Exchange)(b)
	case nestedKey{}:
		return b
	}
	return b.parent.Value(key)
}

// In reports whether a context belongs to an exchange of s.
func (s *Sessions) In(ctx context.Context) bool { return s.exchangeIn(ctx) != nil }

// OfTenant returns nil if the exchange of s that a context belongs to is of that tenant, and else ErrTenant, or ErrNoExchange where In is
// false. An adapter's middleware that has a Tenant asks for it where it stands within another of the same sessions, and then joins that one's
// exchange: with an error it serves nothing.
func (s *Sessions) OfTenant(ctx context.Context, tenant string) error {
	ex := s.exchangeIn(ctx)
	switch {
	case ex == nil:
		return ErrNoExchange
	case len(s.placed) == 0: // no token is of any tenant
		return nil
	case ex.carrier.Tokens(s.placed[0].transport).Tenant != tenant:
		return ErrTenant
	}
	return nil
}

// exchangeIn returns the innermost exchange of s that a context belongs to, or nil.
func (s *Sessions) exchangeIn(ctx context.Context) *Exchange {
	for ex := exchangeOf(ctx); ex != nil; ex, ctx = ex.around(ctx) {
		if ex.sessions == s {
			return ex
		}
	}
	return nil
}

// exchangeOf returns the innermost exchange of a context, or nil.
func exchangeOf(ctx context.Context) *Exchange {
	if ctx == nil {
		return nil
	}
	ex, _ := ctx.Value(ExchangeKey{}).(*Exchange)
	if ex == nil || ex.sessions == nil {
		return nil
	}
	return ex
}

// around returns the exchange that ex, found in ctx, lies in, or nil, and a context of that.
func (ex *Exchange) around(ctx context.Context) (*Exchange, context.Context) {
	if n, ok := ctx.Value(nestedKey{}).(nested); ok {
		return n.around()
	}
	ex.mu.Lock() // a framework's context, which holds the exchange alone
	defer ex.mu.Unlock()
	return ex.outer, ex.parent
}

// liesIn reports whether an exchange, found in ctx, is another or lies in it.
func (ex *Exchange) liesIn(ctx context.Context, another *Exchange) bool {
	for ; ex != nil; ex, ctx = ex.around(ctx) {
		if ex == another {
			return true
		}
	}
	return false
}

// find returns the innermost exchange of a context in which a kind is placed, and the kind's index there.
func find(ctx context.Context, name string) (*Exchange, int, error) {
	ex := exchangeOf(ctx)
	if ex == nil {
		return nil, 0, ErrNoExchange
	}
	for ; ex != nil; ex, ctx = ex.around(ctx) {
		if index, ok := ex.sessions.byName[name]; ok {
			return ex, index, nil
		}
	}
	return nil, 0, fmt.Errorf("%w: %q", ErrUnplaced, name)
}
