package satchelfiber

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
	"github.com/satchel-go/satchel/core"
)

// door is a middleware: what it must know of its kinds to take along what came for them.
type door struct {
	Config
	sessions   *satchel.Sessions
	transports []satchel.Transport
	cookies    []string // the names of their cookies
	headers    []string // the names of their header fields
	loopback   bool     // one of the cookies is for loopback only
}

func newDoor(c Config, s *satchel.Sessions) *door {
	d := &door{Config: c, sessions: s}
	for _, t := range s.Transports() {
		d.transports = append(d.transports, t)
		if t.Cookie == nil {
			d.headers = append(d.headers, t.Header)
			continue
		}
		d.cookies = append(d.cookies, t.Cookie.Name())
		d.loopback = d.loopback || t.Cookie.InsecureLoopback()
	}
	return d
}

// state is what one request needs, in one allocation. It is never used for another, and shares no memory with fiber or
// fasthttp, because the exchange in it may outlive the handler.
type state struct {
	exchange satchel.Exchange
	door     *door
	around   context.Context //nolint:containedctx // c's own, to give back
	outer    *state
	cookies  [1]string // of the request's cookies ours, as one Cookie field
	headers  []field   // of the request's header ours
	tenant   string
	host     string // that the request was made to, if it matters
	failed   error  // of the commit
	outcomes []satchel.Outcome
}

// field is one field of a header.
type field struct{ name, value string }

// enter begins an exchange and shows it to c's handlers. It copies what came with the request for our kinds: what fasthttp
// hands out is good until the handler returns, and a goroutine of the handler may ask for a kind at any later time.
func (d *door) enter(c fiber.Ctx) *state {
	q := &state{door: d, around: c.Context()}
	header := &c.Request().Header
	if len(d.cookies) > 0 {
		q.cookies[0] = d.ours(header)
	}
	if len(d.headers) > 0 {
		q.headers = d.fields(header, c.App().Config().DisableHeaderNormalizing)
	}
	if d.loopback {
		q.host = string(c.RequestCtx().Host())
	}
	if d.Tenant != nil {
		q.tenant = strings.Clone(d.Tenant(c))
	}
	d.sessions.Begin(&q.exchange, q)
	c.SetContext(q.exchange.Context(q.around)) // which may look into the locals, so these come later
	locals := c.RequestCtx()
	q.outer, _ = locals.UserValue(stateKey{}).(*state)
	locals.SetUserValue(stateKey{}, q)
	locals.SetUserValue(satchel.ExchangeKey{}, &q.exchange)
	return q
}

// fields returns our fields of a header, by their names in whatever case (RFC 9110, section 5.1): as written says that the app
// leaves them so.
func (d *door) fields(header *fasthttp.RequestHeader, asWritten bool) (found []field) {
	if !asWritten {
		for _, name := range d.headers {
			for _, value := range header.PeekAll(name) {
				found = append(found, field{name, string(value)})
			}
		}
		return found
	}
	for spelled, value := range header.All() {
		for _, name := range d.headers {
			if isName(spelled, name) {
				found = append(found, field{name, string(value)})
			}
		}
	}
	return found
}

// Tokens finds the tokens that came with the request.
func (q *state) Tokens(t satchel.Transport) core.Tokens {
	found := core.Tokens{Tenant: q.tenant}
	if t.Cookie != nil {
		if answer.Trusts(t, q.host) {
			first, second, count := t.Cookie.Find(q.cookies[:])
			found.First, found.Second, found.Count = core.Token(first), core.Token(second), count
		}
		return found
	}
	for _, f := range q.headers {
		if f.name != t.Header {
			continue
		}
		switch found.Count {
		case 0:
			found.First = core.Token(f.value)
		case 1:
			found.Second = core.Token(f.value)
		}
		found.Count++
	}
	return found
}

// MaySend keeps a cookie for plain http on this machine.
func (q *state) MaySend(t satchel.Transport) error { return answer.MaySend(t, q.host) }

// end ends what the handler had of the exchange. An ErrorHandler that is still to come, a stream and a taken-over
// connection have it until the answer was written.
func (q *state) end(c fiber.Ctx, err error) {
	if c.IsAbandoned() {
		return // c is its stream's by now, which runs already, as in fiber's sse: it keeps c, and with it the exchange
	}
	if err == nil {
		q.leave(c)
	}
	if locals := c.RequestCtx(); err != nil || c.Response().IsBodyStream() || locals.Hijacked() {
		locals.SetUserValue(q, q) // fasthttp calls its Close when it is done with the answer
		return
	}
	q.exchange.Close()
}

// abandon ends an exchange whose request was answered by a timeout middleware. If that is outside, the handler has returned,
// and nobody hears of a token: a commit then does all but rotate. If it is inside, the handler was in the middle of things.
func (q *state) abandon() {
	if q.around.Err() != nil {
		_, _ = q.exchange.Commit(q.around) // there is nobody left to tell but the observer
	}
	q.exchange.Close()
}

// leave makes c what it was around the middleware.
func (q *state) leave(c fiber.Ctx) {
	locals := c.RequestCtx()
	c.SetContext(q.around)
	if q.outer == nil {
		locals.SetUserValue(stateKey{}, nil)
		locals.SetUserValue(satchel.ExchangeKey{}, nil)
		return
	}
	locals.SetUserValue(stateKey{}, q.outer)
	locals.SetUserValue(satchel.ExchangeKey{}, &q.outer.exchange)
}

// Close ends the exchange and those around it. fasthttp calls it, as for every local that has such a method, when it is done
// with the answer.
func (q *state) Close() error {
	for ; q != nil; q = q.outer {
		q.exchange.Close()
	}
	return nil
}
