package faults

import (
	"bytes"
	"context"
	"encoding/base64"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/bench/engines"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/redis"
)

func satchelLogoutUndone(*testing.T) verdict   { return logoutUndone(satchelServer()) }
func satchelLostUpdate(*testing.T) verdict     { return lostUpdate(satchelServer()) }
func satchelOutlivesLogout(*testing.T) verdict { return outlivesLogout(satchelServer()) }
func satchelReadOverwrites(*testing.T) verdict {
	return either(readOverwrites(satchelServer(), false), readOverwrites(satchelClient(), true))
}

// either is what a contender with two ways of keeping sessions has.
func either(some ...verdict) verdict {
	for _, v := range some {
		if v != free {
			return v
		}
	}
	return free
}

// satchelSavedLate: the store itself, handed a record that is over, as scs's is.
func satchelSavedLate(t *testing.T) verdict {
	client := engines.StartRedis(t).Rueidis(t)
	records, err := redis.New(client, redis.Config{})
	if err != nil {
		t.Fatal(err)
	}
	over := time.Now().Add(-time.Hour).UnixMilli()
	if err := records.Create(t.Context(), "late", core.Record{Revision: 1, Seen: over, Deadline: over, Body: "a session"}); err != nil {
		t.Log(err)
		return free
	}
	keys, err := client.Do(t.Context(), client.B().Keys().Pattern("*").Build()).AsStrSlice()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		left, err := client.Do(t.Context(), client.B().Ttl().Key(key).Build()).AsInt64()
		if err != nil && !rueidis.IsRedisNil(err) {
			t.Fatal(err)
		}
		if left == -1 {
			return has
		}
	}
	return free
}

// satchelEndsNone: "log out everywhere", and the logout of one.
func satchelEndsNone(t *testing.T) verdict {
	p := visits.ServerSide(store.NewMemory())
	s := satchelSite(p)
	cookie := s.do("/signin", "").cookie
	if s.do("/look", cookie).body != "1" {
		t.Fatal("nobody is signed in")
	}
	if n, err := visits.Of(satchel.Must(satchel.New(p)), "ann").EndAll(t.Context()); err != nil || n != 1 {
		t.Log(n, err)
		return has
	}
	return either(hasIf(s.do("/look", cookie).body == "1"), satchelOutlivesLogout(t))
}

// wrapped serves one handler with sessions on a placement, and returns the answer.
func wrapped(p satchel.Placement, r *http.Request, h http.HandlerFunc) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	nethttp.Wrap(h, satchel.Must(satchel.New(p))).ServeHTTP(w, r)
	return w
}

func page() *http.Request { return httptest.NewRequest(http.MethodGet, "https://shop.example/", nil) }

// satchelIdleWrites: no call of the store at all, neither for visitors without a session nor for one who has one and does not use it.
func satchelIdleWrites(*testing.T) verdict {
	on := newDrawer()
	s := satchelSite(visits.ServerSide(on))
	if idleWrites(s, newShelf()) == has || len(on.calls) > 0 {
		return has
	}
	cookie := s.do("/new", "").cookie
	clear(on.calls)
	for range 11 {
		s.do("/idle", cookie)
	}
	return hasIf(cookie == "" || len(on.calls) > 0)
}

func satchelOutage(*testing.T) verdict {
	on := newDrawer()
	s := satchelSite(visits.ServerSide(on))
	cookie := s.do("/new", "").cookie
	on.down = true
	during := s.do("/look", cookie)
	on.down = false
	return hasIf(during.status == http.StatusOK || during.set != "" || s.do("/look", cookie).body != "1")
}

// satchelRandomIDs: after a flood of them the cache has the copy that it had.
func satchelRandomIDs(t *testing.T) verdict {
	records := newDrawer()
	c, err := store.NewCache(records, store.CacheConfig{MaxStale: time.Hour, MaxBytes: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	s, elsewhere := satchelSite(visits.ServerSide(c)), satchelServer()
	cookie := s.do("/new", "").cookie
	s.do("/look", cookie)
	s.do("/look", cookie)
	for range 2000 {
		s.do("/look", elsewhere.do("/new", "").cookie) // which nobody here has made
	}
	before := records.calls["Load"]
	s.do("/look", cookie)
	return hasIf(before < 2000 || records.calls["Load"] != before || c.Stats().Entries != 1)
}

// ourFiles is Satchel's site on files, and their folder.
func ourFiles(t *testing.T) (*site, string) {
	folder := filepath.Join(t.TempDir(), "sessions")
	d, err := store.NewDirectory(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return satchelSite(visits.ServerSide(d)), folder
}

// written calls f with each file below a folder, and what it holds.
func written(t *testing.T, folder string, f func(path string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		f(path, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func satchelCutShort(t *testing.T) verdict {
	s, folder := ourFiles(t)
	cookie := s.do("/new", "").cookie
	cut := 0
	written(t, folder, func(path string, text []byte) {
		if bytes.Contains(text, []byte("\x01")) && !strings.HasPrefix(filepath.Base(path), ".") {
			cut++
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
		}
	})
	if cut != 1 || s.do("/look", cookie).body == "1" {
		t.Fatal("what was cut short was not the session", cut)
	}
	return garbled(s, cookie)
}

// satchelStoredToken: neither the files nor the names of the records say what a client holds, as text or as bytes.
func satchelStoredToken(t *testing.T) verdict {
	s, folder := ourFiles(t)
	cookie := s.do("/new", "").cookie
	on := newDrawer()
	_, token, _ := strings.Cut(satchelSite(visits.ServerSide(on)).do("/new", "").cookie, "=")
	id, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(id) == 0 || len(on.keys) != 1 {
		t.Fatal("no ID, or not one record:", err)
	}
	for key := range on.keys {
		if strings.Contains(token, string(key)) || bytes.Contains(id, []byte(key)) || strings.Contains(string(key), string(id)) {
			return has
		}
	}
	return inFiles(t, folder, cookie)
}

func satchelHangsUp(*testing.T) verdict {
	on := newDrawer()
	p := visits.ServerSide(on)
	ctx, hangUp := context.WithCancel(context.Background())
	wrapped(p, page().WithContext(ctx), func(_ http.ResponseWriter, r *http.Request) {
		_ = visits.Set(r.Context(), visit{N: 1})
		hangUp()
	})
	return hasIf(on.inner.Stats().Records == 0)
}

func satchelGoroutine(t *testing.T) verdict {
	return stays(t, "github.com/satchel-go/satchel", func() {
		satchelServer().do("/new", "")
		satchelClient().do("/new", "")
	})
}
