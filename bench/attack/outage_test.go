//go:build linux

package attack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/observed"
)

// While a store hangs or is killed nobody is logged out, who has no session asks it nothing, and when it is back so is everybody.
func TestOutage(t *testing.T) { outages(t, time.Second/2) }

func TestLongOutage(t *testing.T) {
	need.Long(t)
	outages(t, time.Minute)
}

// durable are engines that keep what they acknowledged when they are killed.
var durable = []engine{
	{name: "redis", server: &servers.Redis, more: []string{"--appendonly", "yes", "--appendfsync", "always"}, open: openRedis},
	{name: "postgres", server: &servers.PostgreSQL, open: openPostgres},
	{name: "sql on MariaDB", server: &servers.MariaDB, open: inMariaDB.open},
	{name: "sql on PostgreSQL", server: &servers.PostgreSQL, open: inPostgreSQL.open},
}

func outages(t *testing.T, lasts time.Duration) {
	for _, e := range append(slices.Clone(durable), durable[0].cached()) {
		for _, how := range []struct {
			what       string
			away, back func(*servers.Server)
		}{
			{"hangs", (*servers.Server).Stop, (*servers.Server).Resume},
			{"is killed", (*servers.Server).Kill, (*servers.Server).Up},
		} {
			t.Run(e.name+" "+how.what, func(t *testing.T) {
				records, server := e.opened(t)
				trial{
					records: records, lasts: lasts, load: min(2*time.Second, lasts/4), commit: min(5*time.Second, lasts/2),
					away: func() { how.away(server) }, back: func() { how.back(server) }, refuses: true,
				}.run(t)
			})
		}
	}
}

// who tells whose request a store is asked for: a header of the request, which its context keeps.
type who struct{}

const stranger = "stranger"

// knowing keeps who makes a request in its context.
func knowing(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), who{}, r.Header.Get("Who"))))
	})
}

// trial is a store that is away for a while, under the load of users with a session each, and of strangers.
type trial struct {
	records      store.Store
	lasts        time.Duration
	load, commit time.Duration // the limits of sessions
	away, back   func()
	newcomers    bool // there are some who begin sessions, too
	refuses      bool // that the store is away shows: it does not only take its time
}

// slack is by how much a busy machine may be late.
const slack = 10 * time.Second

// run returns how many sessions there are in the end.
func (tr trial) run(t *testing.T) (sessions int) {
	t.Helper()
	const users, strangers = 32, 4
	var asked atomic.Int64
	records := observed.New(tr.records, func(ctx context.Context, _ observed.Call) {
		if ctx.Value(who{}) == stranger {
			asked.Add(1)
		}
	})
	w := &world{t: t}
	t.Cleanup(w.working.Wait) // once the server has ended, which leaves nobody to wait for
	url := served(t, knowing(site(place(records, func(c *satchel.Config, _ *satchel.Options) {
		c.LoadLimit, c.CommitLimit = tr.load, tr.commit
	}))))
	t.Cleanup(func() { w.over.Store(true) })
	c := browser(t)
	all := make([]*user, users)
	for i := range all {
		all[i] = &user{c: c, url: url, cookie: begin(t, c, url)}
	}
	for _, u := range all {
		w.goes(u.visit)
	}
	for range strangers {
		w.goes(func() error { return w.stray(c, url, all[0].cookie) })
	}
	if tr.newcomers {
		w.goes(func() error { return w.comes(c, url) })
	}
	w.until("users are served", func() bool { return w.served.Load() > 10*users })
	before := w.refused.Load()
	tr.away()
	w.out.Store(true)
	<-time.After(tr.lasts)
	if tr.refuses {
		w.until("the outage shows", func() bool { return w.refused.Load() > before })
	}
	refused := w.refused.Load() - before
	w.out.Store(false)
	tr.back()
	first, everybody := w.recovers(all)
	w.end()
	for _, u := range all {
		if b := look(t, c, url, u.cookie); b.All < u.sure || b.All > u.sure+u.unsure {
			t.Errorf("a session has %d changes; %d were confirmed, of %d nobody knows", b.All, u.sure, u.unsure)
		}
	}
	for _, cookie := range w.come {
		look(t, c, url, cookie)
	}
	if longest := w.waits.at(1); longest > tr.load+tr.commit+time.Second+slack {
		t.Errorf("a request waited %v, and the limits are %v and %v", longest, tr.load, tr.commit)
	}
	if asked.Load() != 0 || tr.refuses != (refused > 0) {
		t.Errorf("the store was asked %d times for strangers; %d requests met the outage", asked.Load(), refused)
	}
	notef(t, "%v: of %d sessions none lost; %d answers of 503, no cookie (%v), all others served (%v); %d requests of strangers (%v), no store call; back after %v, everybody after %v",
		tr.lasts, users+len(w.come), refused, w.waits, w.visits, len(w.strays), w.strays, first, everybody)
	return users + len(w.come)
}

