package main

import (
	"context"
	"errors"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// opened is a shop that a test has opened.
type opened struct {
	*httptest.Server
	kept *faultyStore
}

func open(t *testing.T) opened {
	t.Helper()
	keys := filepath.Join(t.TempDir(), "keys")
	if _, err := satchel.MakeKeyFile(keys); err != nil {
		t.Fatal(err)
	}
	kept := &faultyStore{Store: store.NewMemory()}
	log := slog.New(slog.DiscardHandler)
	sessions, err := place(kept, satchel.KeysFromFile(keys), false, log)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(newShop(sessions, false, log))
	t.Cleanup(server.Close)
	return opened{server, kept}
}

// faultyStore is a store with switches.
type faultyStore struct {
	store.Store
	down       atomic.Bool // cannot be asked
	readOnly   atomic.Bool // cannot be written
	conflicted atomic.Bool // every change comes too late

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
	switch {
	case f.down.Load() || f.readOnly.Load():
		return errDown
	case f.conflicted.Load():
		return store.ErrConflict
	}
	return f.Store.Replace(ctx, key, at, rec)
}

func (f *faultyStore) Delete(ctx context.Context, key core.Key, at uint64) error {
	if f.down.Load() || f.readOnly.Load() {
		return errDown
	}
	return f.Store.Delete(ctx, key, at)
}

// browser is a client with cookies, at one shop.
type browser struct {
	t    *testing.T
	shop opened
	http *http.Client
}

func (o opened) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, o, &http.Client{Jar: jar}}
}

// seen is an answer after all redirects, its text without entities.
type seen struct {
	status int
	header http.Header
	text   string
}

func (b *browser) do(req *http.Request) seen {
	b.t.Helper()
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return seen{res.StatusCode, res.Header, html.UnescapeString(string(text))}
}

func (b *browser) request(method, path, body string) *http.Request {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.shop.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	return req
}

func (b *browser) get(path string) seen {
	b.t.Helper()
	return b.do(b.request(http.MethodGet, path, ""))
}

// post sends a form, its fields in pairs of name and value.
func (b *browser) post(path string, fields ...string) seen {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	req := b.request(http.MethodPost, path, form.Encode())
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(req)
}

// cookie returns the value of a cookie that the browser holds, or "".
func (b *browser) cookie(name string) string {
	b.t.Helper()
	for _, c := range b.http.Jar.Cookies(b.url()) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// paste puts a cookie into the browser, as whoever has copied it would.
func (b *browser) paste(name, value string) {
	b.t.Helper()
	b.http.Jar.SetCookies(b.url(), []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

func (b *browser) url() *url.URL {
	b.t.Helper()
	u, err := url.Parse(b.shop.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	return u
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
