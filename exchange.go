package satchel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/satchel-go/satchel/core"
)

// Carrier hands over the tokens that arrived with an exchange. It is asked for a kind when the application first uses it,
// and not at all for a kind that it does not use, but for OfTenant. The tenant is that of the exchange, the same for each kind. A goroutine that outlives the exchange may still ask it: it then answers
// for its own exchange, and never from memory that serves another by now.
type Carrier interface {
	Tokens(t Transport) core.Tokens
}

// Sender is a Carrier that not every token may leave by.
type Sender interface {
	Carrier
	// MaySend returns why no token of a transport may leave with this exchange, or nil. It is asked before a change that
	// needs a token to be sent is carried out: nothing is written then, and the change fails with what it returns. A session
	// that is only due for renewal is not renewed then, and what was wanted of it is done.
	MaySend(t Transport) error
}

// Arrived carries tokens by the names of their kinds, for protocols without cookies and headers. A client-side kind with an Idle
// time that is not Anchored has a second token, its stamp, by the name of its kind and "-seen": Commit tells of it in an outcome of
// its own, by Transport.Kind, and it is to arrive beside the other.
type Arrived map[string]core.Token

// Tokens returns the token of the transport's kind.
func (a Arrived) Tokens(t Transport) core.Tokens { return core.One(a[t.Kind]) }

// Outcome says what the client is to be told about one kind that the exchange used.
type Outcome struct {
	Transport Transport
	Action    core.Action // SendNothing, SendToken or SendClear
	Token     core.Token  // to be kept, with SendToken
	Until     int64       // until when, in Unix milliseconds; core.MaxInstant is without limit
	Now       int64       // when that was decided, in Unix milliseconds
}

// Exchange is what the sessions of all kinds are in one request, message or connection. It is safe for concurrent use.
// Its memory belongs to this exchange alone, and it must not be copied.
type Exchange struct {
	sessions *Sessions
	carrier  Carrier
	parent   context.Context //nolint:containedctx // an Exchange is a context's value, and saves its allocation
	outer    *Exchange       // the innermost of parent

	mu        sync.Mutex
	committed atomic.Bool // the answer has begun: no token can be sent any more
	closed    atomic.Bool

	committing sync.Mutex
	made       bool  // there was a commit
	failed     error // of the commit
	told       int   // of how many slots outcomes were returned

	// Room for one of each is in the exchange, because most exchanges use one kind. The slot itself is not: it is large, and many
	// exchanges use none.
	slots    []*slot
	firstOut [1]Outcome
	firstPtr [1]*slot
}

// errInterrupted is what came of a commit that panicked: nobody knows what of it was done, and nothing was sent.
var errInterrupted = unavailable(errors.New("satchel: the commit did not end"))

// Open begins an exchange. It does no I/O.
func (s *Sessions) Open(c Carrier) *Exchange {
	ex := new(Exchange)
	s.Begin(ex, c)
	return ex
}

// Begin is Open in memory of the caller's: ex is zero, and part of a value that an adapter makes for each request.
func (s *Sessions) Begin(ex *Exchange, c Carrier) { ex.sessions, ex.carrier = s, c }

// slot returns the slot of a placed kind, making it at the kind's first use.
func (ex *Exchange) slot(index int) (*slot, error) {
	if ex.closed.Load() {
		return nil, ErrClosed
	}
	p := ex.sessions.placed[index]
	ex.mu.Lock()
	defer ex.mu.Unlock()
	for _, s := range ex.slots {
		if s.placed == p {
			return s, nil
		}
	}
	if ex.slots == nil {
		ex.slots = ex.firstPtr[:0]
	}
	s := &slot{exchange: ex, placed: p}
	ex.slots = append(ex.slots, s)
	return s, nil
}

// Commit carries out what the application wants of each kind that it used, and returns what to tell the client. It goes on
// when ctx ends, for the CommitLimit at the most. With an error the outcomes are still to be sent: they are of kinds
// whose change is done. A second Commit waits for the first, does nothing and returns its error, with outcomes that
// send nothing of the kinds that were first used since; an observer's function must not call it. Of an exchange that was closed
// before any commit, with a kind used, it is ErrClosed: what was wanted is forgotten. After one that panicked, in a store or a codec, it is
// ErrUnavailable.
//
// After it, a change that needs a token to be sent is ErrTooLate, and every other takes effect at once.
func (ex *Exchange) Commit(ctx context.Context) ([]Outcome, error) {
	ex.committing.Lock()
	defer ex.committing.Unlock()
	ex.mu.Lock()
	first := ex.committed.CompareAndSwap(false, true)
	slots := ex.slots
	ex.mu.Unlock()
	switch {
	case !first && !ex.made && len(slots) > 0:
		return nil, ErrClosed
	case !first:
		return ex.usedSince(slots), ex.failed
	}
	ex.made = true
	ex.told = len(slots)
	ex.failed = errInterrupted // until it has ended, for whoever recovers from a panic and commits again
	outcomes := ex.firstOut[:0]
	var errs []error
	for _, s := range slots {
		send, stamp, at, err := s.commit(ctx)
		if err != nil {
			errs = append(errs, err)
		}
		if send.Action == core.SendClear && s.placed.silent() {
			send.Action = core.SendNothing
		}
		outcomes = append(outcomes, Outcome{
			Transport: s.placed.transport, Action: send.Action, Token: send.Token, Until: send.Until, Now: at,
		})
		if stamp.Action != core.SendNothing || s.placed.stamp.Header != "" { // a field of its own, which the answer depends on
			outcomes = append(outcomes, Outcome{
				Transport: s.placed.stamp, Action: stamp.Action, Token: stamp.Token, Until: stamp.Until, Now: at,
			})
		}
	}
	ex.failed = errors.Join(errs...)
	return outcomes, ex.failed
}

// usedSince returns an outcome for each kind that was used after the commit, once: an answer that is still to be sent depends
// on it as well. An exchange that is closed has none.
func (ex *Exchange) usedSince(slots []*slot) (late []Outcome) {
	if ex.closed.Load() {
		return nil
	}
	for _, s := range slots[ex.told:] {
		late = append(late, Outcome{Transport: s.placed.transport})
		if s.placed.stamp.Header != "" {
			late = append(late, Outcome{Transport: s.placed.stamp})
		}
	}
	ex.told = len(slots)
	return late
}

// String says that it is an exchange, and nothing that it holds.
func (ex *Exchange) String() string { return "satchel exchange" }

// Format prints what String returns, whatever the verb.
func (ex *Exchange) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, ex.String()) }

// Close ends the exchange: whatever still runs gets ErrClosed, a first Commit too. What was not committed is forgotten. It may be called again.
func (ex *Exchange) Close() {
	ex.committed.Store(true)
	if ex.closed.Swap(true) || ex.sessions == nil || ex.sessions.config.RevealTranscripts == nil {
		return
	}
	ex.mu.Lock()
	slots := ex.slots
	ex.mu.Unlock()
	for _, s := range slots {
		s.mu.Lock()
		text := s.script.RevealText()
		s.mu.Unlock()
		ex.sessions.config.RevealTranscripts(s.placed.kind.Name(), text)
	}
}
