package nethttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/satcheltest"
)

// lateUse tries in a context whose answer has begun what can be tried, and returns what came of it, a line each.
func lateUse(ctx context.Context) string {
	var b strings.Builder
	v, err := carts.Update(ctx, func(v cart) cart { v.Items = append(v.Items, "late"); return v })
	_, _ = fmt.Fprintln(&b, "update", v.Items, err)
	_, _ = fmt.Fprintln(&b, "begin", counter.Set(ctx, visits{1}))
	_, _ = fmt.Fprintln(&b, "client-side", notes.Set(ctx, "late"))
	_, _ = fmt.Fprintln(&b, "rotate", carts.Rotate(ctx))
	_, _ = fmt.Fprintln(&b, "sign in", carts.SignIn(ctx, "ann", cart{}))
	_, _ = fmt.Fprintln(&b, "clear", carts.Clear(ctx))
	return b.String()
}

// lateUsed is what lateUse returns when it begins with one tea: the change that needs no token is made, the others say
// that they are late.
var lateUsed = strings.ReplaceAll(
	"update [tea late] <nil>\nbegin late\nclient-side late\nrotate late\nsign in late\nclear late\n", " late\n", " "+satchel.ErrTooLate.Error()+"\n")

// streams serves /show and what begins its answer, then goes on when the client has its header, and tries all that is late.
func (w *world) streams(t *testing.T, begin func(http.ResponseWriter) (io.Writer, error), headerIsThere <-chan struct{}) http.Handler {
	return nethttp.Wrap(pages{
		"/show": show,
		"/": func(rw http.ResponseWriter, r *http.Request) (string, error) {
			if err := carts.Set(r.Context(), cart{Items: []string{"tea"}}); err != nil {
				return "", err
			}
			rw.Header().Set("Content-Type", "text/event-stream")
			out, err := begin(rw)
			if err != nil {
				return "", err
			}
			<-headerIsThere
			_, err = io.WriteString(out, lateUse(r.Context()))
			if c, ok := out.(io.Closer); ok {
				err = errors.Join(err, c.Close())
			}
			return "", err
		},
	}.mux(), w.Sessions(t, carts.ServerSide(w), counter.ServerSide(w), notes.ClientSide(satcheltest.Keys(t), satchel.Unrevocable)))
}

// headerFirst requests a stream: its header is there, with its cookie, while the handler still runs.
func headerFirst(t *testing.T, p *adaptertest.Visitor, more chan<- struct{}) (adaptertest.Answer, string) {
	t.Helper()
	res, err := p.Do(p.Request(http.MethodGet, "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	a := adaptertest.Answer{Response: res}
	value := a.Sets(t, "__Host-cart")
	more <- struct{}{}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	a.Text = string(body)
	return a, value
}

// When the header has gone by a flush, as in server-sent events, or by a body that is longer than the server's buffer, a
// change that needs it is ErrTooLate, any other is made at once, and a late Clear ends the session on the server.
func TestLateChanges(t *testing.T) {
	for name, begin := range map[string]func(http.ResponseWriter) (io.Writer, error){
		"Flusher":    func(w http.ResponseWriter) (io.Writer, error) { w.(http.Flusher).Flush(); return w, nil },
		"controller": func(w http.ResponseWriter) (io.Writer, error) { return w, http.NewResponseController(w).Flush() },
		"body": func(w http.ResponseWriter) (io.Writer, error) {
			_, err := io.WriteString(w, strings.Repeat(":\n", 10_000))
			return w, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, start func(http.Handler) *site) {
				w, there := newWorld(), make(chan struct{}, 1)
				s := start(w.streams(t, begin, there))
				a, value := headerFirst(t, s.person(), there)
				a.Has(t, "Cache-Control", "no-store").Has(t, "Vary", "Cookie")
				if got := strings.TrimLeft(a.Text, ":\n"); got != lateUsed {
					t.Errorf("%q, want %q", got, lateUsed)
				}
				s.person().GetWith("/show", token(value)).Says(t, 200, "none")
				if w.Records() != 0 {
					t.Errorf("%d records", w.Records())
				}
			})
		})
	}
}

// A connection is taken over when the commit is done, and what is late says so there as well.
func TestHijackCommits(t *testing.T) {
	w, there := newWorld(), make(chan struct{}, 1)
	s := start(t, w.streams(t, func(rw http.ResponseWriter) (io.Writer, error) {
		rw.Header().Set("Connection", "Upgrade")
		rw.Header().Set("Upgrade", "chat")
		rw.WriteHeader(http.StatusSwitchingProtocols)
		c, _, err := http.NewResponseController(rw).Hijack()
		return c, err
	}, there), (*httptest.Server).StartTLS)
	a, value := headerFirst(t, s.person(), there)
	if a.StatusCode != http.StatusSwitchingProtocols || a.Text != lateUsed {
		t.Errorf("%s %q, want %q", a.Status, a.Text, lateUsed)
	}
	s.person().GetWith("/show", token(value)).Says(t, 200, "none")

	// Without a status before it the application writes its own, and the session is saved all the same.
	w2 := newWorld()
	s2 := start(t, w2.shop(t, satchel.Options{}, pages{"/raw": func(rw http.ResponseWriter, r *http.Request) (string, error) {
		if err := put(r, "raw"); err != nil {
			return "", err
		}
		c, _, err := rw.(http.Hijacker).Hijack()
		if err != nil {
			return "", err
		}
		defer c.Close()
		if _, err := carts.Update(r.Context(), func(v cart) cart { return v }); err != nil {
			t.Error(err)
		}
		_, err = io.WriteString(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nraw")
		return "", err
	}}), (*httptest.Server).Start)
	value = s2.person().Get("/add").Sets(t, "__Host-cart")
	s2.person().GetWith("/raw", token(value)).Says(t, 200, "raw")
	s2.person().GetWith("/show", token(value)).Says(t, 200, "raw")
}
