package faults

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/session"
	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"
)

// plainSCS is made before any bubble of time, which its sweeper would keep from ending.
var plainSCS = scs.New()

// fixation: a visitor comes with an ID of an attacker's, and a session begins.
func fixation(s *site, planted string) verdict {
	return hasIf(s.do("/new", planted).cookie == planted || s.do("/look", planted).body == "1")
}

const planted = name + "=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func scsFixation(*testing.T) verdict { return fixation(scsSite(newSCS(forSCS{newShelf()})), planted) }

func fiberFixation(*testing.T) verdict   { return fixation(fiberSite(forFiber{newShelf()}), planted) }
func filesFixation(t *testing.T) verdict { s, _ := gorillaFiles(t); return fixation(s, planted) }

// garbled: the same answer twice, a 500 or another error of the server's.
func garbled(s *site, cookie string) verdict {
	first, second := s.do("/look", cookie), s.do("/look", cookie)
	return hasIf(first.status >= http.StatusInternalServerError && second.status >= http.StatusInternalServerError && second.set == "")
}

func scsGarbled(*testing.T) verdict {
	on := newShelf()
	m := newSCS(forSCS{on})
	m.ErrorFunc = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusInternalServerError) } // as its own, without the log
	s := scsSite(m)
	cookie := s.do("/new", "").cookie
	on.spoil()
	return garbled(s, cookie)
}

func fiberGarbled(*testing.T) verdict {
	on := newShelf()
	s := fiberSite(forFiber{on})
	cookie := s.do("/new", "").cookie
	on.spoil()
	return garbled(s, cookie)
}

func cookiesGarbled(*testing.T) verdict { return garbled(gorillaCookies(), name+"=garbage") }

