package faults

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/extractors"
	"github.com/gofiber/fiber/v3/middleware/session"
	"github.com/gorilla/sessions"
	"github.com/valyala/fasthttp"
)

// site is a peer that serves the same paths:
//
//	/new     begins a session with n=1
//	/look    reads n, has something happen meanwhile, and answers with n
//	/add     reads n, has something happen meanwhile, and writes n+1
//	/logout  ends the session as the peer documents it
//	/idle    asks for no session
type site struct {
	do func(path, cookie string) reply
	// meanwhile happens between reading and answering, once.
	meanwhile func()
}

type reply struct {
	status int
	body   string
	cookie string // what the browser has afterwards: the cookie that was set, or "" if it was cleared or none was set
	set    string // the whole line
}

// happen is called by a handler between reading and writing.
func (s *site) happen() {
	if f := s.meanwhile; f != nil {
		s.meanwhile = nil
		f()
	}
}

const (
	name   = "login"
	domain = "shop.example"
	host   = "www.shop.example"
)

func get(h http.Handler, path, cookie string) reply {
	r, w := httptest.NewRequest(http.MethodGet, "https://"+host+path, nil), httptest.NewRecorder()
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	h.ServeHTTP(w, r)
	return replied(w.Code, w.Body.String(), w.Header().Get("Set-Cookie"))
}

func replied(status int, body, line string) reply {
	a := reply{status: status, body: body, set: line}
	if c, err := http.ParseSetCookie(line); err == nil && c.MaxAge >= 0 && c.Value != "" {
		a.cookie = c.Name + "=" + c.Value
	}
	return a
}

// scsSite is scs as its README sets it up.
func scsSite(m *scs.SessionManager) *site {
	s := new(site)
	mux := http.NewServeMux()
	mux.HandleFunc("/new", func(_ http.ResponseWriter, r *http.Request) { m.Put(r.Context(), "n", 1) })
	mux.HandleFunc("/look", func(w http.ResponseWriter, r *http.Request) {
		n := m.GetInt(r.Context(), "n")
		s.happen()
		fmt.Fprint(w, n)
	})
	mux.HandleFunc("/add", func(_ http.ResponseWriter, r *http.Request) {
		n := m.GetInt(r.Context(), "n")
		s.happen()
		m.Put(r.Context(), "n", n+1)
	})
	mux.HandleFunc("/logout", func(_ http.ResponseWriter, r *http.Request) { _ = m.Destroy(r.Context()) })
	mux.HandleFunc("/idle", func(http.ResponseWriter, *http.Request) {})
	h := m.LoadAndSave(mux)
	s.do = func(path, cookie string) reply { return get(h, path, cookie) }
	return s
}

func newSCS(store scs.Store) *scs.SessionManager {
	m := scs.New()
	m.Cookie.Name, m.Cookie.Domain = name, domain
	m.Store = store
	return m
}

// gorillaSite is gorilla/sessions on a store, used as its doc.go shows: an error of Get is answered with 500.
func gorillaSite(store sessions.Store) *site {
	s := new(site)
	mux := http.NewServeMux()
	handle := func(path string, f func(*sessions.Session) string, saves bool) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			at, err := store.Get(r, name)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			said := f(at)
			if saves {
				if err := at.Save(r, w); err != nil {
					http.Error(w, err.Error(), http.StatusInternalServerError)
					return
				}
			}
			fmt.Fprint(w, said)
		})
	}
	handle("/new", func(at *sessions.Session) string { at.Values["n"] = 1; return "" }, true)
	handle("/look", func(at *sessions.Session) string {
		n, _ := at.Values["n"].(int)
		s.happen()
		return fmt.Sprint(n)
	}, false)
	handle("/add", func(at *sessions.Session) string {
		n, _ := at.Values["n"].(int)
		s.happen()
		at.Values["n"] = n + 1
		return ""
	}, true)
	handle("/logout", func(at *sessions.Session) string { at.Options.MaxAge = -1; return "" }, true)
	mux.HandleFunc("/idle", func(http.ResponseWriter, *http.Request) {})
	s.do = func(path, cookie string) reply { return get(mux, path, cookie) }
	return s
}

func gorillaKeys() (hash, block []byte) {
	return []byte("a hash key of thirty-two bytes!!"), []byte("0123456789abcdef0123456789abcdef")
}

func gorillaCookies() *site {
	cookies := sessions.NewCookieStore(gorillaKeys())
	cookies.Options.Domain = domain
	return gorillaSite(cookies)
}

func gorillaFiles(t *testing.T) (*site, string) {
	folder := t.TempDir()
	hash, block := gorillaKeys()
	files := sessions.NewFilesystemStore(folder, hash, block)
	files.Options.Domain = domain
	return gorillaSite(files), folder
}

