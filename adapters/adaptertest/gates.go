package adaptertest

import (
	"context"
	"errors"

	"github.com/satchel-go/satchel"
)

// errLost is why it cannot be found out who a session speaks for. Its text is nothing for a client.
var errLost = errors.New("the users' directory at " + secret + " is lost")

// gates are the guards of the scenario. A session speaks for its first word; one whose first word is barred for nobody; and
// of one whose first word is lost it cannot be found out.
func (p *play) gates() map[string]Gate {
	all := map[string]Gate{}
	for path, g := range p.scenario.gates {
		out := Gate{Kind: satchel.NewKind[Words](g.kind), Validate: speaksFor}
		if len(g.challenge) == 1 {
			out.Tell = func(why satchel.Authentication) *HandlerError { return &HandlerError{403, why.String()} }
		} else if len(g.challenge) == 2 {
			out.Redirect = g.challenge[1]
		}
		all[path] = out
	}
	return all
}

func speaksFor(_ context.Context, w Words) (Principal, bool, error) {
	switch {
	case len(w.Words) == 0 || w.Words[0] == "barred":
		return Principal{}, false, nil
	case w.Words[0] == "lost":
		return Principal{}, false, errLost
	}
	return Principal{w.Words[0]}, true, nil
}
