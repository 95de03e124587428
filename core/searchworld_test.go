package core_test

import (
	"fmt"
	"slices"

	"github.com/satchel-go/satchel/core"
)

// The world of the search: one session, a store of atomic steps, a clock, and two or three actors that hold every token
// that was ever sent. Its state is a small value, so that it is a key of the map of what was seen; sessions, plans, keys
// and records, which are values too, stand in it as their numbers.

// The instants of the world's clock. The session begins at the first; it idles away at 1000 unless it is used, and is over at
// 1700 in any case.
var instants = [...]int64{0, 600, 1000, 1700}

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
)

var wishNames = [...]string{"read", "save", "rotate", "rotate and save", "end", "end and begin anew", "save, else end"}

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
	then    step // after an undo: load again, or idle
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
	actors  [maxActors]actor
}

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
	faults
)

var faultNames = [...]string{
	"", "Replace is a blind upsert", "a change is replayed as it was", "the claim is left out", "the claim comes before the create",
	"the loser leaves what it created", "an end deletes a tombstone that it meets", "an end deletes the tombstone that it begins at",
	"an end that finds its session lost ends nothing", "a touch revives", "a write past the deadline is planned",
}

// size is how much one search looks at.
type size struct {
	actors, exchanges int  // and exchanges of each
	outages           int  // how many steps may fail
	clock             int  // how many of the instants the clock comes to
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

func (w *world) now(s *state) int64 { return instants[s.clock] }

// begin makes the session with which each history starts.
func (w *world) begin() state {
	s := state{outages: uint8(w.size.outages)}
	p := w.planned(&s, w.policy.Begin(0, core.Tokens{}).With(""), 0)
	w.put(&s, p.Create.Key, p.Create.Record)
	w.send(&s, p.Send.Token)
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

func (w *world) send(s *state, t core.Token) {
	s.tokens[s.sent] = w.tokens.number(t)
	s.sent++
}

// The store: a sorted array of cells.

func (w *world) find(s *state, key core.Key) (i int, rec core.Record, ok bool) {
	n := w.keys.number(key)
	for i, c := range s.kept {
		if c.key == n {
			return i, w.records.list[c.rec], true
		}
	}
	return 0, core.Record{}, false
}

func (w *world) put(s *state, key core.Key, rec core.Record) {
	i, _, ok := w.find(s, key)
	if !ok {
		if s.kept[0].key != 0 {
			panic("the store is too small")
		}
		i = 0
	}
	s.kept[i] = cell{w.keys.number(key), w.records.number(rec)}
	w.sort(s)
}

func (w *world) drop(s *state, i int) {
	s.kept[i] = cell{}
	w.sort(s)
}

func (w *world) sort(s *state) {
	slices.SortFunc(s.kept[:], func(a, b cell) int { return int(a.key) - int(b.key) })
}

// use notes that an exchange uses the session now. What comes after the idle time is no use.
func (w *world) use(s *state) {
	if w.now(s) < instants[s.used]+w.policy.Lifetime().Idle {
		s.used = s.clock
	}
}

// probe says what a token gives now, without a trace.
func (w *world) probe(s *state, token core.Token) core.Session {
	session := w.policy.Begin(w.now(s), core.One(token))
	for q, ok := session.Next(); ok; q, ok = session.Next() {
		a := core.Answer{Status: core.Missing}
		if _, rec, kept := w.find(s, q.Key); kept {
			a = core.Answer{Status: core.Found, Record: rec}
		}
		session = session.Answer(w.now(s), a)
	}
	return session
}

// check holds a state to the rules, and says which one is broken.
func (w *world) check(s *state) string {
	lives := 0
	for i := range int(s.sent) {
		session := w.probe(s, w.tokens.list[s.tokens[i]])
		if session.Standing() != core.Live {
			continue
		}
		lives++
		payload, _ := session.Payload()
		switch {
		case s.ended:
			return fmt.Sprintf("token %d reads the session after its completed end", i)
		case s.dead&(1<<i) != 0:
			return fmt.Sprintf("token %d reads the session after it was rotated away", i)
		case w.now(s) >= instants[s.used]+w.policy.Lifetime().Idle:
			return fmt.Sprintf("token %d reads a session that nobody used within its idle time", i)
		}
		for bit := range 8 {
			if s.acked&(1<<bit) != 0 && !slices.Contains([]byte(payload), byte('a'+bit)) {
				return fmt.Sprintf("token %d reads %q, without the acknowledged change %c", i, payload, 'a'+bit)
			}
		}
	}
	for _, a := range s.actors {
		if a.step != stepIdle {
			return ""
		}
	}
	return w.checkRest(s, lives)
}

// checkRest holds a state in which every actor is idle, after no outage, to what must be left.
func (w *world) checkRest(s *state, lives int) string {
	left := 0
	for _, c := range s.kept {
		rec := w.records.list[c.rec]
		if _, dead := core.Successor(rec); c.key != 0 && !dead && rec.Deadline > w.now(s) {
			left++
		}
	}
	switch {
	case left > lives:
		return "a live record is left that no token reads"
	case lives > 1:
		return "two tokens read one session"
	case lives == 0 && !s.ended && w.now(s) < w.policy.Lifetime().Idle:
		return "the session is lost, though nobody ended it"
	}
	return ""
}
