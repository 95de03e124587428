package nethttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// A goroutine that first uses its session at about the time when the handler returns gets its own, or is told that the
// exchange is over, whatever others do with the request by then. With -race it shows as well that an exchange reads
// nothing of the request's from there.
func TestGoroutineOutlivesItsHandler(t *testing.T) {
	for name, o := range map[string]satchel.Options{"cookie": {}, "header": {Header: "X-Cart"}} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, start func(http.Handler) *site) {
				w := newWorld()
				var running sync.WaitGroup
				h := w.shop(t, o, pages{"/start": func(_ http.ResponseWriter, r *http.Request) (string, error) {
					ctx, mine := r.Context(), r.URL.Query().Get("item")
					running.Go(func() {
						v, ok, err := carts.Get(ctx)
						switch {
						case errors.Is(err, satchel.ErrClosed):
						case err != nil && ctx.Err() != nil: // the server ends the context with the request
						case err != nil || !ok || !slices.Equal(v.Items, []string{mine}):
							t.Errorf("of %s: %v %v %v", mine, v, ok, err)
						}
					})
					return "started", nil
				}})
				s := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					h.ServeHTTP(w, r)
					clear(r.Header) // as who uses the map again would
					r.Host = "elsewhere.example"
				}))
				people := map[string]http.Header{}
				for i := range 3 {
					item := fmt.Sprint("of-", i)
					if a := s.person().get("/add?item=" + item); o.Header != "" {
						people[item] = with(o.Header, a.Header.Get(o.Header))
					} else {
						people[item] = token(a.sets(t, "__Host-cart"))
					}
				}
				for range 30 {
					for item, header := range people {
						s.person().getWith("/start?item="+item, header).says(t, 200, "started")
					}
				}
				running.Wait()
			})
		})
	}
}

// An exchange is shared by the goroutines of a handler.
func TestParallelUseInAHandler(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		p := start(w.shop(t, satchel.Options{}, pages{"/many": func(rw http.ResponseWriter, r *http.Request) (string, error) {
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					if _, err := add(rw, r); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			return show(rw, r)
		}})).person()
		p.get("/many").says(t, 200, strings.Repeat(" tea", 4)[1:]).sets(t, "__Host-cart")
	})
}

// 64 requests at once with one cookie, each with an item of its own: all are there.
func TestManyRequestsAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		s := start(w.shop(t, satchel.Options{}, nil))
		p := s.person()
		header := token(p.get("/add?item=of-64").sets(t, "__Host-cart"))
		var all sync.WaitGroup
		want := []string{"of-64"}
		for i := range 64 {
			item := fmt.Sprint("of-", i)
			want = append(want, item)
			all.Go(func() {
				r := s.person().request(http.MethodPost, "/add?item="+item, header)
				res, err := s.Client().Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				defer res.Body.Close()
				if res.StatusCode != 200 || len(res.Cookies()) != 0 {
					t.Errorf("%s: %s %q", item, res.Status, res.Header["Set-Cookie"])
				}
			})
		}
		all.Wait()
		got := strings.Fields(p.get("/show").body)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%d of %d: %q", len(got), len(want), got)
		}
	})
}

// expiring is the context of a request whose time is over when its handler says so.
type expiring struct {
	context.Context
	over chan struct{}
}

type expireKey struct{}

func (e expiring) Done() <-chan struct{} { return e.over }

func (e expiring) Err() error {
	select {
	case <-e.over:
		return context.DeadlineExceeded
	default:
		return e.Context.Err()
	}
}

func (e expiring) Value(key any) any {
	if key == (expireKey{}) {
		return e.over
	}
	return e.Context.Value(key)
}

// expire ends the time that http.TimeoutHandler gives a request.
func expire(r *http.Request) {
	close(r.Context().Value(expireKey{}).(chan struct{}))
	<-r.Context().Done()
}

// limited is http.TimeoutHandler, whose time is over by expire.
func limited(h http.Handler) http.Handler {
	h = http.TimeoutHandler(h, time.Hour, "too slow")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(expiring{r.Context(), make(chan struct{})}))
	})
}

// http.TimeoutHandler outside: the handler that runs on ends as one whose client has hung up, so that what needs no token
// is saved, and what needs one is not done. Its answer goes nowhere.
func TestTimeoutHandlerAround(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		goOn, left := make(chan struct{}), make(chan error, 1)
		slow := func(change func(*http.Request) error) page {
			return func(_ http.ResponseWriter, r *http.Request) (string, error) {
				_, _, err := carts.Get(r.Context())
				expire(r)
				<-goOn
				return "late", errors.Join(err, change(r))
			}
		}
		config := nethttp.Config{OnCommitError: func(w http.ResponseWriter, _ *http.Request, err error) {
			w.Header().Set("X-Failed", "1")
			left <- err
		}}
		handler := config.Wrap(pages{
			"/put":    slow(func(r *http.Request) error { return carts.Set(r.Context(), cart{Items: []string{"half"}}) }),
			"/signin": slow(func(r *http.Request) error { return carts.SignIn(r.Context(), "ann", cart{}) }),
		}.mux(), w.sessions(t, carts.ServerSide(w)))
		mux := http.NewServeMux()
		mux.Handle("/", w.shop(t, satchel.Options{}, nil))
		mux.Handle("/slow/", limited(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.StripPrefix("/slow", handler).ServeHTTP(w, r)
			left <- nil
		})))
		s := start(mux)
		visitor, customer := s.person(), s.person()
		customer.get("/add")
		for _, c := range []struct {
			p    *person
			path string
			err  error
			then string
		}{
			{visitor, "/slow/put", nil, "none"},
			{visitor, "/slow/signin", nil, "none"},
			{customer, "/slow/signin", satchel.ErrTooLate, "tea"},
			{customer, "/slow/put", nil, "half"},
		} {
			c.p.get(c.path).says(t, 503, "too slow").tellsNothing(t).has(t, "X-Failed")
			goOn <- struct{}{}
			if err := <-left; !errors.Is(err, c.err) {
				t.Errorf("%s: %v, want %v", c.path, err, c.err)
			} else if c.err != nil {
				<-left
			}
			c.p.get("/show").says(t, 200, c.then).has(t, "Set-Cookie")
		}
		if w.records() != 4 { // the customer's, two that nobody heard of, which idle away, and the subject record of one of these
			t.Errorf("%d records", w.records())
		}
	})
}

