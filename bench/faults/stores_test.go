package faults

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/pprof"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/goredisstore"
	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/session"
	"github.com/gorilla/sessions"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/bench/engines"
	"github.com/satchel-go/satchel/bench/peers"
	"github.com/satchel-go/satchel/store"
)

// logoutUndone: somebody logs out while a request writes, and then the session's number, one more, is there under the old cookie or under
// one that the request got.
func logoutUndone(s *site) verdict {
	cookie := s.do("/new", "").cookie
	s.meanwhile = func() { s.do("/logout", cookie) }
	added := s.do("/add", cookie)
	return hasIf(s.do("/look", cookie).body == "2" || added.cookie != "" && s.do("/look", added.cookie).body == "2")
}

func scsLogoutUndone(*testing.T) verdict { return logoutUndone(scsSite(newSCS(forSCS{newShelf()}))) }

func fiberLogoutUndone(*testing.T) verdict   { return logoutUndone(fiberSite(forFiber{newShelf()})) }
func filesLogoutUndone(t *testing.T) verdict { s, _ := gorillaFiles(t); return logoutUndone(s) }

// readOverwrites: somebody writes while a request reads.
func readOverwrites(s *site, client bool) verdict {
	cookie := s.do("/new", "").cookie
	var written reply
	s.meanwhile = func() { written = s.do("/add", cookie) }
	looked := s.do("/look", cookie)
	if client { // the browser has the cookie of the answer that came last
		cookie = written.cookie
		if looked.cookie != "" {
			cookie = looked.cookie
		}
	}
	return hasIf(s.do("/look", cookie).body != "2")
}

// With an IdleTimeout, which each of scs's requests renews by writing the whole record.
func scsReadOverwrites(*testing.T) verdict {
	m := newSCS(forSCS{newShelf()})
	m.IdleTimeout = 30 * time.Minute
	return readOverwrites(scsSite(m), false)
}

func fiberReadOverwrites(*testing.T) verdict {
	return readOverwrites(fiberSite(forFiber{newShelf()}), false)
}

func filesReadOverwrites(t *testing.T) verdict {
	s, _ := gorillaFiles(t)
	return readOverwrites(s, false)
}
func cookiesReadOverwrites(*testing.T) verdict { return readOverwrites(gorillaCookies(), true) }

// lostUpdate: somebody adds one while a request adds one.
func lostUpdate(s *site) verdict {
	cookie := s.do("/new", "").cookie
	s.meanwhile = func() { s.do("/add", cookie) }
	s.do("/add", cookie)
	return hasIf(s.do("/look", cookie).body != "3")
}

func scsLostUpdate(*testing.T) verdict     { return lostUpdate(scsSite(newSCS(forSCS{newShelf()}))) }
func fiberLostUpdate(*testing.T) verdict   { return lostUpdate(fiberSite(forFiber{newShelf()})) }
func filesLostUpdate(t *testing.T) verdict { s, _ := gorillaFiles(t); return lostUpdate(s) }

func scsSavedLate(t *testing.T) verdict {
	client := engines.StartRedis(t).GoRedis(t)
	kept := goredisstore.New(client)
	if err := kept.CommitCtx(t.Context(), "late", []byte("a session"), time.Now().Add(-time.Hour)); err != nil {
		t.Log(err)
		return free
	}
	left, err := client.TTL(t.Context(), "scs:session:late").Result()
	if err != nil {
		t.Fatal(err)
	}
	_, found, err := kept.FindCtx(t.Context(), "late")
	return hasIf(err == nil && found && left == -1) // -1: it has no time to live
}

// idleWrites: eleven visitors ask for a page without a session.
func idleWrites(s *site, on *shelf) verdict {
	for range 11 {
		s.do("/idle", "")
	}
	return hasIf(on.writes > 0)
}

func scsIdleWrites(*testing.T) verdict {
	on := newShelf()
	return idleWrites(scsSite(newSCS(forSCS{on})), on)
}

func fiberIdleWrites(*testing.T) verdict {
	on := newShelf()
	return idleWrites(fiberSite(forFiber{on}), on)
}

func filesIdleWrites(t *testing.T) verdict {
	s, folder := gorillaFiles(t)
	s.do("/idle", "")
	return hasIf(len(filesOf(t, folder)) > 0)
}

func filesOf(t *testing.T, folder string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// outage: the store goes away and comes back; who was logged in still is, and was told of an error meanwhile.
func outage(s *site, on *shelf) verdict {
	cookie := s.do("/new", "").cookie
	on.down = true
	during := s.do("/look", cookie)
	on.down = false
	after := s.do("/look", cookie)
	return hasIf(during.status == http.StatusOK || during.set != "" || after.body != "1")
}

func scsOutage(*testing.T) verdict {
	on := newShelf()
	m := newSCS(forSCS{on})
	m.ErrorFunc = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusServiceUnavailable) }
	return outage(scsSite(m), on)
}

func fiberOutage(*testing.T) verdict {
	on := newShelf()
	return outage(fiberSite(forFiber{on}), on)
}

func filesCutShort(t *testing.T) verdict {
	s, folder := gorillaFiles(t)
	cookie := s.do("/new", "").cookie
	for _, file := range filesOf(t, folder) {
		if err := os.Truncate(file, 0); err != nil { // what a crash between truncating and writing leaves
			t.Fatal(err)
		}
	}
	return garbled(s, cookie)
}

// storedToken: what lies in the store is what the client holds.
func scsStoredToken(*testing.T) verdict {
	on := newShelf()
	return hasIf(on.holds(scsSite(newSCS(forSCS{on})).do("/new", "").cookie))
}

