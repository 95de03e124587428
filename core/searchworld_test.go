package core_test

import (
	"github.com/satchel-go/satchel/core"
)

// The world of the search: one session, a store of atomic steps, a clock, and two or three actors that hold every token
// that was ever sent. Its state is a small value, so that it is a key of the map of what was seen; sessions, plans, keys
// and records, which are values too, stand in it as their numbers.

// A clock is the instants that come. The session begins at the first.
var (
	// A session idles away after 1000 unless it is used, and is over after 1700 in any case.
	idling  = []int64{10_000, 10_600, 11_000, 11_700}
	searchL = core.Lifetime{Idle: 1000, Absolute: 1700, Touch: 100}
	// Its token is renewed at the second instant. A grace that begins there lasts over the third and is over at the fourth; at the
	// last one a successor is renewed in turn.
	renewing = []int64{10_000, 10_600, 10_700, 10_900, 11_300}
	renewedL = core.Lifetime{Idle: 1000, Absolute: 9000, Touch: 500, Renew: 600, Grace: 250}
)

const (
	maxActors = 3
	maxKept   = 7
	maxTokens = 6
)

// wish is what an actor wants of an exchange.
type wish uint8

const (
	wishRead wish = iota
	wishSave
	wishRotate
	wishRotateSave
	wishEnd
	wishEndAndBegin
	wishSaveElseEnd // who finds the session lost logs out
	wishSet         // what was made of the value read is written on that condition
)

var wishNames = [...]string{"read", "save", "rotate", "rotate and save", "end", "end and begin anew", "save, else end", "set"}

// step is what an actor does next. All but begin and decide are steps of the store.
type step uint8

const (
	stepIdle step = iota
	stepLoad
	stepDecide
	stepCreate
	stepReplace
	stepClaimed // the claim's answer was lost: did it take effect?
	stepTouch
	stepEnd
	stepFollow // what a record that would not be deleted has become
	stepUndo
)

var stepNames = [...]string{"begin", "load", "decide", "create", "replace", "look at the claim", "touch", "delete", "look what became of it", "undo"}

type actor struct {
	left    uint8 // exchanges to come
	step    step
	wish    wish
	token   uint8  // index of the token that it opened with
	session uint16 // numbers
	plan    uint16
	key     uint16 // where End has come to
	at      uint8
	tries   uint8
	then    step  // after an undo: load again, or idle
	began   uint8 // the instant at which it began, and
	decided uint8 // at which it last decided, as indexes
}

type cell struct{ key, rec uint16 }

type state struct {
	clock   uint8
	kept    [maxKept]cell // sorted by key; empty ones first
	tokens  [maxTokens]uint16
	sent    uint8 // how many tokens
	dead    uint8 // bit for each token that a completed rotation took away
	ended   bool  // an end was completed
	acked   uint8 // bit for each acknowledged change
	drawn   uint8 // how often entropy was drawn
	used    uint8 // the instant of the last use within the idle time since the one before, as an index
	outages uint8 // how many steps may still fail
	wrong   wrong // what an exchange did wrong
	actors  [maxActors]actor

	after  [maxTokens]uint8 // of a token that is a successor, the one that it was renewed from, and one more
	seenAt [maxTokens]uint8 // the instant at which an exchange with it was completed first, as an index, and one more
}

// wrong is what an exchange did wrong.
type wrong uint8

const (
	nothingWrong wrong = iota
	notHandedOn        // it had a renewed token and was not handed the successor
	leftBehind         // it ended with a token that is past its grace
)

var wrongs = [...]string{"", "who came with a renewed token leaves without the successor", "who came in time is left with a token past its grace"}

// numbers gives equal values equal numbers; 0 is the zero value's.
type numbers[V comparable] struct {
	of   map[V]uint16
	list []V
}

func newNumbers[V comparable]() *numbers[V] {
	var zero V
	return &numbers[V]{of: map[V]uint16{zero: 0}, list: []V{zero}}
}

