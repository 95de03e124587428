package satcheltest

import (
	"net/http"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// Answer is what a request came to, after all redirects. Its Body has been read, and can be read once more.
type Answer struct {
	*http.Response
	Text string // the body

	program *Program
}

// What an answer tells the client about its session, in the words of core's decision table.
const (
	Kept    = core.SendNothing // nothing: it keeps what it has
	Sent    = core.SendToken   // a token, to be kept in place of any other
	Cleared = core.SendClear   // that it shall forget
)

// Told returns what the answer, or a redirect on the way to it, told the client about its session of a kind: Kept, Sent or
// Cleared. The last word counts.
func (a Answer) Told(t testing.TB, kind Kind) core.Action {
	t.Helper()
	transport := a.program.transport(t, kind)
	now := a.program.Clock.Now()
	for res := a.Response; res != nil; res = res.Request.Response {
		if action := told(res.Header, transport, now); action != Kept {
			return action
		}
	}
	return Kept
}

// told returns the last word of a header.
func told(h http.Header, t satchel.Transport, now time.Time) core.Action {
	action := Kept
	if t.Cookie == nil {
		for _, token := range h.Values(t.Header) {
			if action = Sent; token == "" {
				action = Cleared
			}
		}
		return action
	}
	for _, line := range h["Set-Cookie"] {
		set, err := parseSetCookie(line, now)
		if err != nil || set.name != t.Cookie.Name() {
			continue
		}
		if action = Sent; set.past(now) {
			action = Cleared
		}
	}
	return action
}
