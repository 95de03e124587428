package adaptertest

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/core"
)

// naive is a fourth adapter, for a framework that collects its answers: the least that the kit asks for. Its faults are
// planted, to see the kit find them.
type naive struct {
	fault    string
	sessions *satchel.Sessions
	inner    func(q *collected)
	tenant   func(*http.Request) string
}

// collected is a request and its answer in this framework.
type collected struct {
	r      *http.Request
	ctx    context.Context
	w      http.ResponseWriter // for 103, and in the end
	header http.Header
	status int
	body   string
	stream func(context.Context, func(string) error)
	commit func()

	fault    string
	upgrades bool
	after    []func() // when the answer was sent
}

func (q *collected) Context() context.Context { return q.ctx }
func (q *collected) Sent(name string) string  { return q.r.Header.Get(name) }
func (q *collected) Set(name, value string)   { q.header.Set(name, value) }
func (q *collected) Add(name, value string)   { q.header.Add(name, value) }
func (q *collected) Status(code int)          { q.status = code }
func (q *collected) Body(text string) error   { q.body = text; return nil }

func (q *collected) Commit() error {
	q.commit()
	return nil
}

func (q *collected) Hint(link string) error {
	q.w.Header().Set("Link", link)
	q.w.WriteHeader(http.StatusEarlyHints)
	q.w.Header().Del("Link")
	return nil
}

func (q *collected) Stream(body func(context.Context, func(string) error)) error {
	q.stream = body
	return nil
}

// Upgrade hands over the connection, after a commit.
func (q *collected) Upgrade(serve func(context.Context, io.ReadWriter)) error {
	over := func() {
		if q.status == http.StatusOK || q.fault == "hands over whatever the commit says" {
			maps.Copy(q.w.Header(), q.header)
			v := &visit{w: q.w, r: q.r}
			_ = v.Upgrade(func(_ context.Context, conn io.ReadWriter) { serve(q.ctx, conn) })
		}
	}
	q.upgrades = true
	if q.fault == "hands over before the commit" {
		over()
		return nil
	}
	q.after = append(q.after, over)
	return nil
}

// flush sends what was collected.
func (q *collected) flush() {
	if q.upgrades && (q.status == http.StatusOK || q.fault != "") {
		q.end()
		return
	}
	maps.Copy(q.w.Header(), q.header)
	q.w.WriteHeader(q.status)
	_, _ = q.w.Write([]byte(q.body))
	if q.stream != nil {
		c := http.NewResponseController(q.w)
		_ = c.Flush()
		q.stream(q.ctx, func(text string) error {
			_, err := q.w.Write([]byte(text))
			return errors.Join(err, c.Flush())
		})
	}
	q.end()
}

func (q *collected) end() {
	for _, f := range slices.Backward(q.after) {
		f()
	}
}

func (q *collected) fail(status int, text string) {
	q.status, q.body, q.stream = status, text, nil
	q.header.Set("Content-Type", "text/plain; charset=utf-8")
}

// Tokens finds the tokens that came with the request.
func (n *naive) tokens(q *collected, t satchel.Transport) core.Tokens {
	found := core.Tokens{Tenant: n.tenant(q.r)}
	if n.fault == "tenants are one" {
		found.Tenant = ""
	}
	if n.fault != "insecure cookies travel" && !answer.Trusts(t, q.r.Host) {
		return found
	}
	if t.Cookie != nil {
		lines := q.r.Header["Cookie"]
		if n.fault == "one line of cookies" && len(lines) > 1 {
			lines = lines[:1]
		}
		first, second, count := t.Cookie.Find(lines)
		found.First, found.Second, found.Count = core.Token(first), core.Token(second), count
	} else if lines := q.r.Header.Values(t.Header); len(lines) > 0 {
		found.First, found.Count = core.Token(lines[0]), len(lines)
		if len(lines) > 1 {
			found.Second = core.Token(lines[1])
		}
	}
	if n.fault == "stamps do not come back" && isStamp(t) {
		found.First, found.Count = "", 0
	}
	if n.fault == "the first of two tokens" && found.Count > 1 {
		found.Second, found.Count = "", 1
	}
	return found
}

// carrier hands over a request's tokens.
type carrier struct {
	n *naive
	q *collected
}

func (c carrier) MaySend(t satchel.Transport) error {
	if c.n.fault == "insecure cookies travel" {
		return nil
	}
	return answer.MaySend(t, c.q.r.Host)
}

func (c carrier) Tokens(t satchel.Transport) core.Tokens { return c.n.tokens(c.q, t) }

// pool is what a naive adapter would use again.
var pool = map[*naive]*satchel.Exchange{}