// world is everybody who makes requests, each after a short pause, until it ends.
type world struct {
	t       *testing.T
	working sync.WaitGroup
	ends    atomic.Bool
	over    atomic.Bool // the test is, whatever is still on its way
	out     atomic.Bool // the store is away
	served  atomic.Int64
	refused atomic.Int64
	wrong   atomic.Bool

	mu     sync.Mutex
	waits  times    // of those who met the outage
	visits times    // of users who were served meanwhile
	strays times    // of strangers, while the store was away
	come   []string // the cookies of newcomers
}

var errOutage = errors.New("503")

// goes lets somebody make requests.
func (w *world) goes(visit func() error) {
	w.working.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for !w.ends.Load() && !w.over.Load() {
			out, began := w.out.Load(), time.Now()
			switch err := visit(); {
			case errors.Is(err, errStray):
			case err == nil:
				w.served.Add(1)
				if out {
					w.mu.Lock()
					w.visits = append(w.visits, time.Since(began))
					w.mu.Unlock()
				}
			case errors.Is(err, errOutage):
				w.refused.Add(1)
				w.mu.Lock()
				w.waits = append(w.waits, time.Since(began))
				w.mu.Unlock()
			case w.over.Load():
				return
			default:
				w.wrong.Store(true)
				w.t.Error(err)
				return
			}
			<-tick.C
		}
	})
}

func (w *world) until(what string, is func() bool) {
	w.t.Helper()
	servers.Eventually(w.t, what, func() bool { return w.wrong.Load() || is() })
	if w.wrong.Load() {
		w.end()
		w.t.FailNow()
	}
}

func (w *world) end() {
	w.ends.Store(true)
	w.working.Wait()
}

// recovers waits until every user was served again, and returns how long after the store came back the first was, and the last.
func (w *world) recovers(all []*user) (first, everybody time.Duration) {
	began, before := time.Now(), w.served.Load()
	w.until("a user is served again", func() bool { return w.served.Load() > before })
	first = seconds(began)
	w.until("every user is served again", func() bool {
		for _, u := range all {
			if u.last.Load() < began.UnixNano() {
				return false
			}
		}
		return true
	})
	return first, seconds(began)
}

// comes begins a session that needs some room, which has to be there from then on.
func (w *world) comes(c *http.Client, url string) error {
	a, err := ask(c, http.MethodPost, url+"/begin?own="+strings.Repeat("x", 4000), "")
	switch {
	case err != nil:
		return err
	case a.status == http.StatusServiceUnavailable && a.set == "":
		return errOutage
	case a.status >= 300:
		return fmt.Errorf("a newcomer was answered %d: %w", a.status, errWrong)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.come = append(w.come, tokenOf(w.t, a))
	return nil
}

// errStray tells strangers from users.
var errStray = errors.New("a stranger's request")

// stray is what strangers ask: a page without a session, for a session without a token, and a page without a session by somebody who has one.
func (w *world) stray(c *http.Client, url, token string) error {
	for _, ask := range []struct{ path, cookie string }{{"/", ""}, {"/look", ""}, {"/", token}} {
		r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, url+ask.path, nil)
		if err != nil {
			return err
		}
		r.Header.Set("Who", stranger)
		if ask.cookie != "" {
			r.Header.Set("Cookie", ask.cookie)
		}
		out, began := w.out.Load(), time.Now()
		a, err := send(c, r)
		if err != nil || a.status >= 300 || a.set != "" {
			return fmt.Errorf("a stranger was answered %d: %w", a.status, errors.Join(err, errWrong))
		}
		if out {
			w.mu.Lock()
			w.strays = append(w.strays, time.Since(began))
			w.mu.Unlock()
		}
	}
	return errStray
}

var errWrong = errors.New("that is wrong")

// user has one session, reads and changes it in turn, and knows what it has to hold.
type user struct {
	c           *http.Client
	url, cookie string
	turn        int
	sure        int // changes that were confirmed
	unsure      int // changes of which nobody can know
	last        atomic.Int64
}

func (u *user) visit() error {
	if u.turn++; u.turn%2 == 0 {
		a, err := u.ask(http.MethodGet, "/look")
		var b board
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(a.text), &b); err != nil {
			return fmt.Errorf("logged out: %d: %w", a.status, err)
		}
		return u.check(b.All)
	}
	a, err := u.ask(http.MethodPost, "/add?own=x")
	if err != nil {
		u.unsure++
		return err
	}
	u.sure++
	n, err := strconv.Atoi(a.text)
	if err != nil {
		return err
	}
	return u.check(n)
}

// ask makes a request, which has an answer or meets an outage, and never a cookie.
func (u *user) ask(method, path string) (answer, error) {
	a, err := ask(u.c, method, u.url+path, u.cookie)
	switch {
	case err != nil:
		return a, err
	case a.set != "":
		return a, fmt.Errorf("%d with a cookie: %w", a.status, errWrong)
	case a.status == http.StatusServiceUnavailable:
		return a, errOutage
	case a.status >= 300:
		return a, fmt.Errorf("%d: %w", a.status, errWrong)
	}
	u.last.Store(time.Now().UnixNano())
	return a, nil
}

func (u *user) check(n int) error {
	if n < u.sure || n > u.sure+u.unsure {
		return fmt.Errorf("%d changes are there; %d were confirmed, of %d nobody knows: %w", n, u.sure, u.unsure, errWrong)
	}
	return nil
}