func filesGarbled(t *testing.T) verdict {
	s, folder := gorillaFiles(t)
	cookie := s.do("/new", "").cookie
	for _, file := range filesOf(t, folder) {
		if err := os.WriteFile(file, []byte("not what was written"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return garbled(s, cookie)
}

// scsEndsNone: "log out everywhere", as scs documents it, over hashed tokens.
func scsEndsNone(t *testing.T) verdict {
	m := newSCS(forSCS{newShelf()})
	m.HashTokenInStore = true
	s := scsSite(m)
	cookie := s.do("/new", "").cookie
	if err := m.Iterate(context.Background(), func(ctx context.Context) error { return m.Destroy(ctx) }); err != nil {
		t.Fatal(err)
	}
	return hasIf(s.do("/look", cookie).body == "1")
}

// outlivesLogout: a copy of the cookie after the logout.
func outlivesLogout(s *site) verdict {
	cookie := s.do("/new", "").cookie
	s.do("/logout", cookie)
	return hasIf(s.do("/look", cookie).body == "1")
}

func cookiesOutliveLogout(*testing.T) verdict { return outlivesLogout(gorillaCookies()) }
func filesOutliveLogout(t *testing.T) verdict { s, _ := gorillaFiles(t); return outlivesLogout(s) }
func fiberOutlivesLogout(*testing.T) verdict  { return outlivesLogout(fiberSite(forFiber{newShelf()})) }

func scsFlush(*testing.T) verdict {
	m := newSCS(forSCS{newShelf()})
	h := m.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.Put(r.Context(), "n", 1)
		_ = http.NewResponseController(w).Flush()
		fmt.Fprint(w, "streamed")
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	return hasIf(len(w.Result().Cookies()) == 0)
}

func scsKeptHandle(*testing.T) verdict {
	m := newSCS(forSCS{newShelf()})
	var kept context.Context
	h := m.LoadAndSave(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if kept == nil {
			kept = r.Context() //nolint:fatcontext // that is the fault
		}
		m.Put(r.Context(), "who", r.URL.Query().Get("who"))
	}))
	for _, who := range []string{"alice", "bob"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/?who="+who, nil))
	}
	return hasIf(m.GetString(kept, "who") != "alice")
}

// fiberKeptHandle: a handle of Alice's request is asked while Bob's is served. A pool may give other memory, so it is tried often.
func fiberKeptHandle(*testing.T) verdict {
	var kept *session.Middleware
	seen := ""
	s := fiberSite(forFiber{newShelf()}, func(app *fiber.App) {
		app.Get("/alice", func(c fiber.Ctx) error {
			kept = session.FromContext(c)
			kept.Set("who", "alice")
			return nil
		})
		app.Get("/bob", func(c fiber.Ctx) error {
			session.FromContext(c).Set("who", "bob")
			if kept.Session != nil {
				seen, _ = kept.Get("who").(string)
			}
			return nil
		})
	})
	for range 100 {
		s.do("/alice", "")
		s.do("/bob", "")
		if seen == "bob" {
			return has
		}
	}
	return free
}

// cookiesOlderKey: the first key cannot seal at all, and nobody hears of it.
func cookiesOlderKey(*testing.T) verdict {
	hash, block := gorillaKeys()
	current, older := securecookie.New(hash, []byte("too short")), securecookie.New(hash, block)
	text, err := securecookie.EncodeMulti(name, "a secret", current, older)
	var back string
	return hasIf(err == nil && older.Decode(name, text, &back) == nil)
}

func scsMoved(*testing.T) verdict {
	on := forSCS{newShelf()}
	here, there := newSCS(on), newSCS(on)
	there.Cookie.Name = "admin"
	_, token, _ := strings.Cut(scsSite(here).do("/new", "").cookie, "=")
	return hasIf(scsSite(there).do("/look", "admin="+token).body == "1")
}

func cookiesMoved(*testing.T) verdict {
	hash, block := gorillaKeys()
	s := securecookie.New(hash, block)
	text, err := s.Encode(name, "a secret")
	var back string
	return hasIf(err == nil && s.Decode("admin", text, &back) == nil)
}

func fiberMoved(*testing.T) verdict {
	on := forFiber{newShelf()}
	_, token, _ := strings.Cut(fiberSite(on).do("/new", "").cookie, "=")
	app := fiber.New()
	app.Use(session.New(fiberConfig(on, "admin")))
	app.Get("/look", func(c fiber.Ctx) error { return c.SendString(fmt.Sprint(session.FromContext(c).Get("n"))) })
	return hasIf(getFiber(app, "/look", "admin="+token).body == "1")
}

// cookiesBitFlips changes each character of a cookie by itself.
func cookiesBitFlips(t *testing.T) verdict {
	s := securecookie.New(gorillaKeys())
	text, err := s.Encode(name, "a secret of some length")
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(text) - 2 { // the last characters may spell nothing
		forged := []byte(text)
		forged[i] = map[bool]byte{true: 'A', false: 'B'}[forged[i] != 'A']
		var back string
		if s.Decode(name, string(forged), &back) == nil {
			return has
		}
	}
	return free
}

// clears asks a browser, of which two things have to be known: it sends a cookie where its path and domain allow it, and it takes no
// cookie that is named __Host- or __Secure- without Secure. The logout stands elsewhere in the site than the login.
func clears(s *site) verdict { return clearsBelow(s, "") }

// clearsBelow is clears where the cookie travels below a path alone.
func clearsBelow(s *site, path string) verdict {
	browser, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // it has no options that could be wrong
	}
	home, account := &url.URL{Scheme: "https", Host: host, Path: path + "/"}, &url.URL{Scheme: "https", Host: host, Path: path + "/account/logout"}
	take := func(from *url.URL, line string) {
		c, err := http.ParseSetCookie(line)
		prefixed := err == nil && (strings.HasPrefix(c.Name, "__Host-") || strings.HasPrefix(c.Name, "__Secure-"))
		if err == nil && (!prefixed || c.Secure) {
			browser.SetCookies(from, []*http.Cookie{c})
		}
	}
	made := s.do("/new", "")
	take(home, made.set)
	if len(browser.Cookies(home)) != 1 {
		return none // it was not logged in
	}
	take(account, s.do("/logout", made.cookie).set)
	return hasIf(len(browser.Cookies(home)) > 0)
}

