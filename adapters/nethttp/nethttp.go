package nethttp

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/core"
)

// Config describes a middleware. The zero value is usable, and Wrap uses it.
type Config struct {
	// OnCommitError answers a request whose sessions could not be committed, in place of its handler. The default answers
	// with answer.StatusOf(err) and the text of that status. The response is already marked no-store.
	OnCommitError func(w http.ResponseWriter, r *http.Request, err error)
	// Tenant names the tenant that a request belongs to; a token made for another is refused. The default is "".
	Tenant func(r *http.Request) string
}

// Wrap returns a handler in whose requests' contexts the kinds of s work.
func Wrap(h http.Handler, s *satchel.Sessions) http.Handler { return Config{}.Wrap(h, s) }

// Middleware is Wrap in the shape that routers take.
func Middleware(s *satchel.Sessions) func(http.Handler) http.Handler { return Config{}.Middleware(s) }

// Middleware is Wrap in the shape that routers take.
func (c Config) Middleware(s *satchel.Sessions) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler { return c.Wrap(h, s) }
}

// Wrap returns a handler in whose requests' contexts the kinds of s work.
func (c Config) Wrap(h http.Handler, s *satchel.Sessions) http.Handler {
	if c.OnCommitError == nil {
		c.OnCommitError = answerError
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &state{in: r, config: &c}
		s.Begin(&q.exchange, q)
		q.serve(h, w)
	})
}

func answerError(w http.ResponseWriter, _ *http.Request, err error) {
	status := answer.StatusOf(err)
	http.Error(w, http.StatusText(status), status)
}

// state is what one request needs: its exchange and its writer, in one allocation.
type state struct {
	exchange satchel.Exchange
	writer   writer
	in       *http.Request
	config   *Config
	fields   [3]string // values of Vary, Cache-Control and Set-Cookie, which would be an allocation each
}

func (q *state) serve(h http.Handler, w http.ResponseWriter) {
	returned := false
	defer func() {
		if !returned { // a panic goes on, and commits nothing
			q.exchange.Close()
			q.writer.abandon()
		}
	}()
	h.ServeHTTP(q.writer.begin(w, q), q.in.WithContext(q.exchange.Context(q.in.Context())))
	q.writer.finish()
	q.exchange.Close()
	returned = true
}

// Tokens finds the tokens that came with the request.
func (q *state) Tokens(t satchel.Transport) core.Tokens {
	var found core.Tokens
	if q.config.Tenant != nil {
		found.Tenant = q.config.Tenant(q.in)
	}
	switch {
	case t.Cookie == nil:
		values := q.in.Header.Values(t.Header)
		found.Count = len(values)
		if found.Count > 0 {
			found.First = core.Token(values[0])
		}
		if found.Count > 1 {
			found.Second = core.Token(values[1])
		}
	case answer.Trusts(t, q.in.Host):
		first, second, count := t.Cookie.Find(q.in.Header["Cookie"])
		found.First, found.Second, found.Count = core.Token(first), core.Token(second), count
	}
	return found
}

// commitHeaders commits the exchange and writes what the client is to be told.
func (q *state) commitHeaders(inner http.ResponseWriter) error {
	outcomes, err := q.exchange.Commit(q.in.Context())
	if len(outcomes) == 0 {
		return err
	}
	h := inner.Header()
	sent := false
	for i := range outcomes {
		o := &outcomes[i]
		q.vary(h, o.Transport)
		if o.Action != core.SendNothing {
			sent = true
			err = errors.Join(err, q.send(h, o))
		}
	}
	if q.fields[1] = answer.CacheControl(sent, len(h["Cache-Control"]) > 0); q.fields[1] != "" {
		h["Cache-Control"] = q.fields[1:2:2]
	}
	return err
}

// commitFailed answers in place of the handler.
func (q *state) commitFailed(answer http.ResponseWriter, err error) {
	answer.Header().Set("Cache-Control", "no-store")
	q.config.OnCommitError(answer, q.in, err)
}

// vary says what the answer depends on.
func (q *state) vary(h http.Header, t satchel.Transport) {
	field, old := answer.Varies(t), h["Vary"]
	if len(old) == 0 {
		q.fields[0] = field
		h["Vary"] = q.fields[0:1:1]
	} else if !answer.Lists(old, field) {
		h["Vary"] = append(old, field)
	}
}

// send writes one outcome. The cookie's line takes the place of any other of its name (RFC 6265bis, section 4.1.1).
func (q *state) send(h http.Header, o *satchel.Outcome) error {
	if o.Transport.Cookie == nil {
		h.Set(o.Transport.Header, string(o.Token)) // empty when cleared
		return nil
	}
	if !answer.Trusts(o.Transport, q.in.Host) {
		return fmt.Errorf("%w: kind %q", answer.ErrInsecure, o.Transport.Kind)
	}
	line, err := answer.SetCookie(o)
	if err != nil {
		return err
	}
	lines := cookie.Without(h["Set-Cookie"], o.Transport.Cookie.Name())
	if len(lines) == 0 {
		q.fields[2] = line
		h["Set-Cookie"] = q.fields[2:3:3]
		return nil
	}
	h["Set-Cookie"] = append(lines, line)
	return nil
}
