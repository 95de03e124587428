package nethttp_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/store"
)

// The faults of peers that a middleware can have, each by what a client sees. These are of what is written; those of what
// comes with a request are in fault_tokens_test.go, those of what is answered in fault_answers_test.go.

// Of parallel changes none is lost: TestManyRequestsAtOnce has the Updates. A Set of what another one changed meanwhile,
// or ended, is a 409, and the other's change stays.
func TestFault03_TwoWritersTheLastOneWins(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		read, changed := make(chan struct{}), make(chan struct{})
		s := start(w.shop(t, satchel.Options{}, pages{"/slow": func(_ http.ResponseWriter, r *http.Request) (string, error) {
			v, _, err := carts.Get(r.Context())
			read <- struct{}{}
			<-changed
			v.Items = append(v.Items, "slow")
			return "saved", errors.Join(err, carts.Set(r.Context(), v))
		}}))
		header := token(s.person().get("/add").sets(t, "__Host-cart"))
		for _, c := range []struct{ meanwhile, says, then string }{
			{"/plain", "saved", "tea slow"},
			{"/add?item=y", "Conflict", "tea slow y"},
			{"/leave", "Conflict", "none"},
		} {
			var slow sync.WaitGroup
			slow.Go(func() {
				status := map[bool]int{true: 200, false: 409}[c.says == "saved"]
				s.person().getWith("/slow", header).says(t, status, c.says).has(t, "Set-Cookie")
			})
			<-read
			s.person().getWith(c.meanwhile, header)
			changed <- struct{}{}
			slow.Wait()
			s.person().getWith("/show", header).says(t, 200, c.then)
		}
		if w.records() != 0 {
			t.Errorf("%d records of a session that has ended", w.records())
		}
	})
}

// A session whose time is over while its handler runs is not saved, and is not kept for ever.
func TestFault04_SavedPastItsDeadline(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		p := start(w.shop(t, satchel.Options{}, pages{"/slow": func(_ http.ResponseWriter, r *http.Request) (string, error) {
			err := put(r, "slow")
			w.pass(25 * time.Hour)
			return "saved", err
		}})).person()
		header := token(p.get("/add").sets(t, "__Host-cart"))
		p.get("/slow").says(t, 409, "Conflict")
		p.getWith("/show", header).says(t, 200, "none")
		removed, _, err := w.Sweep(t.Context(), w.clock().UnixMilli(), 10)
		if err != nil || removed != 1 || w.records() != 0 {
			t.Errorf("%d removed, %d left: %v", removed, w.records(), err)
		}
	})
}

// Requests that use no session ask the store nothing, with a token or without; those that only read write nothing.
func TestFault10_UntouchedRequestsWrite(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		s := start(w.shop(t, satchel.Options{}, nil))
		p := s.person()
		p.get("/add")
		written := func(context.Context) { t.Error("a write") }
		w.before.Store(&written)
		before, records := w.calls.Load(), w.records()
		for range 11 {
			p.get("/plain").says(t, 200, "plain").tellsNothing(t)
			s.person().get("/plain").says(t, 200, "plain").tellsNothing(t)
			s.person().get("/show").says(t, 200, "none").has(t, "Set-Cookie").has(t, "Vary", "Cookie")
			s.person().get("/leave").says(t, 200, "bye").has(t, "Set-Cookie")
		}
		if w.calls.Load() != before || w.records() != records {
			t.Errorf("%d calls, %d new records", w.calls.Load()-before, w.records()-records)
		}
		for range 11 {
			p.get("/show").says(t, 200, "tea").has(t, "Set-Cookie")
		}
		if w.calls.Load() != before+11 {
			t.Errorf("%d calls for 11 readings", w.calls.Load()-before)
		}
	})
}

// A store that is down for a while ends no session, grants none, replaces none, and drops no write in silence.
func TestFault15_AnOutageIsALogout(t *testing.T) {
	for name, o := range map[string]satchel.Options{"cookie": {}, "header": {Header: "X-Cart"}} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, start func(http.Handler) *site) {
				w := newWorld()
				s := start(w.shop(t, o, pages{"/set": func(_ http.ResponseWriter, r *http.Request) (string, error) {
					return "saved", carts.Set(r.Context(), cart{})
				}}))
				signed := func() http.Header {
					a := s.person().get("/signin").says(t, 200, "hello")
					if o.Header != "" {
						return with(o.Header, a.Header.Get(o.Header))
					}
					return token(a.sets(t, "__Host-cart"))
				}
				people := []http.Header{signed(), signed(), signed()}
				w.down.Store(true)
				for range 3 {
					for _, header := range people {
						for _, path := range []string{"/show", "/add", "/leave", "/signin", "/set"} {
							a := s.person().getWith(path, header).has(t, "Set-Cookie").has(t, "X-Cart")
							if a.StatusCode != 503 || strings.Contains(a.body, "saved") {
								t.Errorf("%s: %d %q", path, a.StatusCode, a.body)
							}
						}
						s.person().getWith("/plain", header).says(t, 200, "plain")
					}
					s.person().get("/show").says(t, 200, "none") // who has no token has no session, whatever the store says
					w.pass(time.Minute)
				}
				w.down.Store(false)
				for _, header := range people {
					s.person().getWith("/add", header).says(t, 200, "tea").has(t, "Set-Cookie").has(t, "X-Cart")
				}
				if w.records() != len(people)+1 { // and the subject record of ann
					t.Errorf("%d records", w.records())
				}
			})
		})
	}
}

// The client hangs up while the commit waits for its store: the commit goes on and nothing is half saved.
func TestFault22_CommitBoundToTheClient(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		var ctx context.Context
		ctx, hangUp := context.WithCancel(t.Context())
		committed := make(chan struct{})
		h := nethttp.Wrap(page(func(_ http.ResponseWriter, r *http.Request) (string, error) {
			waits := func(of context.Context) {
				hangUp()
				<-r.Context().Done() // the server has noticed
				if err := of.Err(); err != nil {
					t.Errorf("the commit's context: %v", err)
				}
				if _, limited := of.Deadline(); !limited {
					t.Error("the commit has no limit of its own")
				}
			}
			w.before.Store(&waits)
			return "saved", errors.Join(put(r, "whole"), counter.Set(r.Context(), visits{1}))
		}), w.sessions(t, carts.ServerSide(w), counter.ServerSide(store.NewMemory()).With(satchel.Options{Header: "X-Visits"})))
		mux := http.NewServeMux()
		mux.Handle("/", w.shop(t, satchel.Options{}, nil))
		mux.HandleFunc("/slow", func(rw http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(rw, r)
			w.before.Store(nil)
			close(committed)
		})
		s := start(mux)
		header := token(s.person().get("/add").sets(t, "__Host-cart"))
		if res, err := s.Client().Do(s.person().request(http.MethodPost, "/slow", header).WithContext(ctx)); err == nil {
			res.Body.Close() // the answer may arrive while TLS says goodbye
		}
		<-committed
		s.person().getWith("/show", header).says(t, 200, "whole")
	})
}
