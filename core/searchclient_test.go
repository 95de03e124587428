package core_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// The search of client-side sessions: one session that can be ended, by a log or by an anchor, and two or three actors that hold
// every token that was ever sent. Loading, each write of the store, and the end of an exchange are steps between which anybody
// else may move, time may pass and the store may sweep.

type clientActor struct {
	left    uint8
	step    uint8 // 0 begins, 1 has loaded, 2 has planned, 3 has read the log that it is to write
	wish    uint8
	token   uint8
	session core.Session
	plan    core.Plan
	at      uint64      // of an anchor that is to be deleted
	read    core.Record // the log, as it was read
	planned uint8       // the instant of the plan, as an index
}

const (
	clientSaves uint8 = iota
	clientRotates
	clientEnds
	clientReads
	clientSignsIn
	clientBeginsAnew
	clientWishes
)

var clientWishNames = [...]string{"save", "rotate", "end", "read", "sign in", "clear and set"}

type clientState struct {
	anchor core.Record
	there  bool // the anchor
	log    core.Record
	logged bool // the log is there
	tokens [8]core.Token
	sent   uint8
	dead   uint8 // bit for each token that a completed rotation took away
	acked  uint8 // bit for each acknowledged change
	ended  bool
	beside bool // a late save began a session beside this one
	drawn  uint8

	clock   uint8 // the instant, as an index
	used    uint8 // that of the last use within the idle time since the one before
	rotated uint8 // that of the last rotation

	actors [3]clientActor
}

// clientFault is a rule taken out.
type clientFault uint8

const (
	noClientFault clientFault = iota
	endsInTheClientOnly
	rotatesInTheClientOnly
	blindAnchor
	rotatesPastTheLog
	endsWithoutAnInstant
	blindLog
	touchBrings
	readsOver
	rotatesToNothing
	clientFaults
)

var clientFaultNames = [...]string{
	"", "an end clears the client's copy only", "a rotation sends a token only", "an anchor is replaced whatever its revision",
	"a rotation does not look whether the log has ended it", "the log tells no rotation from an end",
	"the log is replaced whatever its revision", "a touch brings back an anchor that is gone", "a session is read whatever the time",
	"a rotation ends its own token with the others",
}

type clientSearch struct {
	policy   *core.Policy
	anchored bool
	fault    clientFault
	key      core.Key // the anchor's
	clientSize
}

func (w *clientSearch) answered(s *clientState, token core.Token) core.Session {
	now := w.now(s)
	if w.fault == readsOver {
		now = noon
	}
	session := w.policy.Begin(now, core.One(token))
	for q, ok := session.Next(); ok; q, ok = session.Next() {
		a := core.Answer{Status: core.Missing}
		switch {
		case q.Ask == core.AskEnded:
			a = w.ended(s, q)
		case q.Ask == core.AskRecord && s.there:
			a = core.Answer{Status: core.Found, Record: s.anchor}
		}
		session = session.Answer(now, a)
	}
	return session
}

func (w *clientSearch) plan(s *clientState, session core.Session) core.Plan {
	v := session.Decide(w.now(s))
	source := stream{drawn: 10 * uint64(s.drawn)}
	if session.Entropy(v) > 0 {
		s.drawn++
	}
	p, err := session.Plan(v, w.now(s), source.draw(session.Entropy(v)))
	if err != nil {
		panic(err)
	}
	return p
}

func (w *clientSearch) begin() clientState {
	var s clientState
	p := w.plan(&s, w.policy.Begin(noon, core.Tokens{}).With(""))
	w.key, s.anchor, s.there = p.Create.Key, p.Create.Record, p.Create.Key != ""
	s.tokens[0], s.sent = p.Send.Token, 1
	for i := range w.actors {
		s.actors[i].left = 1
	}
	s.actors[0].left = w.first
	return s
}

type clientMove struct {
	to    clientState
	label string
	by    byte
}

func (w *clientSearch) moves(s *clientState) (out []clientMove) {
	for i := range w.actors {
		a, by := s.actors[i], byte('A'+i)
		switch a.step {
		case 0:
			for token := range s.sent {
				for wish := range w.wishes {
					if a.left == 0 {
						continue
					}
					next := *s
					b := &next.actors[i]
					b.left, b.step, b.wish, b.token = a.left-1, 1, wish, token
					w.loads(&next, b)
					out = append(out, clientMove{next, fmt.Sprintf("actor %d loads token %d, to %s", i, token, clientWishNames[wish]), by})
				}
			}
		case 1:
			next := *s
			w.decide(&next, i)
			out = append(out, clientMove{next, fmt.Sprintf("actor %d decides", i), by})
		case 2:
			next := *s
			w.carry(&next, i)
			out = append(out, clientMove{next, fmt.Sprintf("actor %d writes", i), by})
		case 3:
			next := *s
			w.writeLog(&next, i)
			out = append(out, clientMove{next, fmt.Sprintf("actor %d writes the log", i), by})
		}
	}
	return append(out, w.passes(s)...)
}

