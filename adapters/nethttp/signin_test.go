package nethttp_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// Signing in rotates: the old cookie reads nothing, at once, and the new one is the session's.
func TestSignInRotates(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		s := start(w.shop(t, satchel.Options{}, pages{"/who": func(_ http.ResponseWriter, r *http.Request) (string, error) {
			about, err := carts.About(r.Context())
			return "subject " + about.Subject, err
		}}))
		p := s.person()
		old := token(p.get("/add").sets(t, "__Host-cart"))
		p.get("/who").says(t, 200, "subject ")
		p.get("/signin").says(t, 200, "hello").has(t, "Cache-Control", "no-store").sets(t, "__Host-cart")
		p.get("/show").says(t, 200, "tea").has(t, "Set-Cookie")
		p.get("/who").says(t, 200, "subject ann")
		s.person().getWith("/show", old).says(t, 200, "none")
		s.person().getWith("/who", old).says(t, 200, "subject ")
	})
}

// A request that began before the sign-in, whose answer arrives after it, neither takes the new cookie away nor puts
// another in its place: whether it has read its session by then or not, and whatever it wants of it.
func TestAnswerThatArrivesLast(t *testing.T) {
	for path, status := range map[string]int{"/show": 200, "/add": 409, "/put": 409, "/set": 409, "/leave": 200} {
		for _, when := range []string{"unread", "read"} {
			t.Run(when+path, func(t *testing.T) {
				onEach(t, func(t *testing.T, start func(http.Handler) *site) {
					arrivesLast(t, start, when == "read", path, status)
				})
			})
		}
	}
}

func arrivesLast(t *testing.T, start func(http.Handler) *site, read bool, path string, status int) {
	w := newWorld()
	all := pages{
		"/add": add, "/show": show, "/signin": signIn, "/leave": leave,
		"/put": func(_ http.ResponseWriter, r *http.Request) (string, error) { return "", put(r, "x") },
		"/set": func(_ http.ResponseWriter, r *http.Request) (string, error) {
			return "", carts.Set(r.Context(), cart{})
		},
	}.mux()
	entered, goOn := make(chan struct{}), make(chan struct{})
	p := start(nethttp.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("last") != "" {
			if read {
				if _, ok, err := carts.Get(r.Context()); !ok || err != nil {
					t.Error(ok, err)
				}
			}
			entered <- struct{}{}
			<-goOn
		}
		all.ServeHTTP(w, r)
	}), w.sessions(t, carts.ServerSide(w)))).person()
	p.get("/add?item=mine")
	done := make(chan answered)
	go func() { done <- p.get(path + "?last=1") }()
	<-entered
	successor := token(p.get("/signin").says(t, 200, "hello").sets(t, "__Host-cart"))
	goOn <- struct{}{}
	last := <-done
	if path == "/leave" { // ends the session wherever rotations have taken it, and says so
		last.says(t, 200, "bye").clears(t, "__Host-cart")
		p.getWith("/show", successor).says(t, 200, "none")
		return
	}
	if last.has(t, "Set-Cookie"); last.StatusCode != status {
		t.Errorf("%s %q, want %d", last.Status, last.body, status)
	}
	p.get("/show").says(t, 200, "mine").has(t, "Set-Cookie")
}

// A request that only reads takes no token from the client, just after a sign-in and later.
func TestReadingClearsNoToken(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		s := start(w.shop(t, satchel.Options{}, nil))
		p := s.person()
		old := token(p.get("/add").sets(t, "__Host-cart"))
		p.get("/signin")
		s.person().getWith("/show", old).says(t, 200, "none").has(t, "Set-Cookie")
		w.pass(time.Minute)
		s.person().getWith("/show", old).says(t, 200, "none").has(t, "Set-Cookie")
		p.get("/show").says(t, 200, "tea")
	})
}
