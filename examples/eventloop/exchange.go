package main

import (
	"errors"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// exchange is one thing that a client wants of its session. It has no loop and waits for nothing: each of its methods
// ends by handing a question or a plan to the storage, and the storage's step goes on from there.
type exchange struct {
	policy  *core.Policy
	storage *storage
	now     func() int64
	entropy func([]byte)

	// wish is what the application wants, computed from the session as it is. It is asked again after a conflict.
	wish func(t *core.Transcript, s core.Session) core.Session
	// done is told what came of it: the session, and what the client is to keep.
	done func(s core.Session, send core.Send, err error)

	script *core.Transcript // or nil, which writes nothing
	tries  int
}

var (
	errUnavailable = errors.New("the store cannot be asked")
	errEnded       = errors.New("the session has ended")
)

// maxTries is how often a change is computed anew because somebody else's came first.
const maxTries = 10

// begin reads the tokens that arrived. Whatever they are, this is no error.
func (x *exchange) begin(tokens core.Tokens) {
	x.ask(x.script.Begin(x.policy, x.now(), tokens))
}

// ask hands the open question to the storage. The loop runs other exchanges until the answer is there.
func (x *exchange) ask(s core.Session) {
	question, open := s.Next()
	if !open {
		x.decide(s)
		return
	}
	x.storage.load(question.Key, func(a core.Answer) {
		x.ask(x.script.Answer(s, x.now(), a))
	})
}

// decide asks core what is to become of the session, and hands the plan to the storage.
func (x *exchange) decide(s core.Session) {
	wanted := x.wish(x.script, s)
	now := x.now()
	verdict := wanted.Decide(now)
	switch verdict {
	case core.Outage:
		x.done(s, core.Send{}, errUnavailable)
		return
	case core.Refuse:
		x.done(s, core.Send{}, errEnded)
		return
	}
	entropy := make([]byte, wanted.Entropy(verdict)) // drawn for this plan, and for no other
	x.entropy(entropy)
	plan, err := x.script.Plan(wanted, verdict, now, entropy)
	if err != nil { // the application's fault: the session is too large, say
		x.done(s, core.Send{}, err)
		return
	}
	x.storage.carryOut(plan, func(err error) {
		switch {
		case err == nil:
			x.done(x.script.Next(plan), plan.Send, nil)
		case errors.Is(err, store.ErrConflict) && x.tries < maxTries:
			x.tries++
			x.ask(x.script.Reloaded(x.script.Undone(s))) // the question is open again
		default:
			x.done(s, core.Send{}, err)
		}
	})
}
