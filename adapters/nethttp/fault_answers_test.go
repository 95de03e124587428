package nethttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/satchel-go/satchel"
)

// Whatever sends the header first sends the cookie, and after a failed commit nothing of the handler's answer is sent.
// TestLateChanges and TestHijackCommits have flushes and takeovers in full, TestCommitFailure the failures.
func TestFault08_HeadersLeaveWithoutTheCookie(t *testing.T) {
	for name, first := range map[string]func(http.ResponseWriter){
		"Flush":       func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
		"FlushError":  func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() },
		"103":         func(w http.ResponseWriter) { w.WriteHeader(103); w.(http.Flusher).Flush() },
		"WriteHeader": func(w http.ResponseWriter) { w.WriteHeader(200) },
		"Write":       func(w http.ResponseWriter) { _, _ = w.Write(nil) },
		"nothing":     func(http.ResponseWriter) {},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, start func(http.Handler) *site) {
				w := newWorld()
				p := start(w.shop(t, satchel.Options{}, pages{
					"/": func(rw http.ResponseWriter, r *http.Request) (string, error) {
						err := put(r, "tea")
						first(rw)
						return "", err
					},
					"/down": func(rw http.ResponseWriter, r *http.Request) (string, error) {
						err := put(r, "new")
						w.down.Store(true)
						first(rw)
						_, _ = io.WriteString(rw, "the page")
						return "", err
					},
				})).person()
				p.get("/").says(t, 200, "").sets(t, "__Host-cart")
				p.get("/down").says(t, 503, "Service Unavailable").has(t, "Set-Cookie")
				w.down.Store(false)
				p.get("/show").says(t, 200, "tea")
			})
		})
	}
}

// What a handler kept shows nothing of anybody when other requests have come. TestSameMiddlewareTwice has two middlewares
// in one request.
func TestFault09_AKeptHandleReadsAnothersData(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		type held struct {
			ctx      context.Context
			exchange *satchel.Exchange
			writer   http.ResponseWriter
		}
		var all []held
		s := start(w.shop(t, satchel.Options{}, pages{"/hold": func(rw http.ResponseWriter, r *http.Request) (string, error) {
			all = append(all, held{r.Context(), r.Context().Value(satchel.ExchangeKey{}).(*satchel.Exchange), rw})
			return "held", nil
		}}))
		people := []*person{s.person(), s.person(), s.person()}
		for i, p := range people {
			p.get("/add?item=" + string(rune('a'+i)))
		}
		for i, p := range people {
			p.get("/hold").says(t, 200, "held")
			p.get("/show").says(t, 200, string(rune('a'+i)))
		}
		if len(all) != len(people) {
			t.Fatal(len(all))
		}
		for i, h := range all {
			for name, ctx := range map[string]context.Context{"Context": h.ctx, "Exchange": h.exchange.Context(t.Context())} {
				if v, ok, err := carts.Get(ctx); ok || !errors.Is(err, satchel.ErrClosed) {
					t.Errorf("%d, %s: %v %v %v", i, name, v, ok, err)
				}
			}
			if n, err := h.writer.Write([]byte("x")); n != 0 || err == nil {
				t.Errorf("%d: a kept writer took %d", i, n)
			}
			for j, other := range all[:i] {
				if h.exchange == other.exchange {
					t.Errorf("requests %d and %d had one exchange", j, i)
				}
			}
		}
	})
}

// A late Clear ends the session on the server and says that the client's copy remains; before the answer has begun it
// clears that as well.
func TestFault25_ALateClearDoesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		s := start(w.shop(t, satchel.Options{}, pages{"/late": func(rw http.ResponseWriter, r *http.Request) (string, error) {
			_, _ = io.WriteString(rw, "begun ")
			if err := carts.Clear(r.Context()); !errors.Is(err, satchel.ErrTooLate) {
				t.Errorf("a late Clear: %v", err)
			}
			return "and done", nil
		}}))
		p := s.person()
		header := token(p.get("/add").sets(t, "__Host-cart"))
		p.get("/late").says(t, 200, "begun and done").has(t, "Set-Cookie")
		s.person().getWith("/show", header).says(t, 200, "none")
		if w.records() != 0 || len(p.cookies()) != 1 {
			t.Errorf("%d records, %d cookies", w.records(), len(p.cookies()))
		}

		header = token(p.get("/add").sets(t, "__Host-cart"))
		p.get("/leave").clears(t, "__Host-cart")
		s.person().getWith("/show", header).says(t, 200, "none")
	})
}