func fiberStoredToken(*testing.T) verdict {
	on := newShelf()
	return hasIf(on.holds(fiberSite(forFiber{on}).do("/new", "").cookie))
}

func filesStoredToken(t *testing.T) verdict {
	s, folder := gorillaFiles(t)
	_, token, _ := bytes.Cut([]byte(s.do("/new", "").cookie), []byte("="))
	for _, file := range filesOf(t, folder) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, token) || bytes.Contains([]byte(file), token) {
			return has
		}
	}
	return free
}

func scsHangsUp(*testing.T) verdict {
	on := newShelf()
	m := newSCS(forSCS{on})
	m.ErrorFunc = func(http.ResponseWriter, *http.Request, error) {}
	ctx, hangUp := context.WithCancel(context.Background())
	h := m.LoadAndSave(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		m.Put(r.Context(), "n", 1)
		hangUp()
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx))
	return hasIf(on.ended && on.writes == 0)
}

// stays reports whether a goroutine of a package stays behind what was made. What is made in a bubble is the bubble's: if it
// waits for a tick for ever, its stack says so.
func stays(t *testing.T, where string, begin func()) verdict {
	count := func() int {
		var b bytes.Buffer
		if err := pprof.Lookup("goroutine").WriteTo(&b, 2); err != nil {
			t.Fatal(err)
		}
		return bytes.Count(b.Bytes(), []byte("created by "+where))
	}
	before := count()
	begin()
	return hasIf(count() > before)
}

// scs.New starts a store in memory with its sweeper, also where another store takes its place in the next line. (Stopping it is
// no way out, and not done here: StopCleanup races with the sweeper's beginning, as the race detector says, and is lost
// where it comes first.)
func scsGoroutine(t *testing.T) verdict {
	return stays(t, "github.com/alexedwards/scs/v2/memstore", func() {
		m := scs.New()
		m.Store = forSCS{newShelf()}
	})
}

func cookiesGoroutine(t *testing.T) verdict {
	return stays(t, "github.com/gorilla", func() { gorillaCookies().do("/new", "") })
}

func filesGoroutine(t *testing.T) verdict {
	return stays(t, "github.com/gorilla", func() { s, _ := gorillaFiles(t); s.do("/new", "") })
}

// The default storage sweeps, and neither the middleware nor the app's shutdown stops it.
func fiberGoroutine(t *testing.T) verdict {
	return stays(t, "github.com/gofiber/fiber/v3/internal/storage/memory", func() {
		app := fiber.New()
		app.Use(session.New())
		if err := app.Shutdown(); err != nil {
			t.Log(err)
		}
	})
}

// inTime runs something under a clock that jumps.
func inTime(t *testing.T, f func() verdict) (v verdict) {
	synctest.Test(t, func(*testing.T) { v = f() })
	return v
}

func scsMaxAge(t *testing.T) verdict {
	return inTime(t, func() verdict {
		kept := memstore.NewWithCleanupInterval(0)
		copied := *plainSCS
		m := &copied
		m.Store, m.Lifetime, m.Cookie.Name = kept, time.Hour, name
		s := scsSite(m)
		cookie := s.do("/new", "").cookie
		time.Sleep(2 * time.Hour)
		return hasIf(s.do("/look", cookie).body == "1")
	})
}

// cookiesMaxAge: a session that is to last a minute, two hours later. The codecs have a limit of their own, 30 days.
func cookiesMaxAge(t *testing.T) verdict {
	return inTime(t, func() verdict {
		cookies := sessions.NewCookieStore(gorillaKeys())
		cookies.Options.MaxAge = 60
		s := gorillaSite(cookies)
		cookie := s.do("/new", "").cookie
		time.Sleep(2 * time.Hour)
		return hasIf(s.do("/look", cookie).body == "1")
	})
}

func satchelMaxAge(t *testing.T) verdict {
	return inTime(t, func() verdict {
		short := satchel.Options{Absolute: time.Minute}
		late := func(p satchel.Placement) verdict {
			s := satchelSite(p)
			cookie := s.do("/new", "").cookie
			time.Sleep(time.Minute)
			soon := s.do("/look", cookie)
			time.Sleep(2 * time.Hour) // where a token's clear part is old enough to refuse it for that alone
			return hasIf(cookie == "" || soon.body == "1" || s.do("/look", cookie).body == "1")
		}
		return either(late(visits.ServerSide(store.NewMemory()).With(satchel.Options{Idle: time.Minute, Absolute: time.Minute})),
			late(visits.ClientSide(satchel.FixedKeys(peers.Keyring()), satchel.Unrevocable).With(short)))
	})
}

// satchelCaches: one of two nodes with caches ends a session that the other has a copy of.
func satchelCaches(t *testing.T) verdict {
	return inTime(t, func() verdict {
		records := store.NewMemory()
		var nodes []*site
		for range 2 {
			c, err := store.NewCache(records, store.CacheConfig{MaxStale: time.Second})
			if err != nil {
				t.Fatal(err)
			}
			nodes = append(nodes, satchelSite(visits.ServerSide(c)))
		}
		return endedElsewhere(t, nodes[0], nodes[1], func() { time.Sleep(time.Second) })
	})
}

// endedElsewhere begins a session that both nodes have, ends it on one, lets the time go by that a copy may live, and asks the other.
func endedElsewhere(t *testing.T, one, other *site, later func()) verdict {
	t.Helper()
	cookie := one.do("/new", "").cookie
	if other.do("/look", cookie).body != "1" {
		t.Error("the other node has no session")
	}
	one.do("/logout", cookie)
	later()
	return hasIf(other.do("/look", cookie).body == "1")
}
