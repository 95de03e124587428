package satchel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// endings is the log by which sessions of one kind end before their time, and this node's copy of it. The log is a record
// that is changed by compare-and-swap, and segments of older endings behind it. It never evicts: when it cannot be
// written, ending fails. The copy only grows until what is in it is over.
type endings struct {
	store store.Store
	lag   time.Duration // how old the copy may be
	serve bool          // an older copy serves on while the store is out of reach

	mu       sync.RWMutex
	readAt   time.Time // when the last reading of the log began; zero before the first
	body     string    // of the log, as it was read
	segments map[int64]core.Segment
	everyone int64
	families map[core.Family]ending
	subjects map[core.Key]ending
	members  map[ofSubject]ending
	rotated  map[core.Family]time.Time // when this node learnt of a rotation, on the process's own clock, as long as that matters
	swept    int64
	dropped  int64 // instant at which all is over that was swept out of the copy, or dropped by the store before it was read

	reading chan struct{} // holds one while somebody reads
}

type ending struct {
	below uint64
	until int64
}

// ofSubject is a family as far as it is one subject's.
type ofSubject struct {
	family  core.Family
	subject core.Key
}

func newEndings(s store.Store, lag time.Duration, serve bool) *endings {
	return &endings{
		store: s, lag: lag, serve: serve, segments: map[int64]core.Segment{}, families: map[core.Family]ending{},
		subjects: map[core.Key]ending{}, members: map[ofSubject]ending{}, rotated: map[core.Family]time.Time{}, reading: make(chan struct{}, 1),
	}
}

// ended answers core's question whether a session has ended before its time, by a copy that is at most lag old when it
// answers, and says whether nothing but a rotation has ended it. With an error it cannot say.
func (e *endings) ended(ctx context.Context, policy *core.Policy, now int64, q core.Question) (a core.Answer, rotated bool, err error) {
	err = e.look(ctx, policy, now, func() { a, rotated = e.answer(now, q) })
	if err != nil {
		a = core.Answer{Status: core.Unasked}
	}
	return a, rotated, err
}

// answer is what this node's copy says. The caller holds the lock. For how long a rotation has been known is told on the process's own
// clock, as the age of the copy is: requests are no longer on their way because the clock of the day has jumped.
func (e *endings) answer(now int64, q core.Question) (a core.Answer, rotated bool) {
	below := e.families[q.Family].below
	switch {
	case q.Everyone < e.everyone, below == core.WholeFamily,
		q.Subject != "" && (e.subjects[q.Subject].reaches(now, q.Epoch) || q.Serial < e.members[ofSubject{q.Family, q.Subject}].below):
		return core.Answer{Status: core.Found}, false
	case q.Serial < below:
		a.Status = core.Found
		if at, lately := e.rotated[q.Family]; lately {
			a.Record.Seen = max(now-time.Since(at).Milliseconds(), 1)
		}
		return a, true
	}
	return core.Answer{Status: core.Missing}, false
}

