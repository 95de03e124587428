package nethttp

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/core"
)

// Config describes a middleware. The zero value is usable, and Wrap uses it.
//
// A middleware within another of the same sessions joins its exchange: the outer one reads, commits and tells the client, with its own
// Config. Of the inner one's Tenant alone counts, if it has one: where it names another tenant than the outer one's exchange has, nothing
// within is served, and its OnCommitError answers satchel.ErrTenant. For a commit it is not called.
type Config struct {
	// OnCommitError answers a request whose sessions could not be committed, in place of its handler. The default answers
	// with StatusOf(err) and [answer.Reason], or else the text of that status. Whatever it says, the answer is no-store.
	OnCommitError func(w http.ResponseWriter, r *http.Request, err error)
	// Tenant names the tenant that a request belongs to; a token made for another is refused. It is asked once for each
	// request. The default is "", and within another middleware of the same sessions the tenant of that.
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
	var headers []string
	for _, t := range s.Transports() {
		if name := t.Header; name != "" {
			headers = append(headers, http.CanonicalHeaderKey(name))
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.In(r.Context()) { // wrapped twice: two exchanges would not know of each other
			c.join(h, s, w, r)
			return
		}
		q := &state{in: r, config: &c}
		q.take(headers)
		s.Begin(&q.exchange, q)
		q.serve(h, w)
	})
}

// join serves a request within an exchange of the same sessions, if that is of the tenant that c names.
func (c *Config) join(h http.Handler, s *satchel.Sessions, w http.ResponseWriter, r *http.Request) {
	if c.Tenant != nil {
		if err := s.OfTenant(r.Context(), c.Tenant(r)); err != nil {
			a := &answering{inner: w}
			c.OnCommitError(a, r, err)
			a.status(http.StatusInternalServerError)
			return
		}
	}
	h.ServeHTTP(w, r)
}

// StatusOf returns the status that answers a failed commit, which [answer.StatusOf] lists, for handlers and for OnCommitError.
func StatusOf(err error) int { return answer.StatusOf(err) }

func answerError(w http.ResponseWriter, _ *http.Request, err error) {
	status := StatusOf(err)
	http.Error(w, cmp.Or(answer.Reason(err), http.StatusText(status)), status)
}

// state is what one request needs: its exchange and its writer, in one allocation.
type state struct {
	exchange satchel.Exchange
	writer   writer
	in       *http.Request
	config   *Config

	host    string
	tenant  string
	cookies []string // lines of the request's Cookie
	headers []line   // of the header fields that are ours
	first   [1]line  // because most programs have one at the most

	outcomes []satchel.Outcome
	fields   [3]string // values of Vary, Cache-Control and Set-Cookie, which would be an allocation each
}

// line is one line of a header.
type line struct{ name, value string }

// take remembers what came with the request. The handler gets the same header map and may change it, and a goroutine of
// the handler's may ask for a kind when the map is another one's.
func (q *state) take(headers []string) {
	q.host = q.in.Host
	if q.config.Tenant != nil {
		q.tenant = q.config.Tenant(q.in)
	}
	q.cookies = q.in.Header["Cookie"]
	q.headers = q.first[:0]
	for _, name := range headers {
		for _, value := range q.in.Header[name] {
			q.headers = append(q.headers, line{name, value})
		}
	}
}

func (q *state) serve(h http.Handler, w http.ResponseWriter) {
	returned := false
	in := q.in.WithContext(q.exchange.Context(q.in.Context()))
	defer func() {
		handBack(q.in, in)
		if !returned { // a panic goes on, and commits nothing
			q.exchange.Close()
			q.writer.abandon()
		}
	}()
	h.ServeHTTP(q.writer.begin(w, q), in)
	q.writer.finish()
	q.exchange.Close()
	returned = true
}

// handBack gives a request what a handler has made of its copy: that is its server's, which removes uploaded files, and outer
// middleware's.
func handBack(to, from *http.Request) {
	if to.MultipartForm == nil {
		to.MultipartForm = from.MultipartForm
	}
	to.Pattern = from.Pattern
}

// Tokens finds the tokens that came with the request.
func (q *state) Tokens(t satchel.Transport) core.Tokens {
	found := core.Tokens{Tenant: q.tenant}
	if t.Cookie != nil {
		if answer.Trusts(t, q.host) {
			first, second, count := t.Cookie.Find(q.cookies)
			found.First, found.Second, found.Count = core.Token(first), core.Token(second), count
		}
		return found
	}
	for _, l := range q.headers {
		if !strings.EqualFold(l.name, t.Header) {
			continue
		}
		switch found.Count {
		case 0:
			found.First = core.Token(l.value)
		case 1:
			found.Second = core.Token(l.value)
		}
		found.Count++
	}
	return found
}

// MaySend keeps a cookie for plain http on this machine.
func (q *state) MaySend(t satchel.Transport) error { return answer.MaySend(t, q.host) }

// commitHeaders commits the exchange and writes what the client is to be told.
func (q *state) commitHeaders(inner http.ResponseWriter) error {
	outcomes, err := q.exchange.Commit(q.in.Context())
	if len(outcomes) == 0 {
		return err
	}
	q.outcomes = outcomes
	return errors.Join(err, q.tell(inner.Header()))
}

// tell writes what the client is to be told of all that was committed, also over what was set since it was told.
func (q *state) tell(h http.Header) (err error) {
	sent := false
	for i := range q.outcomes {
		o := &q.outcomes[i]
		q.vary(h, o.Transport)
		if o.Action != core.SendNothing {
			sent = true
			err = errors.Join(err, q.send(h, o))
		}
	}
	if sent {
		dropTargeted(h)
	}
	if q.fields[1] = answer.CacheControl(sent, h.Get("Cache-Control") != ""); q.fields[1] != "" {
		h["Cache-Control"] = q.fields[1:2:2]
	}
	return err
}

func dropTargeted(h http.Header) {
	maps.DeleteFunc(h, func(name string, _ []string) bool { return answer.Targeted(name) })
}

// commitFailed answers in place of the handler.
func (q *state) commitFailed(w http.ResponseWriter, err error) { q.config.OnCommitError(w, q.in, err) }

// vary says what the answer depends on.
func (q *state) vary(h http.Header, t satchel.Transport) {
	field, old := answer.Varies(t), h["Vary"]
	if len(old) == 0 {
		q.fields[0] = field
		h["Vary"] = q.fields[0:1:1]
	} else if !answer.Lists(old, field) {
		h["Vary"] = append(slices.Clip(old), field) // the handler may share its line with other requests
	}
}

// send writes one outcome. The cookie's line takes the place of any other of its name (RFC 6265bis, section 4.1.1).
func (q *state) send(h http.Header, o *satchel.Outcome) error {
	if o.Transport.Cookie == nil {
		h.Set(o.Transport.Header, string(o.Token)) // empty when cleared
		return nil
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
	h["Set-Cookie"] = append(slices.Clip(lines), line)
	return nil
}
