package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// place is the site on a real socket.
type place struct {
	t        *testing.T
	sessions *satchel.Sessions
	server   *httptest.Server
	down     *atomic.Bool
}

// faulty is a store that can be away.
type faulty struct {
	store.Store

	down *atomic.Bool
}

func (f faulty) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if f.down.Load() {
		return core.Record{}, errors.New("no store today")
	}
	return f.Store.Load(ctx, key)
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t: t, down: new(atomic.Bool)}
	var err error
	p.sessions, err = satchel.Config{Cookie: cookie.Config{InsecureLoopback: true}}.New(desks.ServerSide(faulty{store.NewMemory(), p.down}))
	must(t, err)
	p.server = httptest.NewServer(newSite(p.sessions))
	t.Cleanup(p.server.Close)
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// browser has cookies, and opens sockets with them.
type browser struct {
	*http.Client

	place *place
}

func (p *place) browser() *browser {
	return &browser{&http.Client{Jar: satcheltest.NewJar(time.Now)}, p}
}

func (b *browser) cookies() string {
	u, err := url.Parse(b.place.server.URL)
	must(b.place.t, err)
	var all []string
	for _, c := range b.Jar.Cookies(u) {
		all = append(all, c.String())
	}
	return strings.Join(all, "; ")
}

// socket opens a connection, and takes the cookies over that its answer has.
func (b *browser) socket() *wire {
	b.place.t.Helper()
	conn, _, err := websocket.Dial(b.place.t.Context(), b.place.server.URL+"/socket", &websocket.DialOptions{HTTPClient: b.Client})
	must(b.place.t, err)
	b.place.t.Cleanup(func() { _ = conn.CloseNow() })
	return &wire{b.place.t, conn}
}

func (b *browser) post(path string, fields url.Values) {
	b.place.t.Helper()
	res, err := b.PostForm(b.place.server.URL+path, fields)
	must(b.place.t, err)
	must(b.place.t, res.Body.Close())
	if res.StatusCode != http.StatusOK {
		b.place.t.Fatal(path, res.Status)
	}
}

// wire is a connection on the browser's side.
type wire struct {
	t    *testing.T
	conn *websocket.Conn
}

// puts sends a note, and returns all that are on the desk then.
func (w *wire) puts(note string) []string {
	w.t.Helper()
	ctx := w.t.Context()
	must(w.t, w.conn.Write(ctx, websocket.MessageText, []byte(note)))
	_, reply, err := w.conn.Read(ctx)
	must(w.t, err)
	var notes []string
	if json.Unmarshal(reply, &notes) != nil {
		return []string{strings.TrimSpace(string(reply))}
	}
	return notes
}

// over waits until the server closes the connection, and says why.
func (w *wire) over() string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	_, _, err := w.conn.Read(ctx)
	var closed websocket.CloseError
	if !errors.As(err, &closed) {
		return err.Error()
	}
	return fmt.Sprintf("%d %s", closed.Code, closed.Reason)
}

func wants(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// The answer to an upgrade is the last that has a cookie, and the session that begins with it is the browser's from then on.
func TestTheCookieAtTheUpgrade(t *testing.T) {
	p := newPlace(t)
	ann := p.browser()
	if ann.cookies() != "" {
		t.Fatal("there is a cookie already")
	}
	first := ann.socket()
	begun := ann.cookies()
	if begun == "" {
		t.Fatal("the upgrade's answer has no cookie")
	}
	wants(t, first.puts("tea"), "tea")
	second := ann.socket() // brings the cookie
	if ann.cookies() != begun {
		t.Error("there is another cookie, though there was a session")
	}
	wants(t, second.puts("jam"), "tea", "jam")
	wants(t, p.browser().socket().puts("milk"), "milk")

	// A cookie that is none of ours is an ordinary visitor's.
	conn, res, err := websocket.Dial(t.Context(), p.server.URL+"/socket", &websocket.DialOptions{
		HTTPHeader: http.Header{"Cookie": {"desk=nonsense"}},
	})
	must(t, err)
	defer conn.CloseNow()
	if res.Header.Get("Set-Cookie") == "" || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", res.Header)
	}
}