// fiberSite is fiber's session middleware as its documentation sets it up for production, on a storage.
func fiberSite(on fiber.Storage, more ...func(*fiber.App)) *site {
	s := new(site)
	app := fiber.New()
	app.Use(session.New(fiberConfig(on, name)))
	app.Get("/new", func(c fiber.Ctx) error { session.FromContext(c).Set("n", 1); return nil })
	app.Get("/look", func(c fiber.Ctx) error {
		n, _ := session.FromContext(c).Get("n").(int)
		s.happen()
		return c.SendString(fmt.Sprint(n))
	})
	app.Get("/add", func(c fiber.Ctx) error {
		n, _ := session.FromContext(c).Get("n").(int)
		s.happen()
		session.FromContext(c).Set("n", n+1)
		return nil
	})
	app.Get("/logout", func(c fiber.Ctx) error { return session.FromContext(c).Destroy() })
	app.Get("/idle", func(fiber.Ctx) error { return nil })
	for _, f := range more {
		f(app)
	}
	s.do = func(path, cookie string) reply { return getFiber(app, path, cookie) }
	return s
}

func fiberConfig(on fiber.Storage, cookie string) session.Config {
	return session.Config{
		Storage: on, CookieDomain: domain, CookieSecure: true, CookieHTTPOnly: true, CookieSameSite: "Lax",
		IdleTimeout: 30 * time.Minute, AbsoluteTimeout: 24 * time.Hour, Extractor: extractors.FromCookie(cookie),
	}
}

func getFiber(app *fiber.App, path, cookie string) reply { return getFast(app.Handler(), path, cookie) }

func getFast(handle fasthttp.RequestHandler, path, cookie string) reply {
	var ctx fasthttp.RequestCtx
	ctx.Request.SetRequestURI(path)
	ctx.Request.Header.SetHost(host)
	if cookie != "" {
		ctx.Request.Header.Set("Cookie", cookie)
	}
	handle(&ctx)
	return replied(ctx.Response.StatusCode(), string(ctx.Response.Body()), string(ctx.Response.Header.Peek("Set-Cookie")))
}

// shelf is a store in memory for scs and for fiber, which counts its writes and can be out of reach.
type shelf struct {
	mu     sync.Mutex
	kept   map[string][]byte
	writes int
	down   bool
	ended  bool // a commit's context was over
}

var errDown = errors.New("the store is out of reach")

func newShelf() *shelf { return &shelf{kept: map[string][]byte{}} }

func (s *shelf) load(key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, errDown
	}
	return s.kept[key], nil
}

func (s *shelf) save(ctx context.Context, key string, b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return errDown
	}
	if err := ctx.Err(); err != nil {
		s.ended = true
		return err
	}
	s.writes++
	s.kept[key] = append([]byte(nil), b...)
	return nil
}

func (s *shelf) drop(key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return errDown
	}
	delete(s.kept, key)
	return nil
}

// spoil makes every record unreadable.
func (s *shelf) spoil() {
	for key := range s.kept {
		s.kept[key] = []byte("\xffnot what was written")
	}
}

// holds reports whether a key stands there as the client holds it.
func (s *shelf) holds(token string) bool {
	for key := range s.kept {
		if strings.HasSuffix(token, "="+key) {
			return true
		}
	}
	return false
}

// forSCS is the shelf as scs.IterableCtxStore.
type forSCS struct{ *shelf }

func (s forSCS) Find(token string) ([]byte, bool, error) {
	b, err := s.load(token)
	return b, b != nil, err
}

func (s forSCS) FindCtx(_ context.Context, token string) ([]byte, bool, error) { return s.Find(token) }

func (s forSCS) Commit(token string, b []byte, _ time.Time) error {
	return s.save(context.Background(), token, b)
}

func (s forSCS) CommitCtx(ctx context.Context, token string, b []byte, _ time.Time) error {
	return s.save(ctx, token, b)
}
func (s forSCS) Delete(token string) error                       { return s.drop(token) }
func (s forSCS) DeleteCtx(_ context.Context, token string) error { return s.drop(token) }
func (s forSCS) All() (map[string][]byte, error)                 { return maps.Clone(s.kept), nil }
func (s forSCS) AllCtx(context.Context) (map[string][]byte, error) {
	return s.All()
}

// forFiber is the shelf as fiber.Storage.
type forFiber struct{ *shelf }

func (s forFiber) Get(key string) ([]byte, error) { return s.load(key) }

func (s forFiber) GetWithContext(_ context.Context, key string) ([]byte, error) { return s.load(key) }

func (s forFiber) Set(key string, b []byte, _ time.Duration) error {
	return s.save(context.Background(), key, b)
}

func (s forFiber) SetWithContext(ctx context.Context, key string, b []byte, _ time.Duration) error {
	return s.save(ctx, key, b)
}
func (s forFiber) Delete(key string) error                               { return s.drop(key) }
func (s forFiber) DeleteWithContext(_ context.Context, key string) error { return s.drop(key) }
func (s forFiber) Reset() error                                          { clear(s.kept); return nil }
func (s forFiber) ResetWithContext(context.Context) error                { return s.Reset() }
func (s forFiber) Close() error                                          { return nil }
