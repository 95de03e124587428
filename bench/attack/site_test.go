//go:build linux

package attack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/store"
)

// board is what the sessions hold: a number under each key, and how often any of them was changed.
type board struct {
	Own map[string]int `cbor:"1,keyasint"`
	All int            `cbor:"2,keyasint"`
}

var boards = satchel.NewKind[board]("board")

// place puts boards into a store, with defaults but for what adjust says.
func place(s store.Store, adjust ...func(*satchel.Config, *satchel.Options)) *satchel.Sessions {
	config := satchel.Config{Cookie: cookie.Config{InsecureLoopback: true}}
	var options satchel.Options
	for _, f := range adjust {
		f(&config, &options)
	}
	return satchel.Must(config.New(boards.ServerSide(s).With(options)))
}

// patient gives a store half a minute: where a store's limits are not what is looked at, a machine with other work is no outage.
func patient(c *satchel.Config, _ *satchel.Options) {
	c.LoadLimit, c.CommitLimit = 30*time.Second, 30*time.Second
}

// site is a program with sessions:
//
//	GET  /            asks for no session
//	GET  /look        the board, or 204 if there is no session
//	POST /begin?own=K a new board, which has the key if one is given
//	POST /add?own=K   adds one under the key, and one to the counter, and says what that is now
//	POST /logout      ends the session
func site(s *satchel.Sessions) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	mux.HandleFunc("GET /look", func(w http.ResponseWriter, r *http.Request) {
		b, ok, err := boards.Get(r.Context())
		switch {
		case err != nil:
			http.Error(w, "", nethttp.StatusOf(err))
		case !ok:
			w.WriteHeader(http.StatusNoContent)
		default:
			_ = json.NewEncoder(w).Encode(b) // to a client that may have gone
		}
	})
	mux.HandleFunc("POST /begin", func(w http.ResponseWriter, r *http.Request) {
		var b board
		if own := r.URL.Query().Get("own"); own != "" {
			b.Own = map[string]int{own: 0}
		}
		done(w, boards.Set(r.Context(), b))
	})
	mux.HandleFunc("POST /add", func(w http.ResponseWriter, r *http.Request) {
		own := r.URL.Query().Get("own")
		b, err := boards.Update(r.Context(), func(b board) board {
			if b.Own == nil {
				b.Own = map[string]int{}
			}
			b.Own[own]++
			b.All++
			return b
		})
		if done(w, err) {
			fmt.Fprint(w, b.All)
		}
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) { done(w, boards.Clear(r.Context())) })
	return nethttp.Wrap(mux, s)
}

func done(w http.ResponseWriter, err error) bool {
	if err != nil {
		http.Error(w, "", nethttp.StatusOf(err))
		return false
	}
	return true
}

// serve serves a handler on a port of this machine until stop is called.
func serve(h http.Handler) (url string, stop func(), err error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(l) // closed, in the end
	}()
	return "http://" + l.Addr().String(), func() {
		_ = server.Close()
		<-ended
	}, nil
}

// served is serve for a test, and ends with it.
func served(tb testing.TB, h http.Handler) string {
	tb.Helper()
	url, stop, err := serve(h)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(stop)
	return url
}

// browser is who makes requests: many at once, on connections that stay. It knows no cookies: each visitor has its own.
func browser(tb testing.TB) *http.Client {
	tb.Helper()
	t := &http.Transport{MaxIdleConnsPerHost: 10_000}
	tb.Cleanup(t.CloseIdleConnections)
	return &http.Client{Transport: t, Timeout: 2 * time.Minute}
}

// answer is what a visitor was told.
type answer struct {
	status int
	text   string
	set    string // the lines of Set-Cookie
	took   time.Duration
}

// ask makes a request under a cookie.
func ask(c *http.Client, method, address, token string) (answer, error) {
	r, err := http.NewRequestWithContext(context.Background(), method, address, nil)
	if err != nil {
		return answer{}, err
	}
	if token != "" {
		r.Header.Set("Cookie", token)
	}
	return send(c, r)
}

func send(c *http.Client, r *http.Request) (answer, error) {
	began := time.Now()
	res, err := c.Do(r)
	if err != nil {
		return answer{}, err
	}
	text, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, string(text), strings.Join(res.Header["Set-Cookie"], "\n"), time.Since(began)}, errors.Join(err, res.Body.Close())
}

// must is ask for what has to be answered with 200, or 204.
func must(tb testing.TB, c *http.Client, method, address, token string) answer {
	tb.Helper()
	a, err := ask(c, method, address, token)
	if err != nil || a.status != http.StatusOK && a.status != http.StatusNoContent {
		tb.Fatalf("%s: %d %v", method, a.status, err)
	}
	return a
}

// begin begins a session, and returns its cookie.
func begin(tb testing.TB, c *http.Client, url string) string {
	tb.Helper()
	return tokenOf(tb, must(tb, c, http.MethodPost, url+"/begin", ""))
}

func tokenOf(tb testing.TB, a answer) string {
	tb.Helper()
	set, err := http.ParseSetCookie(a.set)
	if err != nil || set.Value == "" {
		tb.Fatal("no cookie was set:", err)
	}
	return set.Name + "=" + set.Value
}

// look returns the board of a session that has to be there.
func look(tb testing.TB, c *http.Client, url, token string) (b board) {
	tb.Helper()
	a := must(tb, c, http.MethodGet, url+"/look", token)
	if err := json.Unmarshal([]byte(a.text), &b); err != nil {
		tb.Fatalf("no session: %d %q %v", a.status, a.text, err)
	}
	return b
}

// byMany does something so many times, each with a number, by so many at once, and returns how long each took. An error ends the test.
func byMany(tb testing.TB, times, workers int, do func(i int) (time.Duration, error)) []time.Duration {
	tb.Helper()
	took := make([]time.Duration, times)
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for failed.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= times {
					return
				}
				var err error
				if took[i], err = do(i); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		tb.Fatal(*err)
	}
	return took
}
