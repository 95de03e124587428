package adaptertest

import (
	"net/http"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
)

// guard answers a request that is behind a gate.
func (n *naive) guard(g Gate, q *collected, handle func(q *collected)) {
	principal, what, err := satchel.Authenticate(q.ctx, g.Kind, g.Validate)
	if n.fault == "a guard takes an outage for nobody" && err != nil {
		what, err = satchel.NoSession, nil
	}
	if n.fault == "a guard lets everybody through" && err == nil {
		what = satchel.Authenticated
	}
	if n.fault == "a guard takes what is refused for nothing" && what == satchel.TokenRefused {
		what = satchel.NoSession
	}
	switch {
	case err != nil:
		status := answer.StatusOf(err)
		q.fail(status, http.StatusText(status))
		if n.fault == "a guard tells the cause" {
			q.body = err.Error()
		}
	case what != satchel.Authenticated:
		n.challenge(g, q, what)
	default:
		if n.fault != "a guard keeps the principal" {
			q.ctx = satchel.WithPrincipal(q.ctx, principal)
		}
		handle(q)
	}
}

func (n *naive) challenge(g Gate, q *collected, why satchel.Authentication) {
	switch {
	case g.Redirect != "":
		var location string
		location, q.body = answer.SeeOther(g.Redirect)
		q.status = http.StatusSeeOther
		if n.fault == "a guard leads with the same method" {
			q.status = http.StatusTemporaryRedirect
		}
		q.header.Set("Location", location)
		q.header.Set("Content-Type", "text/html; charset=utf-8")
	case g.Tell != nil:
		told := g.Tell(why)
		q.fail(told.Status, told.Text)
	default:
		q.fail(http.StatusUnauthorized, http.StatusText(http.StatusUnauthorized))
		q.header.Set("X-Content-Type-Options", "nosniff")
		if n.fault != "a 401 asks for nothing" {
			q.header.Set("WWW-Authenticate", answer.Challenge)
		}
	}
}
