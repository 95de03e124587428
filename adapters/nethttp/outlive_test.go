package nethttp_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

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
		}.mux(), w.Sessions(t, carts.ServerSide(w)))
		mux := http.NewServeMux()
		mux.Handle("/", w.shop(t, satchel.Options{}, nil))
		mux.Handle("/slow/", limited(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.StripPrefix("/slow", handler).ServeHTTP(w, r)
			left <- nil
		})))
		s := start(mux)
		visitor, customer := s.person(), s.person()
		customer.Get("/add")
		for _, c := range []struct {
			p    *adaptertest.Visitor
			path string
			err  error
			then string
		}{
			{visitor, "/slow/put", nil, "none"},
			{visitor, "/slow/signin", nil, "none"},
			{customer, "/slow/signin", satchel.ErrTooLate, "tea"},
			{customer, "/slow/put", nil, "half"},
		} {
			c.p.Get(c.path).Says(t, 503, "too slow").TellsNothing(t).Has(t, "X-Failed")
			goOn <- struct{}{}
			if err := <-left; !errors.Is(err, c.err) {
				t.Errorf("%s: %v, want %v", c.path, err, c.err)
			} else if c.err != nil {
				<-left
			}
			c.p.Get("/show").Says(t, 200, c.then).Has(t, "Set-Cookie")
		}
		if w.Records() != 4 { // the customer's, two that nobody heard of, which idle away, and the subject record of one of these
			t.Errorf("%d records", w.Records())
		}
	})
}

// http.TimeoutHandler inside: its answer is one like any other, with what was wanted by then. The handler that runs on
// changes nothing any more, and cannot race with the commit. In time nobody sees it.
func TestTimeoutHandlerWithin(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		goOn, left := make(chan struct{}), make(chan error, 1)
		within := func(h page) http.Handler { return nethttp.Wrap(limited(h), w.Sessions(t, carts.ServerSide(w))) }
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
		p.Get("/soon").Says(t, 200, "soon").Has(t, "Cache-Control", "no-store").Sets(t, "__Host-cart")
		p.Get("/slow").Says(t, 503, "too slow").Has(t, "Set-Cookie").Has(t, "Vary", "Cookie")
		goOn <- struct{}{}
		if err := <-left; !errors.Is(err, satchel.ErrClosed) {
			t.Errorf("the handler that ran on: %v", err)
		}
		p.Get("/show").Says(t, 200, "by then")
		if a := p.Get("/busy"); a.StatusCode != 503 || a.Text != "too slow" {
			t.Errorf("%s %q", a.Status, a.Text)
		}
		<-left
		p.Get("/show").Has(t, "Set-Cookie")
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
	}), w.Sessions(t, carts.ServerSide(w)))
	mux := http.NewServeMux()
	mux.Handle("/", w.shop(t, satchel.Options{}, nil))
	mux.HandleFunc("/gone", func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		left <- nil
	})
	s := start(mux)
	header := token(s.person().Get("/add").Sets(t, "__Host-cart"))
	ctx, hangUp := context.WithCancel(t.Context())
	go func() {
		<-entered
		hangUp()
	}()
	if res, err := s.Client().Do(s.person().Request(http.MethodPost, "/gone", header).WithContext(ctx)); err == nil {
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
				s.person().GetWith("/show", header).Says(t, 200, c.then)
			})
		})
	}
}