func (n *naive) serve(q *collected) {
	if n.sessions.In(q.ctx) && n.fault != "wrapped twice" {
		if err := n.sessions.OfTenant(q.ctx, n.tenant(q.r)); err != nil && n.fault != "a tenant within another" {
			n.failed(q, err)
			return
		}
		n.inner(q)
		return
	}
	ex := n.sessions.Open(carrier{n, q})
	var told []satchel.Outcome
	outer := q.commit
	q.commit = func() {
		n.commit(q.ctx, ex, q, &told)
		if outer != nil {
			outer()
		}
	}
	defer func() { q.commit = outer }()
	if n.fault == "one exchange for all" {
		if pool[n] == nil {
			pool[n] = ex
		}
		ex = pool[n]
	}
	around := q.ctx
	q.ctx = ex.Context(around)
	switch n.fault {
	case "commits at once":
		n.commit(around, ex, q, &told)
		n.inner(q)
		return
	case "a panic commits":
		defer n.commit(around, ex, q, &told)
		n.inner(q)
		return
	case "keeps the exchange open":
	default:
		q.after = append(q.after, ex.Close)
	}
	if n.fault == "loads ahead" {
		for _, p := range n.sessions.Placed() {
			k, _ := n.sessions.Kind(p.Kind)
			_, _, _ = k.Get(q.ctx)
		}
	}
	n.inner(q)
	if n.fault == "errors are not committed" && q.status >= 400 {
		return
	}
	n.commit(around, ex, q, &told)
}

// commit commits, and tells of all that was committed so far, because what was told may have been overwritten since.
func (n *naive) commit(around context.Context, ex *satchel.Exchange, q *collected, told *[]satchel.Outcome) {
	ctx := around
	if n.fault == "commits for nobody" { // what a client's end says is not heard
		ctx = context.WithoutCancel(ctx)
	}
	if n.fault == "commits with the client" && ctx.Err() != nil {
		return
	}
	outcomes, err := ex.Commit(ctx)
	if n.fault != "what comes after a commit stays" {
		*told = append(*told, outcomes...)
		outcomes = *told
	}
	sent := false
	for i := range outcomes {
		o := &outcomes[i]
		if n.fault != "no Vary" && !answer.Lists(q.header["Vary"], answer.Varies(o.Transport)) {
			q.header.Add("Vary", answer.Varies(o.Transport))
		}
		if o.Action == core.SendNothing || n.leavesOut(q, o) {
			continue
		}
		sent = true
		err = errors.Join(err, n.send(q, o))
	}
	if n.fault == "an outage logs out" && q.status == http.StatusServiceUnavailable {
		q.header.Add("Set-Cookie", "__Host-cart=; Path=/; Secure; Max-Age=0")
	}
	if n.fault == "Vary always" {
		q.header.Add("Vary", "Cookie")
	}
	if say := answer.CacheControl(sent, q.header.Get("Cache-Control") != ""); len(outcomes) > 0 && say != "" && n.fault != "caches" {
		q.header.Set("Cache-Control", say)
	}
	for name := range q.header {
		if sent && answer.Targeted(name) && n.fault != "caches of others" {
			q.header.Del(name)
		}
	}
	if err != nil && n.fault != "failures are not told" {
		n.failed(q, err)
	}
}

// failed answers for a commit that has failed.
func (n *naive) failed(q *collected, err error) {
	for name, lines := range q.header {
		if answer.OfHandler(name, lines[0]) && n.fault != "the handler's header stays" {
			q.header.Del(name)
		}
	}
	body := q.body
	status := answer.StatusOf(err)
	q.fail(status, cmp.Or(answer.Reason(err), http.StatusText(status)))
	if n.fault == "the handler's body goes behind" {
		q.body += body
	}
	if n.fault == "tells the cause" {
		q.body = err.Error()
	}
	q.header.Set("Cache-Control", "no-store")
}

func (n *naive) send(q *collected, o *satchel.Outcome) error {
	if o.Transport.Cookie == nil {
		if n.fault == "a header is not cleared" && o.Action == core.SendClear {
			return nil
		}
		q.header.Set(o.Transport.Header, string(o.Token))
		return nil
	}
	line, err := answer.SetCookie(o)
	if err != nil {
		return err
	}
	if n.fault == "clears with other attributes" && o.Action == core.SendClear {
		line = o.Transport.Cookie.Name() + "=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
	}
	if n.fault == "a browser's Max-Age" {
		line, _, _ = strings.Cut(line, "; Max-Age=")
	}
	if lines := q.header["Set-Cookie"]; n.fault != "two Set-Cookie" {
		q.header["Set-Cookie"] = cookie.Without(slices.Clone(lines), o.Transport.Cookie.Name())
	}
	q.header.Add("Set-Cookie", line)
	if n.fault == "hints have the token" {
		q.w.Header().Set("Set-Cookie", line)
		q.w.WriteHeader(http.StatusEarlyHints)
	}
	return nil
}

// adapter serves sites by naive with a planted fault, or without one.
func (n naive) adapter() Adapter {
	return Adapter{Upgrades: true, Serve: func(t testing.TB, l net.Listener, site Site) {
		handle := func(q *collected) {
			if f := site.Handle(q); f != nil {
				q.fail(f.Status, f.Text)
			}
		}
		around := &naive{n.fault, site.Sessions, func(q *collected) {
			for path, g := range site.Gates {
				if strings.HasPrefix(q.r.URL.Path, path) {
					n.guard(g, q, handle)
					return
				}
			}
			if site.Inside != nil && strings.HasPrefix(q.r.URL.Path, "/inside/") && n.fault != "one middleware" {
				if site.Before != nil {
					site.Before(q)
				}
				(&naive{n.fault, site.Inside, handle, InsideTenant}).serve(q)
				return
			}
			handle(q)
		}, Tenant}
		ServeHTTP(t, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			q := &collected{fault: n.fault, r: r, ctx: r.Context(), w: w, header: http.Header{}, status: http.StatusOK}
			around.serve(q)
			q.flush()
		}))
	}}
}