func scsClears(*testing.T) verdict    { return clears(scsSite(newSCS(forSCS{newShelf()}))) }
func cookiesClear(*testing.T) verdict { return clears(gorillaCookies()) }
func filesClear(t *testing.T) verdict { s, _ := gorillaFiles(t); return clears(s) }
func fiberClears(*testing.T) verdict  { return clears(fiberSite(forFiber{newShelf()})) }

// cookiesTooLarge looks for a length at which securecookie still encodes, and a browser drops name and value of over 4096 bytes
// (RFC 6265bis, section 5.6).
func cookiesTooLarge(*testing.T) verdict {
	s := securecookie.New(gorillaKeys())
	for n := range 3000 {
		text, err := s.Encode("__Host-login-of-the-shop", strings.Repeat("x", n))
		if err == nil && len("__Host-login-of-the-shop")+len(text) > 4096 {
			return has
		}
	}
	return free
}

var list = []string{"a&#sadmin", "b\x00c", ",", "]"}

func same(got []string) verdict { return hasIf(strings.Join(got, "|") != strings.Join(list, "|")) }

func scsLists(t *testing.T) verdict {
	b, err := scs.GobCodec{}.Encode(time.Now(), map[string]any{"roles": list})
	if err != nil {
		t.Fatal(err)
	}
	_, values, err := scs.GobCodec{}.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := values["roles"].([]string)
	return same(got)
}

func listsOf(t *testing.T, store sessions.Store) verdict {
	r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
	at, err := store.Get(r, name)
	if err != nil {
		t.Fatal(err)
	}
	at.Values["roles"] = list
	if err := at.Save(r, w); err != nil {
		t.Fatal(err)
	}
	again := httptest.NewRequest(http.MethodGet, "/", nil)
	again.AddCookie(w.Result().Cookies()[0])
	if at, err = store.Get(again, name); err != nil {
		t.Fatal(err)
	}
	got, _ := at.Values["roles"].([]string)
	return same(got)
}

func cookiesLists(t *testing.T) verdict { return listsOf(t, sessions.NewCookieStore(gorillaKeys())) }

func filesLists(t *testing.T) verdict {
	hash, block := gorillaKeys()
	return listsOf(t, sessions.NewFilesystemStore(t.TempDir(), hash, block))
}

func scsLateLogout(*testing.T) verdict {
	m := newSCS(forSCS{newShelf()})
	s := scsSite(m)
	cookie := s.do("/new", "").cookie
	late := m.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "begun")
		_ = m.Destroy(r.Context())
	}))
	get(late, "/", cookie)
	return hasIf(s.do("/look", cookie).body == "1")
}

// lateLogout logs out over a socket, after the first byte.
func lateLogout(t *testing.T, store sessions.Store) verdict {
	s := gorillaSite(store)
	cookie := s.do("/new", "").cookie
	var saved error
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "begun")
		_ = http.NewResponseController(w).Flush()
		at, _ := store.Get(r, name)
		at.Options.MaxAge = -1
		saved = at.Save(r, w)
	}))
	defer server.Close()
	r, err := http.NewRequest(http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", cookie)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	server.Close()
	return hasIf(saved == nil && len(res.Cookies()) == 0 && s.do("/look", cookie).body == "1")
}

func cookiesLateLogout(t *testing.T) verdict {
	return lateLogout(t, sessions.NewCookieStore(gorillaKeys()))
}

func filesLateLogout(t *testing.T) verdict {
	hash, block := gorillaKeys()
	return lateLogout(t, sessions.NewFilesystemStore(t.TempDir(), hash, block))
}