// Pages of other origins bring the browser's cookie, and are refused.
func TestOtherOriginsAreRefused(t *testing.T) {
	p := newPlace(t)
	ann := p.browser()
	ann.socket()
	_, res, err := websocket.Dial(t.Context(), p.server.URL+"/socket", &websocket.DialOptions{
		HTTPClient: ann.Client, HTTPHeader: http.Header{"Origin": {"https://evil.example"}},
	})
	if err == nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("%v, %v", res, err)
	}
}

// Each message sees what others have changed meanwhile, and two connections that write at once lose nothing.
func TestChangesPerMessage(t *testing.T) {
	p := newPlace(t)
	ann := p.browser()
	one := ann.socket()
	wants(t, one.puts("first"), "first")
	two := ann.socket()
	var both sync.WaitGroup
	for _, w := range []*wire{one, two} {
		both.Go(func() {
			for range 50 {
				w.puts("note")
			}
		})
	}
	both.Wait()
	if n := len(one.puts("")); n != 101 {
		t.Errorf("%d notes, want 101", n)
	}
	if n := len(two.puts("")); n != 101 {
		t.Errorf("%d notes, want 101", n)
	}
}

// Whoever ends the session, and however, ends its connections at once.
func TestEndedByRevoke(t *testing.T) {
	for name, end := range map[string]func(p *place, b *browser){
		"signing out":         func(_ *place, b *browser) { b.post("/sign-out", nil) },
		"ended by its person": func(p *place, _ *browser) { endAll(p) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			ann, bob := p.browser(), p.browser()
			ann.socket()
			ann.post("/sign-in", url.Values{"name": {"ann"}})
			one, two, other := ann.socket(), ann.socket(), bob.socket()
			wants(t, one.puts("tea"), "tea")
			end(p, ann)
			for _, w := range []*wire{one, two} {
				if got := w.over(); got != "4401 the session is over: ended" {
					t.Error(got)
				}
			}
			wants(t, other.puts("jam"), "jam")
			if name == "signing out" {
				wants(t, ann.socket().puts("anew"), "anew")
			}
		})
	}
}

func endAll(p *place) {
	if n, err := desks.Of(p.sessions, "ann").EndAll(p.t.Context()); n != 1 || err != nil {
		p.t.Error(n, err)
	}
}

// Signing in gives the browser another cookie. Connections under the old one end, and who comes back has all that was there.
func TestSigningInEndsOldConnections(t *testing.T) {
	p := newPlace(t)
	ann := p.browser()
	one := ann.socket()
	wants(t, one.puts("tea"), "tea")
	ann.post("/sign-in", url.Values{"name": {"ann"}})
	if got := one.over(); got != "4401 the session is over: rotated" {
		t.Error(got)
	}
	wants(t, ann.socket().puts("jam"), "tea", "jam")
}

// An outage is not a logout: the connection stays, and so does what was there.
func TestAnOutage(t *testing.T) {
	p := newPlace(t)
	ann := p.browser()
	one := ann.socket()
	wants(t, one.puts("tea"), "tea")
	p.down.Store(true)
	wants(t, one.puts("jam"), `"come back in a minute"`)
	if _, res, err := websocket.Dial(t.Context(), p.server.URL+"/socket", &websocket.DialOptions{HTTPClient: ann.Client}); err == nil || res.StatusCode != 503 {
		t.Errorf("%v, %v", res, err)
	}
	p.down.Store(false)
	wants(t, one.puts("milk"), "tea", "milk")
}

func TestPages(t *testing.T) {
	p := newPlace(t)
	ann := p.browser()
	ann.socket().puts("tea")
	res, err := ann.Get(p.server.URL + "/")
	must(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(t, err)
	if res.StatusCode != 200 || !strings.Contains(string(text), "There were 1 notes") {
		t.Errorf("%s\n%s", res.Status, text)
	}
}
