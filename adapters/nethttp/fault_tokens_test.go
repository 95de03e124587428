package nethttp_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/core"
)

// A token that is not ours is never adopted, and nothing is kept under it; signing in gives another.
func TestFault05_Fixation(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		s := start(w.shop(t, satchel.Options{}, nil))
		ours := s.person().get("/add").sets(t, "__Host-cart")
		for _, planted := range []string{"attacker", strings.Repeat("A", len(ours)), ours[:len(ours)-4] + "AAAA", ours + "A"} {
			records := w.records()
			p := s.person()
			p.getWith("/show", token(planted)).says(t, 200, "none").has(t, "Set-Cookie")
			if w.records() != records {
				t.Error("a record under a client's token")
			}
			if got := p.getWith("/add", token(planted)).says(t, 200, "tea").sets(t, "__Host-cart"); got == planted {
				t.Errorf("%q was adopted", planted)
			}
			s.person().getWith("/show", token(planted)).says(t, 200, "none")
		}
		p := s.person()
		before := p.get("/add").sets(t, "__Host-cart")
		if after := p.get("/signin").says(t, 200, "hello").sets(t, "__Host-cart"); after == before {
			t.Error("signing in kept the token")
		}
		s.person().getWith("/show", token(before)).says(t, 200, "none")
		p.get("/show").says(t, 200, "tea")
	})
}

