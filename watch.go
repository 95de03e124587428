package satchel

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Watch tells a long-lived connection that its session is over. It ends once, for one reason.
type Watch struct {
	watches *watches
	placed  *placed
	done    chan struct{}

	// Under the lock of watches.
	key    core.Key
	until  int64 // when the session was over, as the record last said
	family core.Family
	reason Over
	turn   turn

	serial uint64 // of the token, where they are counted

	asks  core.Question // whether it has ended, if that is asked
	asked bool
}

// Over is why a watch ended.
type Over uint8

// The reasons.
const (
	NotOver   Over = iota
	Ended          // the session was ended, here or elsewhere
	Expired        // its time ran out
	Rotated        // it has another token, which only the client of that exchange has
	Unwatched      // nothing is known: Stop was called
)

var overNames = [...]string{"not over", "ended", "expired", "rotated", "unwatched"}

// String returns the reason's name.
func (o Over) String() string {
	if int(o) < len(overNames) {
		return overNames[o]
	}
	return "invalid"
}

// Watch begins to watch the session of this exchange, for a connection that outlives it: a stream, a WebSocket, a chat. It
// is ErrEnded where there is no session, and ErrUnrevocable where nothing could tell of its end. What this process ends is
// told at once, and so is what others end where the store has a feed; else it is seen within the Config's WatchEvery, and the time that
// it takes to ask for all that is watched. A store that is out of reach ends no watch. A session with a stamp idles away unseen: its client
// alone knows when it was used, so its watch ends with its absolute life.
//
// All watches of a program share one goroutine, one more for each store that has a feed, and for each kind up to 32 while there is
// something to ask; they are there while anybody watches. Stop must be called.
func (k Kind[T]) Watch(ctx context.Context) (*Watch, error) {
	s, _, err := k.slot(ctx)
	if err != nil {
		return nil, err
	}
	session, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	asks, asked := session.Ends()
	switch {
	case session.Standing() != core.Live:
		return nil, ErrEnded
	case session.Key() == "" && !asked:
		return nil, ErrUnrevocable
	}
	w := &Watch{
		watches: &s.exchange.sessions.watches, placed: s.placed, done: make(chan struct{}), key: session.Key(), family: session.Family(),
		until: core.MaxInstant, serial: session.Serial(), asks: asks, asked: asked,
	}
	if session.Key() == "" {
		w.until, _ = session.Until()
	}
	w.watches.add(s.exchange.sessions, w)
	return w, nil
}

// Done is closed when the watch has ended.
func (w *Watch) Done() <-chan struct{} { return w.done }

// Reason returns why the watch has ended, or NotOver.
func (w *Watch) Reason() Over {
	w.watches.mu.Lock()
	defer w.watches.mu.Unlock()
	return w.reason
}

// Stop ends the watch. It may be called again, and after it ended.
func (w *Watch) Stop() { w.watches.end(w, Unwatched) }

// look asks for the record of a watched session, and follows renewals.
func (ws *watches) look(ctx context.Context, s *Sessions, w *Watch) {
	limited := &limited{parent: ctx, limit: time.Now().Add(s.config.LoadLimit)}
	defer limited.stop(context.Canceled)
	policy := w.placed.current.Load().policy
	ws.mu.Lock()
	key, until := w.key, w.until
	ws.mu.Unlock()
	if w.asked {
		over := w.overByLog(limited, policy, s.now())
		if key == "" && over == NotOver && s.now() >= until { // else the record says until when, for it knows of its use
			over = Expired
		}
		if over != NotOver {
			ws.end(w, over)
			return
		}
		if key == "" {
			return
		}
	}
	for range maxHops {
		record, err := w.placed.store.Load(store.Fresh(limited), key)
		now := s.now()
		switch {
		case errors.Is(err, store.ErrNotFound) && now >= until:
			ws.end(w, Expired)
			return
		case errors.Is(err, store.ErrNotFound):
			ws.end(w, Ended)
			return
		case err != nil: // an outage is not a logout, and what cannot be read is not ours to judge
			return
		}
		facts, refusal := policy.Facts(now, record)
		switch {
		case refusal == core.Rotated || refusal == core.Superseded || refusal == core.NotRefused && w.serial < facts.Oldest:
			ws.end(w, Rotated)
			return
		case refusal == core.Expired || refusal == core.Idle:
			ws.end(w, Expired)
			return
		case facts.Successor != "":
			key = facts.Successor
			continue
		}
		ws.follow(w, key, record.Deadline)
		return
	}
}

// overByLog says how a watched session is over as the log has it. A log that is out of reach ends nothing.
func (w *Watch) overByLog(ctx context.Context, policy *core.Policy, now int64) Over {
	a, rotated, err := w.placed.ends.ended(ctx, policy, now, w.asks)
	switch {
	case err == nil && rotated:
		return Rotated
	case err == nil && a.Status == core.Found:
		return Ended
	}
	return NotOver
}

// listen hands over what a feed announces. After whatever may have been missed everything is looked at.
func (ws *watches) listen(ctx context.Context, feed store.Feed) {
	for t := (tries{until: time.Now().Add(time.Hour * 24 * 365)}); ctx.Err() == nil; {
		listener, err := feed.Listen(ctx)
		if err != nil {
			t.again(ctx)
			continue
		}
		ws.poke("")
		for {
			a, err := listener.Next(ctx)
			if err != nil {
				listener.Close()
				break
			}
			switch {
			case a.All:
				ws.poke("")
			case a.Probe == 0:
				ws.poke(a.Key)
			}
		}
	}
}

// feeds returns those of the stores.
func (s *Sessions) feeds() (feeds []store.Feed) {
	seen := map[any]bool{}
	for _, p := range s.placed {
		feed, ok := p.store.(store.Feed)
		if !ok || !p.store.Guarantees().Feed {
			continue
		}
		if reflect.TypeOf(feed).Comparable() {
			if seen[feed] {
				continue
			}
			seen[feed] = true
		}
		feeds = append(feeds, feed)
	}
	return feeds
}