func (n *numbers[V]) number(v V) uint16 {
	i, ok := n.of[v]
	if !ok {
		if len(n.list) > 1<<16-1 {
			panic("too many values")
		}
		i = uint16(len(n.list))
		n.of[v], n.list = i, append(n.list, v)
	}
	return i
}

// fault is a rule taken out.
type fault uint8

const (
	noFault         fault = iota
	blindUpsert           // Replace writes whatever is there, or is not
	staleReplay           // a change is written again after a conflict as it was made
	noClaim               // a rotation leaves the old record as it is
	claimFirst            // a rotation leaves its tombstone before the successor is there
	noUndo                // who loses the claim leaves what it created
	noFollow              // an end deletes a tombstone that it meets
	deleteTombstone       // an end that begins at a tombstone deletes it
	lostForgets           // who finds its session lost ends nothing
	touchRevives          // a touch writes a record that is gone
	writesLate            // a write is not held to the deadline
	blindPointer          // a renewal's pointer is written whatever is there, or is not
	noPointer             // a renewal leaves the old record as it is
	notHanded             // who comes with a renewed token is not handed the successor
	pointerAdopts         // who comes by a pointer counts as who holds the successor: adopts it, and renews it
	adoptForgotten        // a successor's first use is not noted
	faults
)

// renewal reports whether the fault shows only where tokens are renewed.
func (f fault) renewal() bool { return f >= blindPointer }

var faultNames = [...]string{
	"", "Replace is a blind upsert", "a change is replayed as it was", "the claim is left out", "the claim comes before the create",
	"the loser leaves what it created", "an end deletes a tombstone that it meets", "an end deletes the tombstone that it begins at",
	"an end that finds its session lost ends nothing", "a touch revives", "a write past the deadline is planned",
	"a renewal's pointer is a blind upsert", "a renewal leaves no pointer", "who comes with a renewed token is not handed the successor",
	"who comes by a pointer adopts the successor", "a successor's first use is not noted",
}

// size is how much one search looks at.
type size struct {
	actors, exchanges int  // and exchanges of each
	outages           int  // how many steps may fail
	renews            bool // tokens are renewed
	from, clock       int  // from which instant on there are exchanges, and to how many the clock comes
	split             bool // others may move between load and decide
	wishes            []wish
}

// world is one search: what all states share.
type world struct {
	policy   *core.Policy
	fault    fault
	size     size
	sessions *numbers[core.Session]
	plans    *numbers[core.Plan]
	keys     *numbers[core.Key]
	records  *numbers[core.Record]
	tokens   *numbers[core.Token]
}

// instants are those of the world's clock.
func (w *world) instants() []int64 {
	if w.size.renews {
		return renewing
	}
	return idling
}

func (w *world) now(s *state) int64 { return w.instants()[s.clock] }

// begin makes the session with which each history starts.
func (w *world) begin() state {
	s := state{outages: uint8(w.size.outages)}
	p := w.planned(&s, w.policy.Begin(w.now(&s), core.Tokens{}).With(""), w.now(&s))
	w.put(&s, p.Create.Key, p.Create.Record)
	w.send(&s, p.Send.Token)
	s.clock, s.used = uint8(w.size.from), uint8(w.size.from)
	for i := range w.size.actors {
		s.actors[i].left = uint8(w.size.exchanges)
	}
	return s
}

func (w *world) planned(s *state, session core.Session, now int64) core.Plan {
	v := session.Decide(now)
	n := session.Entropy(v)
	source := &stream{drawn: 10 * uint64(s.drawn)}
	if n > 0 {
		s.drawn++
	}
	p, err := session.Plan(v, now, source.draw(n))
	if err != nil {
		panic(err)
	}
	return p
}

// send notes a token that was sent, and returns its index. A successor's is sent to whoever asks.
func (w *world) send(s *state, t core.Token) uint8 {
	n := w.tokens.number(t)
	for i := range s.sent {
		if s.tokens[i] == n {
			return i
		}
	}
	s.tokens[s.sent] = n
	s.sent++
	return s.sent - 1
}