// Whatever comes as a cookie is an ordinary visitor, whose cookie is left alone; ours is found beside anything.
func TestFault06_ABadCookieIsA500(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		s := start(w.shop(t, satchel.Options{}, nil))
		value := s.person().get("/add").sets(t, "__Host-cart")
		for _, bad := range []string{
			"%zz", "", "=", `"`, `"x"`, " ", "\x80\xff", "a,b", "__Host-cart", "x; __Host-cart=", strings.Repeat("A", 3000),
			strings.Repeat("x; __Host-cart=", 200), value + "=", value[1:], value + " " + value, `\` + value, `"` + value + `"`,
		} {
			s.person().getWith("/show", token(bad)).says(t, 200, "none").has(t, "Set-Cookie")
		}
		for _, lines := range [][]string{
			{"__Host-cart=bad; __Host-cart=" + value}, // both are tried
			{"__Host-cart=" + value + "; __Host-cart=bad"},
			{"other=1;__Host-cart=" + value},
			{"__HOST-cart=x; __Host-cart2=y; x__Host-cart=z; __Host-cart=" + value},
			{"a=1", "__Host-cart=" + value}, // HTTP/2 splits the field, and so may a proxy
			{"__Host-cart=bad", "__Host-cart=" + value},
		} {
			s.person().getWith("/show", http.Header{"Cookie": lines}).says(t, 200, "tea").has(t, "Set-Cookie")
		}
		// Two are tried and no more.
		s.person().getWith("/show", token(value+"; __Host-cart=bad; __Host-cart=bad")).says(t, 200, "tea").has(t, "Set-Cookie")
		s.person().getWith("/show", token("bad; __Host-cart=bad; __Host-cart="+value)).says(t, 200, "none").has(t, "Set-Cookie")
		// A cookie without a name, which a sibling host can plant past the browser's rules for prefixes, stays one.
		for _, planted := range []string{"=__Host-cart=" + value, "x=1; =__Host-cart=" + value} {
			s.person().getWith("/show", with("Cookie", planted)).says(t, 200, "none")
		}
	})
}

// A record that cannot be read is no 500 either, and stays as it is.
func TestFault06_AnUndecodableRecordIsA500(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		s := start(w.shop(t, satchel.Options{}, nil))
		header := token(s.person().get("/add").sets(t, "__Host-cart"))
		numbers := satchel.NewKind[int]("cart")
		other := start(nethttp.Wrap(page(func(_ http.ResponseWriter, r *http.Request) (string, error) {
			n, ok, err := numbers.Get(r.Context())
			return fmt.Sprint(n, ok, err), nil
		}), w.sessions(t, numbers.ServerSide(w))))
		other.person().getWith("/", header).says(t, 200, "0 false <nil>").has(t, "Set-Cookie")
		s.person().getWith("/show", header).says(t, 200, "tea")
	})
}

// A token is dead for good when the answer to the logout is there, with every token from before; a copy of it opens
// nothing, and a request in flight brings nothing back.
func TestFault07_OutlivesLogout(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		entered, goOn := make(chan struct{}), make(chan struct{})
		s := start(w.shop(t, satchel.Options{}, pages{"/slow": func(_ http.ResponseWriter, r *http.Request) (string, error) {
			err := put(r, "slow")
			entered <- struct{}{}
			<-goOn
			return "saved", err
		}}))
		p := s.person()
		tokens := []string{p.get("/add").sets(t, "__Host-cart")}
		for range 3 {
			tokens = append(tokens, p.get("/signin").sets(t, "__Host-cart"))
		}
		last, done := token(tokens[3]), make(chan answered)
		go func() { done <- s.person().getWith("/slow", last) }()
		<-entered
		p.get("/leave").says(t, 200, "bye").clears(t, "__Host-cart").has(t, "Cache-Control", "no-store")
		goOn <- struct{}{}
		(<-done).says(t, 409, "Conflict").has(t, "Set-Cookie")
		for range 2 {
			for _, value := range tokens {
				s.person().getWith("/show", token(value)).says(t, 200, "none")
			}
			w.pass(2 * time.Minute)
		}
		p.get("/show").says(t, 200, "none")
	})
}

// The server ends a session, whatever the client makes of Max-Age. A request that reads takes nothing from the client; one that
// leaves does.
func TestFault14_MaxAgeBindsTheBrowserOnly(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		s := start(w.shop(t, satchel.Options{
			Idle: 10 * time.Minute, Absolute: time.Hour, Cookie: cookie.Config{BrowserSession: true},
		}, nil))
		a := s.person().get("/add")
		header := token(a.sets(t, "__Host-cart"))
		if line := a.Header.Get("Set-Cookie"); strings.Contains(line, "Max-Age") || strings.Contains(line, "Expires") {
			t.Errorf("a cookie for the browser's session: %s", line)
		}
		for range 6 {
			w.pass(9*time.Minute + 59*time.Second)
			s.person().getWith("/show", header).says(t, 200, "tea").has(t, "Set-Cookie")
		}
		w.pass(time.Minute)
		s.person().getWith("/show", header).says(t, 200, "none").has(t, "Set-Cookie").has(t, "Cache-Control", "private")

		idle := token(s.person().get("/add").sets(t, "__Host-cart"))
		w.pass(10 * time.Minute)
		s.person().getWith("/show", idle).says(t, 200, "none").has(t, "Set-Cookie")
		s.person().getWith("/leave", idle).says(t, 200, "bye").clears(t, "__Host-cart").has(t, "Cache-Control", "no-store")
	})
}

// The line that takes a cookie away has the attributes of the one that set it, and the jar obeys.
func TestFault20_ClearedWithOtherAttributes(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		for _, c := range []cookie.Config{
			{},
			{Name: "__Secure-cart", Domain: "shop.example", Partitioned: true, SameSite: cookie.Strict},
			{Name: "__Secure-cart", Path: "/deep", ScriptReadable: true, BrowserSession: true},
		} {
			w := newWorld()
			s := start(w.shop(t, satchel.Options{Cookie: c}, nil))
			set := s.person().get("/add").Header.Get("Set-Cookie")
			name, rest, _ := strings.Cut(set, "=")
			value, attributes, _ := strings.Cut(rest, ";")
			attributes, _, _ = strings.Cut(attributes, "; Max-Age=")
			cleared := s.person().getWith("/leave", with("Cookie", name+"="+value)).Header.Get("Set-Cookie")
			if attributes == "" || !strings.HasPrefix(cleared, name+"=;"+attributes+"; Max-Age=0") {
				t.Errorf("set with %s, cleared with %s", set, cleared)
			}
		}
		p := start(newWorld().shop(t, satchel.Options{}, nil)).person()
		p.get("/add")
		if len(p.cookies()) != 1 {
			t.Fatal("the jar holds no cookie")
		}
		p.get("/leave").says(t, 200, "bye")
		if len(p.cookies()) != 0 {
			t.Error("the cookie stays")
		}
	})
}

// What a browser would drop without a word is an error before anything is sent, and the session from before stays.
func TestFault21_CookieOver4096Bytes(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		p := start(nethttp.Wrap(pages{
			"/add": add,
			"/fill": func(_ http.ResponseWriter, r *http.Request) (string, error) {
				err := carts.Set(r.Context(), cart{Items: []string{strings.Repeat("x", 5000)}})
				size, ok := errors.AsType[*core.TooLargeError](err)
				if !ok || size.Size <= size.Limit || size.Limit > 4096 {
					t.Errorf("%v", err)
				}
				return "", err
			},
		}.mux(), w.sessions(t, carts.ClientSide(keys(t), satchel.Unrevocable)))).person()
		p.get("/add").says(t, 200, "tea")
		if a := p.get("/fill").has(t, "Set-Cookie"); a.StatusCode != 413 {
			t.Errorf("%d", a.StatusCode)
		}
		long := strings.Repeat("long", 700)
		a := p.get("/add?item="+long).says(t, 200, "tea "+long)
		if line := a.Header.Get("Set-Cookie"); len(line) < len(long) || len(line) > 4096 {
			t.Errorf("a line of %d", len(line))
		}
		p.get("/add").says(t, 200, "tea "+long+" tea")
	})
}

// A token is good for its kind, its carrier and its audience only (CHECKLIST, items 7 and 53).
func TestTokenMovedElsewhere(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		signed := satchel.Options{SignIDs: keys(t)}
		other := satchel.NewKind[cart]("other")
		s := start(nethttp.Wrap(pages{
			"/add": add, "/show": show,
			"/other": func(_ http.ResponseWriter, r *http.Request) (string, error) {
				_, ok, err := other.Get(r.Context())
				return fmt.Sprint(ok), err
			},
		}.mux(), w.sessions(t, carts.ServerSide(w).With(signed), other.ServerSide(w).With(signed))))
		value := s.person().get("/add").sets(t, "__Host-cart")
		s.person().getWith("/show", token(value)).says(t, 200, "tea")
		s.person().getWith("/other", with("Cookie", "__Host-other="+value)).says(t, 200, "false").has(t, "Set-Cookie")
		for _, elsewhere := range []http.Header{with("X-Cart", value), with("Authorization", "Bearer "+value), with("Cookie", "cart="+value)} {
			s.person().getWith("/show?__Host-cart="+value, elsewhere).says(t, 200, "none")
		}
	})
}
