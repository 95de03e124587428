package faults

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"testing"
	"time"

	beego "github.com/beego/beego/v2/server/web/session"
	gosession "github.com/go-session/session/v3"
	"github.com/golang-jwt/jwt/v5"
	icza "github.com/icza/session"
	simplememory "github.com/zerodha/simplesessions/stores/memory/v3"
	"github.com/zerodha/simplesessions/v3"
)

// These are the sites of peers that are called by a handler of net/http.

// box is the session of one request at such a peer.
type box struct {
	n    func() int
	set  func(n int) error // begins a session where there is none, and saves it
	done func()            // what a peer wants to be called at the end of each request, or nil
}

// boxes is a site of boxes. An error of a peer is answered with 500.
func boxes(
	open func(w http.ResponseWriter, r *http.Request) (box, error), logout func(w http.ResponseWriter, r *http.Request) error,
) *site {
	s := new(site)
	mux := http.NewServeMux()
	handle := func(path string, f func(w http.ResponseWriter, b box) error) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			b, err := open(w, r)
			if err == nil && b.done != nil {
				defer b.done()
			}
			if err == nil {
				err = f(w, b)
			}
			failed(w, err)
		})
	}
	handle("/new", func(_ http.ResponseWriter, b box) error { return b.set(1) })
	handle("/look", func(w http.ResponseWriter, b box) error {
		n := b.n()
		s.happen()
		_, err := fmt.Fprint(w, n)
		return err
	})
	handle("/add", func(_ http.ResponseWriter, b box) error {
		n := b.n()
		s.happen()
		return b.set(n + 1)
	})
	mux.HandleFunc("/logout", func(w http.ResponseWriter, r *http.Request) {
		failed(w, logout(w, r))
	})
	s.do = func(path, cookie string) reply { return get(mux, path, cookie) }
	return s
}

