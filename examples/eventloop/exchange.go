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
	wish func(t *core.Transcript, s *core.Session)
	// done is told what came of it: the session, and what the client is to keep.
	done func(s core.Session, send core.Send, err error)

	script  *core.Transcript // or nil, which writes nothing
	session core.Session
	tries   int
}

var (
	errUnavailable = errors.New("the store cannot be asked")
	errEnded       = errors.New("the session has ended")
)

// maxTries is how often a change is computed anew because somebody else's came first.
const maxTries = 10

// begin reads the tokens that arrived. Whatever they are, this is no error.
func (x *exchange) begin(tokens core.Tokens) {
	x.script.Begin(&x.session, x.policy, x.now(), tokens)
	x.ask()
}

// ask hands the open question to the storage. The loop runs other exchanges until the answer is there.
func (x *exchange) ask() {
	question, open := x.session.Next()
	if !open {
		x.decide()
		return
	}
	x.storage.load(question.Key, func(a core.Answer) {
		x.script.Answer(&x.session, x.now(), a)
		x.ask()
	})
}

// decide asks core what is to become of the session, and hands the plan to the storage.
func (x *exchange) decide() {
	before := x.session
	x.wish(x.script, &x.session)
	now := x.now()
	verdict := x.session.Decide(now)
	switch verdict {
	case core.Outage:
		x.done(before, core.Send{}, errUnavailable)
		return
	case core.Refuse:
		x.done(before, core.Send{}, errEnded)
		return
	}
	entropy := make([]byte, x.session.Entropy(verdict)) // drawn for this plan, and for no other
	x.entropy(entropy)
	var plan core.Plan
	if err := x.script.Plan(&plan, &x.session, verdict, now, entropy); err != nil {
		x.done(before, core.Send{}, err) // the application's fault: the session is too large, say
		return
	}
	x.storage.carryOut(plan, func(err error) {
		switch {
		case err == nil:
			x.script.Next(&x.session, &plan)
			x.done(x.session, plan.Send, nil)
		case errors.Is(err, store.ErrConflict) && x.tries < maxTries:
			x.tries++
			x.script.Undone(&x.session, &before)
			x.script.Reloaded(&x.session) // the question is open again
			x.ask()
		default:
			x.done(before, core.Send{}, err)
		}
	})
}
