package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	"github.com/satchel-go/satchel/bench/peers"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/redis"
)

func satchelLogoutUndone(*testing.T) verdict   { return logoutUndone(satchelServer()) }
func satchelLostUpdate(*testing.T) verdict     { return lostUpdate(satchelServer()) }
func satchelOutlivesLogout(*testing.T) verdict { return outlivesLogout(satchelServer()) }
func satchelFixation(*testing.T) verdict       { return fixation(satchelServer(), planted) }
func satchelReadOverwrites(*testing.T) verdict {
	return either(readOverwrites(satchelServer(), false), readOverwrites(satchelClient(), true))
}

func satchelClears(*testing.T) verdict {
	return either(clears(satchelServer()), clears(satchelClient()))
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

func satchelGarbled(t *testing.T) verdict {
	on := newDrawer()
	s := satchelSite(visits.ServerSide(on))
	cookie := s.do("/new", "").cookie
	if on.spoil(t) != 1 {
		t.Fatal("there is not one record")
	}
	token, _, _ := strings.Cut(cookie, "=")
	return either(garbled(s, cookie), garbled(s, token+"=garbage"), garbled(satchelClient(), token+"=garbage"))
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

func satchelFlush(*testing.T) verdict {
	w := wrapped(visits.ServerSide(store.NewMemory()), page(), func(w http.ResponseWriter, r *http.Request) {
		_ = visits.Set(r.Context(), visit{N: 1})
		_ = http.NewResponseController(w).Flush()
		fmt.Fprint(w, "streamed")
	})
	return hasIf(len(w.Result().Cookies()) == 0)
}

func satchelKeptHandle(*testing.T) verdict {
	p := visits.ServerSide(store.NewMemory())
	var kept context.Context
	for _, who := range []string{"alice", "bob"} {
		wrapped(p, page(), func(_ http.ResponseWriter, r *http.Request) {
			if kept == nil {
				kept = r.Context() //nolint:fatcontext // that is the fault
			}
			_ = visits.Set(r.Context(), visit{Text: who})
		})
	}
	v, _, err := visits.Get(kept)
	return hasIf(err == nil && v.Text != "alice")
}

func satchelIdleWrites(*testing.T) verdict {
	on := newDrawer()
	s := satchelSite(visits.ServerSide(on))
	return hasIf(idleWrites(s, newShelf()) == has || len(on.calls) > 0)
}

// satchelOlderKey: a key that cannot seal is refused where keys are made.
func satchelOlderKey(*testing.T) verdict {
	_, err := crypto.NewKey("k2", crypto.Primary, []byte("too short"))
	return hasIf(err == nil)
}

func satchelMoved(*testing.T) verdict {
	moved := func(here, there satchel.Placement) verdict {
		_, token, _ := strings.Cut(satchelSite(here).do("/new", "").cookie, "=")
		var found bool
		r := page()
		r.Header.Set("Cookie", "__Host-admin="+token)
		wrapped(there, r, func(_ http.ResponseWriter, r *http.Request) { _, found, _ = admins.Get(r.Context()) })
		return hasIf(found)
	}
	records, keys := store.NewMemory(), satchel.FixedKeys(peers.Keyring())
	return either(moved(visits.ServerSide(records), admins.ServerSide(records)),
		moved(visits.ClientSide(keys, satchel.Unrevocable), admins.ClientSide(keys, satchel.Unrevocable)))
}

var admins = satchel.NewKind[visit]("admin")

// satchelBitFlips changes each character of a cookie by itself.
func satchelBitFlips(*testing.T) verdict {
	s := satchelClient()
	cookie := s.do("/new", "").cookie
	for i := strings.Index(cookie, "=") + 1; i < len(cookie); i++ {
		forged := []byte(cookie)
		forged[i] = map[bool]byte{true: 'A', false: 'B'}[forged[i] != 'A']
		if s.do("/look", string(forged)).body == "1" {
			return has
		}
	}
	return free
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
	first, second := s.do("/look", cookie), s.do("/look", cookie)
	if cut != 1 || first.body == "1" {
		t.Fatal("what was cut short was not the session", cut)
	}
	return hasIf(first.status == http.StatusInternalServerError && second.status == http.StatusInternalServerError)
}

func satchelStoredToken(t *testing.T) verdict {
	s, folder := ourFiles(t)
	return inFiles(t, folder, s.do("/new", "").cookie)
}

// satchelTooLarge: no length gives a cookie that a browser drops, without an error.
func satchelTooLarge(*testing.T) verdict {
	p := visits.ClientSide(satchel.FixedKeys(peers.Keyring()), satchel.Unrevocable)
	for n := 0; n < 6000; n += 50 {
		var refused error
		w := wrapped(p, page(), func(_ http.ResponseWriter, r *http.Request) {
			refused = visits.Set(r.Context(), visit{Text: strings.Repeat(fmt.Sprint(n), n/4+1)})
		})
		for _, c := range w.Result().Cookies() {
			if len(c.Name)+len(c.Value) > 4096 {
				return has
			}
		}
		if refused == nil && w.Code == http.StatusOK && len(w.Result().Cookies()) == 0 {
			return has
		}
	}
	return free
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

func satchelLists(t *testing.T) verdict {
	texts := codec.CBOR[visit]()
	b, err := texts.Encode(visit{Roles: list})
	if err != nil {
		t.Fatal(err)
	}
	v, err := texts.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return same(v.Roles)
}

func satchelLateLogout(*testing.T) verdict {
	late := func(p satchel.Placement) (err error, still bool) {
		s := satchelSite(p)
		cookie := s.do("/new", "").cookie
		r := page()
		r.Header.Set("Cookie", cookie)
		wrapped(p, r, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "begun")
			err = visits.Clear(r.Context())
		})
		return err, s.do("/look", cookie).body == "1"
	}
	_, lives := late(visits.ServerSide(store.NewMemory()))
	err, _ := late(visits.ClientSide(satchel.FixedKeys(peers.Keyring()), satchel.Unrevocable))
	return hasIf(lives || !errors.Is(err, satchel.ErrTooLate))
}