func failed(w http.ResponseWriter, err error) {
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// simpleSite is zerodha/simplesessions as its README sets it up, in memory: whoever hears of an invalid session makes a new one.
func simpleSite(*testing.T) *site {
	all := simplesessions.New(simplesessions.Options{
		Cookie: simplesessions.CookieOptions{Name: name, Domain: domain, IsSecure: true, IsHTTPOnly: true, MaxAge: 24 * time.Hour},
	})
	all.UseStore(simplememory.New())
	all.SetCookieHooks(
		func(name string, r any) (*http.Cookie, error) { return r.(*http.Request).Cookie(name) },
		func(cookie *http.Cookie, w any) error { http.SetCookie(w.(http.ResponseWriter), cookie); return nil },
	)
	none := func(err error) bool { return errors.Is(err, simplesessions.ErrInvalidSession) }
	return boxes(func(w http.ResponseWriter, r *http.Request) (box, error) {
		at, err := all.Acquire(r.Context(), r, w)
		n := 0
		if err == nil {
			var kept any
			kept, err = at.Get("n")
			n, _ = kept.(int)
		}
		if err != nil && !none(err) {
			return box{}, err
		}
		had := err == nil
		return box{
			n: func() int { return n },
			set: func(n int) (err error) {
				if had { // and has gone meanwhile, if this fails: a new session is for who came without one
					return at.Set("n", n)
				}
				if at, err = all.NewSession(r, w); err != nil {
					return err
				}
				return at.Set("n", n)
			},
		}, nil
	}, func(w http.ResponseWriter, r *http.Request) error {
		at, err := all.Acquire(r.Context(), r, w)
		if err != nil {
			return err
		}
		return at.Destroy()
	})
}

// goSessionSite is go-session/session as its README sets it up, in memory. The README prints an error of Start where this answers with 500.
func goSessionSite(*testing.T) *site {
	all := gosession.NewManager(gosession.SetCookieName(name), gosession.SetDomain(domain), gosession.SetSign([]byte("a key of signatures")))
	return boxes(func(w http.ResponseWriter, r *http.Request) (box, error) {
		at, err := all.Start(r.Context(), w, r)
		if err != nil {
			return box{}, err
		}
		return box{
			n:   func() int { kept, _ := at.Get("n"); n, _ := kept.(int); return n },
			set: func(n int) error { at.Set("n", n); return at.Save() },
		}, nil
	}, func(w http.ResponseWriter, r *http.Request) error { return all.Destroy(r.Context(), w, r) })
}

// iczaOn is icza/session as its README sets it up, in memory, with a log of the caller's.
func iczaOn(t *testing.T, l *log.Logger) *site {
	kept := icza.NewInMemStoreOptions(&icza.InMemStoreOptions{Logger: l})
	t.Cleanup(kept.Close)
	all := icza.NewCookieManagerOptions(kept, &icza.CookieMngrOptions{SessIDCookieName: name})
	return boxes(func(w http.ResponseWriter, r *http.Request) (box, error) {
		at := all.Get(r)
		return box{
			n: func() (n int) {
				if at != nil {
					n, _ = at.Attr("n").(int)
				}
				return n
			},
			set: func(n int) error {
				if at == nil {
					at = icza.NewSession()
					all.Add(at, w)
				}
				at.SetAttr("n", n)
				return nil
			},
		}, nil
	}, func(w http.ResponseWriter, r *http.Request) error {
		if at := all.Get(r); at != nil {
			all.Remove(at, w)
		}
		return nil
	})
}

func iczaSite(t *testing.T) *site { return iczaOn(t, icza.NoopLogger) }

// beegoFiles is beego's session in files, and their folder.
func beegoFiles(t *testing.T) (s *site, folder string) {
	folder = t.TempDir()
	s, err := beegoOn(folder)
	if err != nil {
		t.Fatal(err)
	}
	return s, folder
}

// beegoOn is beego's session as its README sets it up, in files: each handler begins with SessionStart and ends with SessionRelease. A path
// with ?rotated gives the session another ID.
func beegoOn(folder string) (*site, error) {
	all, err := beego.NewManager("file", &beego.ManagerConfig{
		CookieName: name, EnableSetCookie: true, Gclifetime: 3600, CookieLifeTime: 86400, Secure: true, Domain: domain, ProviderConfig: folder,
	})
	if err != nil {
		return nil, err
	}
	return boxes(func(w http.ResponseWriter, r *http.Request) (box, error) {
		start := all.SessionStart
		if r.URL.Query().Has("rotated") {
			start = all.SessionRegenerateID
		}
		at, err := start(w, r)
		if err != nil {
			return box{}, err
		}
		return box{
			n:    func() int { n, _ := at.Get(r.Context(), "n").(int); return n },
			set:  func(n int) error { return at.Set(r.Context(), "n", n) },
			done: func() { at.SessionRelease(r.Context(), w) },
		}, nil
	}, func(w http.ResponseWriter, r *http.Request) error { all.SessionDestroy(w, r); return nil }), nil
}

func beegoSite(t *testing.T) *site { s, _ := beegoFiles(t); return s }

var jwtKey = []byte("0123456789abcdef0123456789abcdef")

// jwtSite is golang-jwt in a cookie, its parser bound to one algorithm as its documentation demands. A token that is refused is none.
func jwtSite(*testing.T) *site {
	type claims struct {
		N int `json:"n"`
		jwt.RegisteredClaims
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}))
	send := func(w http.ResponseWriter, text string, age int) {
		http.SetCookie(w, &http.Cookie{Name: name, Value: text, Path: "/", Domain: domain, MaxAge: age, Secure: true, HttpOnly: true})
	}
	return boxes(func(w http.ResponseWriter, r *http.Request) (box, error) {
		var at claims
		if c, err := r.Cookie(name); err == nil {
			if _, err := parser.ParseWithClaims(c.Value, &at, func(*jwt.Token) (any, error) { return jwtKey, nil }); err != nil {
				at = claims{}
			}
		}
		return box{
			n: func() int { return at.N },
			set: func(n int) error {
				ends := jwt.NewNumericDate(time.Now().Add(24 * time.Hour))
				text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{n, jwt.RegisteredClaims{ExpiresAt: ends}}).SignedString(jwtKey)
				send(w, text, 86400)
				return err
			},
		}, nil
	}, func(w http.ResponseWriter, _ *http.Request) error { send(w, "", -1); return nil })
}
