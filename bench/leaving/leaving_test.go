package leaving_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gorilla/sessions"
	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/bench/leaving"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// moody is a store that can be out of reach for what creates records.
type moody struct {
	store.Store
	down atomic.Bool
}

func (m *moody) Create(ctx context.Context, key core.Key, rec core.Record) error {
	if m.down.Load() {
		return errors.New("down")
	}
	return m.Store.Create(ctx, key, rec)
}

// begin returns sessions as old as scs lets them become, on the real clock, as scs has no other.
func begin(t *testing.T) (*satcheltest.Program, *moody) {
	t.Helper()
	kept := &moody{Store: store.NewMemory()}
	s, err := satchel.New(leaving.Visits.ServerSide(kept).With(satchel.Options{Idle: satchel.Unlimited, Absolute: 14 * 24 * time.Hour}))
	if err != nil {
		t.Fatal(err)
	}
	return &satcheltest.Program{Sessions: s}, kept
}

// front says who is there.
func front(w http.ResponseWriter, r *http.Request) {
	me, err := leaving.Visits.About(r.Context())
	v, _, err2 := leaving.Visits.Get(r.Context())
	if err := errors.Join(err, err2); err != nil {
		http.Error(w, "later", nethttp.StatusOf(err))
		return
	}
	fmt.Fprint(w, me.Subject, " ", v.Count)
}

func look(t *testing.T, c *satcheltest.Client, want string) {
	t.Helper()
	if got := c.Get(t, "/"); got.StatusCode != http.StatusOK || got.Text != want {
		t.Errorf("%s %q, want %q", got.Status, got.Text, want)
	}
}

func scsWorld(t *testing.T) (ann *satcheltest.Client, kept *moody, old *scs.SessionManager) {
	t.Helper()
	p, kept := begin(t)
	old = scs.New()
	old.Lifetime = 14 * 24 * time.Hour
	before := old.LoadAndSave(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		old.Put(r.Context(), "user", "ann")
		old.Put(r.Context(), "count", 7)
	}))
	after := http.NewServeMux()
	after.HandleFunc("GET /{$}", front)
	after.HandleFunc("POST /out", leaving.SignOut(old))
	ann = p.Client(before)
	ann.Post(t, "/signin")
	ann.Transport = satcheltest.Handler(old.LoadAndSave(nethttp.Wrap(leaving.FromSCS(old, after), p.Sessions))) // the deploy
	return ann, kept, old
}

// rows counts the sessions that scs holds.
func rows(t *testing.T, old *scs.SessionManager) int {
	t.Helper()
	all, err := old.Store.(scs.IterableStore).All()
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func TestFromSCS(t *testing.T) {
	ann, kept, old := scsWorld(t)
	kept.down.Store(true)
	if got := ann.Get(t, "/"); got.StatusCode != http.StatusServiceUnavailable || rows(t, old) != 1 {
		t.Errorf("in an outage: %s, and scs holds %d", got.Status, rows(t, old))
	}
	kept.down.Store(false)
	ann.Get(t, "/")
	if rows(t, old) != 1 {
		t.Error("what scs held went before the new token came back")
	}
	about := ann.About(t, leaving.Visits)
	if left := time.Until(about.Expires); about.Subject != "ann" || left > 14*24*time.Hour || left < 13*24*time.Hour {
		t.Errorf("%s, for %v", about.Subject, left)
	}
	look(t, ann, "ann 7")
	if rows(t, old) != 0 {
		t.Error("scs still holds the session")
	}
	look(t, ann, "ann 7") // with the new token alone
	ann.Exchange(t, func(ctx context.Context) error {
		return leaving.Visits.RequireFresh(ctx, time.Minute) // which the page says: the sign-in's instant is not carried
	})
	ann.Post(t, "/out")
	look(t, ann, " 0")
}

// A logout that is the first request of all ends both.
func TestFromSCSAndOut(t *testing.T) {
	ann, _, old := scsWorld(t)
	ann.Post(t, "/out")
	if rows(t, old) != 0 {
		t.Error("scs still holds the session")
	}
	look(t, ann, " 0")
}

func TestFromGorilla(t *testing.T) {
	p, _ := begin(t)
	old := sessions.NewCookieStore([]byte("0123456789abcdef0123456789abcdef"))
	old.Options.Secure, old.Options.SameSite = false, http.SameSiteLaxMode
	ann := p.Client(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, _ := old.Get(r, "session")
		s.Values["user"], s.Values["count"] = "ann", 7
		if err := s.Save(r, w); err != nil {
			t.Error(err)
		}
	}))
	ann.Post(t, "/signin")
	ann.Transport = satcheltest.Handler(nethttp.Wrap(leaving.FromGorilla(old, http.HandlerFunc(front)), p.Sessions)) // the deploy
	ann.Get(t, "/")
	look(t, ann, "ann 7")
	ann.Transport = satcheltest.Handler(nethttp.Wrap(http.HandlerFunc(front), p.Sessions)) // gorilla is gone
	look(t, ann, "ann 7")
	sent := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
	ann.AddTokens(sent)
	if _, err := sent.Cookie("session"); err == nil {
		t.Error("the old cookie is still sent")
	}
}