// http.TimeoutHandler inside: its answer is one like any other, with what was wanted by then. The handler that runs on
// changes nothing any more, and cannot race with the commit. In time nobody sees it.
func TestTimeoutHandlerWithin(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		goOn, left := make(chan struct{}), make(chan error, 1)
		within := func(h page) http.Handler { return nethttp.Wrap(limited(h), w.sessions(t, carts.ServerSide(w))) }
		mux := http.NewServeMux()
		mux.Handle("/", w.shop(t, satchel.Options{}, nil))
		mux.Handle("/slow", within(func(rw http.ResponseWriter, r *http.Request) (string, error) {
			err := put(r, "by then")
			expire(r)
			<-goOn
			_, late := add(rw, r)
			left <- errors.Join(err, late)
			return "late", nil
		}))
		mux.Handle("/busy", within(func(rw http.ResponseWriter, r *http.Request) (string, error) {
			_, err := add(rw, r)
			for expire(r); err == nil; {
				_, err = add(rw, r)
			}
			left <- err
			return "late", err
		}))
		mux.Handle("/soon", within(func(_ http.ResponseWriter, r *http.Request) (string, error) { return "soon", put(r, "soon") }))
		s := start(mux)
		p := s.person()
		p.get("/soon").says(t, 200, "soon").has(t, "Cache-Control", "no-store").sets(t, "__Host-cart")
		p.get("/slow").says(t, 503, "too slow").has(t, "Set-Cookie").has(t, "Vary", "Cookie")
		goOn <- struct{}{}
		if err := <-left; !errors.Is(err, satchel.ErrClosed) {
			t.Errorf("the handler that ran on: %v", err)
		}
		p.get("/show").says(t, 200, "by then")
		if a := p.get("/busy"); a.StatusCode != 503 || a.body != "too slow" {
			t.Errorf("%s %q", a.Status, a.body)
		}
		<-left
		p.get("/show").has(t, "Set-Cookie")
	})
}

// gone is a request whose client hangs up as soon as the handler runs, and what its commit came to.
func gone(t *testing.T, start func(http.Handler) *site, w *world, change func(*http.Request) error) (*site, http.Header, error) {
	t.Helper()
	entered, left := make(chan struct{}), make(chan error, 2)
	config := nethttp.Config{OnCommitError: func(_ http.ResponseWriter, _ *http.Request, err error) { left <- err }}
	h := config.Wrap(page(func(_ http.ResponseWriter, r *http.Request) (string, error) {
		if _, ok, err := carts.Get(r.Context()); !ok || err != nil {
			t.Error(ok, err)
		}
		close(entered)
		<-r.Context().Done()
		return "nobody reads this", change(r)
	}), w.sessions(t, carts.ServerSide(w)))
	mux := http.NewServeMux()
	mux.Handle("/", w.shop(t, satchel.Options{}, nil))
	mux.HandleFunc("/gone", func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		left <- nil
	})
	s := start(mux)
	header := token(s.person().get("/add").sets(t, "__Host-cart"))
	ctx, hangUp := context.WithCancel(t.Context())
	go func() {
		<-entered
		hangUp()
	}()
	if res, err := s.Client().Do(s.person().request(http.MethodPost, "/gone", header).WithContext(ctx)); err == nil {
		res.Body.Close() // the answer may arrive while TLS says goodbye
	}
	return s, header, <-left
}

// What needs no token is saved for a client that has gone; a rotation is not done, because nobody would have the token.
func TestClientHasGone(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*http.Request) error
		err    error
		then   string
	}{
		"set":     {func(r *http.Request) error { return carts.Set(r.Context(), cart{Items: []string{"saved"}}) }, nil, "saved"},
		"clear":   {func(r *http.Request) error { return carts.Clear(r.Context()) }, nil, "none"},
		"sign in": {func(r *http.Request) error { return carts.SignIn(r.Context(), "ann", cart{}) }, satchel.ErrTooLate, "tea"},
		"rotate":  {func(r *http.Request) error { return carts.Rotate(r.Context()) }, satchel.ErrTooLate, "tea"},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, start func(http.Handler) *site) {
				s, header, err := gone(t, start, newWorld(), c.change)
				if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
					t.Errorf("the commit: %v, want %v", err, c.err)
				}
				s.person().getWith("/show", header).says(t, 200, c.then)
			})
		})
	}
}