func (w *clientSearch) decide(s *clientState, i int) {
	a := &s.actors[i]
	session := a.session
	if session.Standing() != core.Live {
		*a = clientActor{left: a.left}
		return
	}
	w.use(s)
	switch a.wish {
	case clientSaves:
		payload, _ := session.Payload()
		session = session.With(payload + string(rune('a'+2*i+int(a.left))))
	case clientRotates:
		session = session.Rotated()
	case clientEnds:
		session = session.Cleared()
	case clientSignsIn:
		payload, _ := session.Payload()
		session = session.SignedIn(core.SignIn{Subject: "ann", Payload: payload + string(rune('a'+2*i+int(a.left)))})
	case clientBeginsAnew:
		session = session.Cleared().With("another")
	}
	a.plan, a.step, a.session = w.plan(s, session), 2, core.Session{}
	if v := a.plan.Verdict; v == core.Refuse || v == core.Keep {
		*a = clientActor{left: a.left}
		return
	}
	a.at, a.planned = a.plan.End.At, s.clock
	if w.fault == endsInTheClientOnly && a.wish == clientEnds || w.fault == rotatesInTheClientOnly && a.wish == clientRotates {
		a.plan.End, a.plan.Revoke, a.plan.Replace = core.End{}, core.Ending{}, core.Replace{}
	}
	if w.fault == rotatesToNothing && a.wish == clientRotates {
		a.plan.Revoke.Below++
	}
}

// carry does the one write that a plan has, and what follows it. The log is read before it is written.
func (w *clientSearch) carry(s *clientState, i int) {
	a := &s.actors[i]
	p := a.plan
	done := clientActor{left: a.left}
	if r := p.Replace; r.Key != "" {
		if !s.there || s.anchor.Revision != r.At && w.fault != blindAnchor {
			*a = done // a conflict, or it has ended: nothing is sent
			return
		}
		s.anchor = r.Record
	}
	w.touch(s, a)
	if p.End.Key != "" && s.there {
		if s.anchor.Revision != a.at {
			a.at = s.anchor.Revision // it looks what became of it, and tries again
			return
		}
		s.there, s.anchor = false, core.Record{}
	}
	if p.Revoke.Below > 0 {
		w.readLog(s, i)
		return
	}
	w.done(s, i)
}

// done acknowledges what an actor has done, and sends its token.
func (w *clientSearch) done(s *clientState, i int) {
	a := &s.actors[i]
	p := a.plan
	if a.wish == clientSaves || a.wish == clientSignsIn {
		s.acked |= 1 << (2*i + int(a.left))
	}
	switch a.wish {
	case clientEnds, clientBeginsAnew: // what begins then is another session
		s.ended = true
		*a = clientActor{left: a.left}
		return
	case clientRotates, clientSignsIn:
		s.dead |= 1<<s.sent - 1
		if s.rotated = s.clock; w.anchored {
			s.rotated = a.planned // which is what the anchor says
		}
	}
	if p.Send.Action == core.SendToken {
		s.tokens[s.sent] = p.Send.Token
		s.sent++
	}
	*a = clientActor{left: a.left}
}

// check holds a state to the rules, and says which one is broken.
func (w *clientSearch) check(s *clientState) string {
	if s.beside {
		return "a late save begins a session that may take the place of the one that was rotated"
	}
	lives := false
	for i := range s.sent {
		session := w.answered(s, s.tokens[i])
		if session.Standing() != core.Live {
			continue
		}
		lives = true
		switch {
		case s.ended:
			return fmt.Sprintf("token %d reads the session after its completed end", i)
		case s.dead&(1<<i) != 0:
			return fmt.Sprintf("token %d reads the session after a completed rotation", i)
		case w.over(s):
			return fmt.Sprintf("token %d reads the session after its time", i)
		}
	}
	if !lives && !s.ended && w.kept(s) {
		return "no token reads the session, though nobody has ended it and its time is not over"
	}
	if !w.anchored || s.ended || !s.there {
		return "" // without an anchor a session knows of no parallel change, and says so
	}
	newest := w.answered(s, s.tokens[s.sent-1])
	payload, ok := newest.Payload()
	for bit := range 8 {
		if ok && s.acked&(1<<bit) != 0 && !strings.Contains(payload, string(rune('a'+bit))) {
			return fmt.Sprintf("the newest token reads %q, without the acknowledged change %c", payload, 'a'+bit)
		}
	}
	return ""
}

func (w *clientSearch) search(t *testing.T, wanted *traces) (states int, broken string, trace []string) {
	t.Helper()
	first := w.begin()
	seen := map[clientState]struct{}{first: {}}
	all, origins := []clientState{first}, []origin{{from: -1, label: "a session begins, and token 0 is sent"}}
	asked := newAsked[clientState](w)
	for at := 0; at < len(all); at++ {
		s := all[at]
		if broken = w.check(&s); broken != "" {
			for i := at; i >= 0; i = int(origins[i].from) {
				trace = append([]string{origins[i].label}, trace...)
			}
			return len(all), broken, trace
		}
		for _, m := range w.moves(&s) {
			if wanted != nil {
				asked.note(t, &s, lastStep[clientState]{at: at, by: m.by, to: m.to})
			}
			if _, ok := seen[m.to]; ok {
				continue
			}
			if len(all) == 200_000 {
				t.Fatal("too many states for a test")
			}
			seen[m.to] = struct{}{}
			all, origins = append(all, m.to), append(origins, origin{from: int32(at), label: m.label, by: m.by})
		}
	}
	if wanted != nil {
		asked.write(t, wanted, all, origins)
	}
	return len(all), "", nil
}