// look looks the copy up. A reading may take longer than the lag, and a process may stand still between any two lines, so the
// copy's age is judged after the look: what a copy too old said is not used.
func (e *endings) look(ctx context.Context, policy *core.Policy, now int64, up func()) error {
	for {
		if err := e.refresh(ctx, policy, now); err != nil {
			return err
		}
		e.mu.RLock()
		up()
		good := e.serve || !e.readAt.IsZero() && time.Since(e.readAt) < e.lag
		e.mu.RUnlock()
		if good {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// over reports whether this node's copy, which was read just now, ends what an ending is not to reach.
func (e *endings) over(x core.Ending) bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return x.Below <= max(e.families[x.Family].below, e.members[ofSubject{x.Family, x.Subject}].below)
}

// ends reports whether this node's copy, as it is, ends a session.
func (e *endings) ends(now int64, q core.Question) bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	a, _ := e.answer(now, q)
	return a.Status == core.Found
}

// epoch returns everyone's, for a session that begins.
func (e *endings) epoch(ctx context.Context, policy *core.Policy, now int64) (everyone int64, err error) {
	err = e.look(ctx, policy, now, func() { everyone = e.everyone })
	return everyone, err
}

// newest returns everyone's as the log has it now, for a sign-in. A copy serves only where it may while the log cannot be read.
func (e *endings) newest(ctx context.Context, policy *core.Policy, now int64) (int64, error) {
	if _, _, err := e.read(ctx, policy, now); err != nil && (!e.serve || !e.known()) {
		return 0, err
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.everyone, nil
}

// refresh reads the log if the copy is too old. From half the age on one caller does so and the others go on.
func (e *endings) refresh(ctx context.Context, policy *core.Policy, now int64) error {
	age := e.age()
	if age < e.lag/2 {
		return nil
	}
	if age < e.lag {
		select {
		case e.reading <- struct{}{}:
		default:
			return nil
		}
	} else {
		select {
		case e.reading <- struct{}{}:
		case <-ctx.Done():
			if e.serve && e.known() {
				return nil
			}
			return ctx.Err()
		}
	}
	defer func() { <-e.reading }()
	if e.age() < e.lag/2 {
		return nil
	}
	log, record, err := e.read(ctx, policy, now)
	if err == nil {
		e.anew(ctx, policy, now, log, record)
	}
	if e.age() < e.lag || e.serve && e.known() {
		return nil
	}
	return err
}

// age returns how long ago the last reading began, on the process's own clock.
func (e *endings) age() time.Duration {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.readAt.IsZero() {
		return e.lag
	}
	return time.Since(e.readAt)
}

func (e *endings) known() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return !e.readAt.IsZero()
}

// read reads the log, and the segments that changed since. This node's copy has all of it then.
func (e *endings) read(ctx context.Context, policy *core.Policy, now int64) (core.Log, core.Record, error) {
	began := time.Now()
	log, record, err := e.load(ctx, policy)
	if err != nil {
		return log, record, err
	}
	e.mu.Lock()
	e.recall(now)
	same := record.Body == e.body
	var changed []core.Segment
	for _, s := range log.Segments {
		if s != e.segments[s.Number] { // a number comes again, with revisions from 1 on, but with another Until
			changed = append(changed, s)
		}
	}
	e.mu.Unlock()
	var (
		older   [][]core.Ending
		dropped int64
	)
	for _, s := range changed {
		all, revision, err := e.segment(ctx, policy, s.Number)
		if err != nil {
			return log, record, err
		}
		if revision < s.Revision && now < s.Until {
			return log, record, errors.New("satchel: a segment of the log is older than the log says")
		}
		if revision < s.Revision { // the log names it until the next ending, and the store has dropped what is over
			dropped = max(dropped, s.Until)
		}
		older = append(older, all)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.readAt, e.dropped = began, max(e.dropped, dropped)
	if same {
		e.sweep(now, log.Segments)
		return log, record, nil
	}
	e.body, e.everyone = record.Body, max(e.everyone, log.Everyone)
	for i, s := range changed {
		e.add(older[i])
		e.segments[s.Number] = s
	}
	e.add(log.Endings)
	e.sweep(now, log.Segments)
	return log, record, nil
}

// add adds endings that this node learns of now, or knows.
func (e *endings) add(all []core.Ending) {
	for _, x := range all {
		switch member := (ofSubject{x.Family, x.Subject}); {
		case x.Subject == "":
			if x.Below > e.families[x.Family].below && x.Below != core.WholeFamily {
				e.rotated[x.Family] = time.Now()
			}
			e.families[x.Family] = e.families[x.Family].and(x)
		case x.Family == core.Family{}:
			e.subjects[x.Subject] = e.subjects[x.Subject].and(x)
		default:
			e.members[member] = e.members[member].and(x)
		}
	}
}

// reaches reports whether a session of an epoch is ended by that of a subject. One that is over says nothing any more: its roster may be
// forgotten by now, and then the subject's epochs begin anew.
func (x ending) reaches(now, epoch int64) bool {
	return uint64(epoch) < x.below && !core.Ending{Until: x.until}.Over(now)
}

func (x ending) and(y core.Ending) ending {
	return ending{max(x.below, y.Below), max(x.until, y.Until)}
}

// recall has all of the log read anew after a clock that was ahead, and by which things were swept that are not over.
func (e *endings) recall(now int64) {
	if now < e.dropped {
		e.body, e.swept, e.dropped = "", 0, 0
		clear(e.segments)
	}
}

// sweep forgets what is over, once a minute.
func (e *endings) sweep(now int64, segments []core.Segment) {
	if now < e.swept+time.Minute.Milliseconds() {
		return
	}
	e.swept = now
	for f, x := range e.families {
		if e.drops(now, x) {
			delete(e.families, f)
		}
	}
	for k, x := range e.subjects {
		if e.drops(now, x) {
			delete(e.subjects, k)
		}
	}
	for m, x := range e.members {
		if e.drops(now, x) {
			delete(e.members, m)
		}
	}
	for f, at := range e.rotated {
		if time.Since(at).Milliseconds() >= core.RotationRace {
			delete(e.rotated, f)
		}
	}
	for n := range e.segments {
		if !slices.ContainsFunc(segments, func(s core.Segment) bool { return s.Number == n }) {
			delete(e.segments, n)
		}
	}
}

// drops reports whether an ending is over, and notes until when it was not.
func (e *endings) drops(now int64, x ending) bool {
	over := core.Ending{Until: x.until}.Over(now)
	if over {
		e.dropped = max(e.dropped, x.until)
	}
	return over
}

func (e *endings) load(ctx context.Context, policy *core.Policy) (core.Log, core.Record, error) {
	record, err := e.store.Load(store.Fresh(ctx), policy.LogKey())
	if errors.Is(err, store.ErrNotFound) {
		return core.Log{}, core.Record{}, nil
	}
	if err != nil {
		return core.Log{}, core.Record{}, err
	}
	log, ok := core.ParseLog(record.Body)
	if !ok {
		return core.Log{}, core.Record{}, fmt.Errorf("%w: the log of endings", ErrUndecodable)
	}
	return log, record, nil
}

func (e *endings) segment(ctx context.Context, policy *core.Policy, number int64) ([]core.Ending, uint64, error) {
	record, err := e.store.Load(store.Fresh(ctx), policy.SegmentKey(number))
	if errors.Is(err, store.ErrNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	all, ok := core.ParseSegment(record.Body)
	if !ok {
		return nil, 0, fmt.Errorf("%w: a segment of the log of endings", ErrUndecodable)
	}
	return all, record.Revision, nil
}
