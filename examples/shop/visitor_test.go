package main

import (
	"context"
	"errors"
	"html"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// opened is a shop that a test has opened.
type opened struct {
	url     string
	program *satcheltest.Program
	kept    *faultyStore
}

// served is the adapter that a test's shops are served by.
var served string

// onEach runs a test with the shop on each adapter: the same pages, and the same tests.
func onEach(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(adapters)) {
		t.Run(name, func(t *testing.T) {
			served = name
			test(t)
		})
	}
}

func open(t *testing.T) opened { return openAs(t, options{memory: true}) }

func openAs(t *testing.T, o options) opened {
	t.Helper()
	kept := &faultyStore{Store: store.NewMemory()}
	log := slog.New(slog.DiscardHandler)
	clock := new(satcheltest.Clock)
	clock.Set(time.Now()) // for what the pages say of how long ago something was
	sessions, err := place(satchel.Config{Clock: clock.Now}, kept, satcheltest.Keys(t), o.https)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := adapters[served](&shop{o, sessions, log})
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		limit, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(limit); err != nil {
			t.Error(err)
		}
		<-done
	})
	return opened{"http://" + listener.Addr().String(), &satcheltest.Program{Sessions: sessions, Clock: clock}, kept}
}

// faultyStore is a store with switches.
type faultyStore struct {
	store.Store
	down     atomic.Bool // cannot be asked
	readOnly atomic.Bool // cannot be written

	// The next so many loads wait for each other, so that all have read before any can write.
	meeting atomic.Int32
	met     sync.WaitGroup
}

func (f *faultyStore) meet(loads int) {
	f.met.Add(loads)
	f.meeting.Store(int32(loads))
}

var errDown = errors.New("the store is down")

func (f *faultyStore) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if f.down.Load() {
		return core.Record{}, errDown
	}
	rec, err := f.Store.Load(ctx, key)
	if f.meeting.Add(-1) >= 0 {
		f.met.Done()
		f.met.Wait()
	}
	return rec, err
}

func (f *faultyStore) Create(ctx context.Context, key core.Key, rec core.Record) error {
	if f.down.Load() || f.readOnly.Load() {
		return errDown
	}
	return f.Store.Create(ctx, key, rec)
}

func (f *faultyStore) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if f.down.Load() || f.readOnly.Load() {
		return errDown
	}
	return f.Store.Replace(ctx, key, at, rec)
}

func (f *faultyStore) Delete(ctx context.Context, key core.Key, at uint64) error {
	if f.down.Load() || f.readOnly.Load() {
		return errDown
	}
	return f.Store.Delete(ctx, key, at)
}

// browser is a visitor of one shop.
type browser struct {
	*satcheltest.Client
	t *testing.T
}

func (o opened) browser(t *testing.T) browser {
	t.Helper()
	c := o.program.Client(nil)
	c.URL = o.url
	return browser{c, t}
}

// seen is an answer after all redirects, its text without entities.
type seen struct {
	status int
	header http.Header
	text   string
}

func (b browser) get(path string) seen {
	b.t.Helper()
	return see(b.Get(b.t, path))
}

// post sends a form, its fields in pairs of name and value.
func (b browser) post(path string, fields ...string) seen {
	b.t.Helper()
	return see(b.Post(b.t, path, fields...))
}

// send sends a request with header fields, in pairs of name and value.
func (b browser) send(method, path, body string, fields ...string) seen {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		req.Header.Set(fields[i], fields[i+1])
	}
	return see(b.Do(b.t, req))
}

func see(a satcheltest.Answer) seen {
	return seen{a.StatusCode, a.Header, html.UnescapeString(a.Text)}
}

func (s seen) has(t *testing.T, status int, texts ...string) {
	t.Helper()
	if s.status != status {
		t.Errorf("status %d, want %d", s.status, status)
	}
	for _, text := range texts {
		if !strings.Contains(s.text, text) {
			t.Errorf("no %q in %s", text, s.text)
		}
	}
}

func (s seen) lacks(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(s.text, text) {
			t.Errorf("%q in %s", text, s.text)
		}
	}
}
