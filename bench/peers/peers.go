// Package peers sets each contender up to do the same five things: nothing without a token, nothing with one, reading,
// writing and creating a session that holds a login.
//
// Each peer is configured as its own documentation recommends; where that leaves a choice, the faster one is taken, and the comment says
// so with its source. All cookies are Secure, HttpOnly, SameSite=Lax, for a day, as Satchel's are by default.
package peers

import (
	"net/http"

	"github.com/satchel-go/satchel/bench/fixture"
)

// The ways of a request.
const (
	None      = "none"      // no token arrives, and the handler asks for no session
	Untouched = "untouched" // a token arrives, and the handler asks for no session
	Read      = "read"      // a token arrives, and the handler reads the value
	Write     = "write"     // a token arrives, and the handler reads the value and changes it
	Create    = "create"    // no token arrives, and the handler begins a session
)

// Ways are all of them.
var Ways = []string{None, Untouched, Read, Write, Create}

// HTTP is a contender on net/http.
type HTTP struct {
	Name                string
	Middleware          func(http.Handler) http.Handler
	Read, Write, Create http.HandlerFunc

	routed bool // each of the three is a whole router
}

// Handler returns what serves one way, middleware included.
func (h HTTP) Handler(way string) http.Handler {
	if h.routed {
		return h.Read
	}
	inner := map[string]http.HandlerFunc{None: answer, Untouched: answer, Read: h.Read, Write: h.Write, Create: h.Create}[way]
	if h.Middleware == nil {
		return inner
	}
	return h.Middleware(inner)
}

// Mux serves all ways, each under its name.
func (h HTTP) Mux() http.Handler {
	if h.routed {
		return h.Read
	}
	mux := http.NewServeMux()
	for _, way := range Ways {
		mux.Handle("GET /"+way, h.Handler(way))
	}
	return mux
}

var body = []byte("done\n")

// answer is the bare handler.
func answer(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) } // a client that hangs up is no concern of ours

// finish answers that the work was done, or fails loudly: a contender that does nothing would be the fastest.
func finish(w http.ResponseWriter, r *http.Request, ok bool, err error) {
	if err != nil || !ok {
		http.Error(w, "no session, or an error", http.StatusInternalServerError)
		return
	}
	answer(w, r)
}

// the login of every new session, and who it is.
var login = fixture.TheLogin()

// whole reports whether a login was read with all of its fields. (Since moves on with each write.)
func whole(v fixture.Login) bool {
	return v.User == login.User && v.Name == login.Name && len(v.Roles) == len(login.Roles) && v.Since >= login.Since
}

// Bare is the handler alone, on which every figure rests.
func Bare() HTTP {
	return HTTP{Name: "bare", Read: answer, Write: answer, Create: answer}
}
