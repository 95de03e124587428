package nethttp_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/satcheltest"
)

// Whatever a client sends as its cookies and as the header field of a kind, it is a visitor: no panic, no 500, no session
// without its token, and nothing told that was not wanted. A write gives one cookie of a name.
func FuzzCookieHeader(f *testing.F) {
	w := newWorld()
	ring := satcheltest.Keys(f)
	// The tokens among the seeds are the same ones in every process that fuzzes.
	sessions := satchel.Must(satchel.Config{Clock: w.Clock.Now, Entropy: rand.NewChaCha8([32]byte{})}.New(
		carts.ServerSide(w), notes.ClientSide(ring, satchel.Unrevocable), counter.ServerSide(w).With(satchel.Options{Header: "X-Visits"}),
	))
	h := nethttp.Wrap(pages{
		"/read": func(_ http.ResponseWriter, r *http.Request) (string, error) {
			_, isCart, err1 := carts.Get(r.Context())
			_, isNote, err2 := notes.Get(r.Context())
			_, isCount, err3 := counter.Get(r.Context())
			return fmt.Sprint(isCart, isNote, isCount), errors.Join(err1, err2, err3)
		},
		"/write": func(_ http.ResponseWriter, r *http.Request) (string, error) {
			return "", notes.Set(r.Context(), "n")
		},
	}.mux(), sessions)
	ask := func(path, cookies, field string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header["Cookie"], r.Header["X-Visits"] = strings.Split(cookies, "\n"), strings.Split(field, "\n")
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		return rec.Result()
	}
	begun := map[string]string{}
	rec := httptest.NewRecorder()
	nethttp.Wrap(page(func(_ http.ResponseWriter, r *http.Request) (string, error) {
		if err := notes.Set(r.Context(), "n"); err != nil {
			return "", err
		}
		return "", carts.Set(r.Context(), cart{Items: []string{"tea"}})
	}), sessions).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
	for _, c := range rec.Result().Cookies() {
		begun[c.Name] = c.Value
	}
	server, client := begun["__Host-cart"], begun["__Host-note"]
	if server == "" || client == "" {
		f.Fatal(begun)
	}
	for _, seed := range []string{
		"", "=", ";", "%zz", "__Host-cart", "__Host-cart=", "__Host-note=%", `__Host-cart="x"`, "__Host-cart=\x00\xff",
		"__Host-cart=" + server, "__Host-note=" + client, "__Host-cart=" + server + "; __Host-note=" + client,
		"__Host-cart=" + client + "; __Host-note=" + server, "__Host-note=" + client[:len(client)-1], "__Host-note=" + client + "=",
		"__Host-cart=" + server + "\n__Host-cart=x", "__Host-cart=x; __Host-cart=" + server, strings.Repeat("__Host-note="+client+"; ", 3),
		"__Host-note=A" + client[1:], "__Host-note=" + strings.Repeat("A", 5000), strings.Repeat("__Host-cart ;=", 500),
	} {
		f.Add(seed, "")
		f.Add("", seed)
		f.Add(seed, server)
	}
	f.Fuzz(func(t *testing.T, cookies, field string) {
		records := w.Records()
		read := ask("/read", cookies, field)
		body := make([]byte, 64)
		n, _ := read.Body.Read(body)
		if read.StatusCode != 200 || len(read.Header["Set-Cookie"]) != 0 || read.Header.Get("X-Visits") != "" || w.Records() != records {
			t.Errorf("%d, %q, %d new records", read.StatusCode, read.Header, w.Records()-records)
		}
		want := fmt.Sprint(strings.Contains(cookies, server), strings.Contains(cookies, client), false)
		for i, ok := range strings.Fields(string(body[:n])) {
			if ok == "true" && strings.Fields(want)[i] == "false" {
				t.Errorf("a session without its token: %s", body[:n])
			}
		}
		lines := ask("/write", cookies, field)
		if lines.StatusCode == 409 && strings.Count(cookies, client) > 1 {
			return // two good tokens of one name
		}
		got := lines.Header["Set-Cookie"]
		if kept := len(got) == 0 && strings.Contains(cookies, client); lines.StatusCode != 200 ||
			!kept && (len(got) != 1 || !strings.HasPrefix(got[0], "__Host-note=")) {
			t.Errorf("a write: %d, %q", lines.StatusCode, got)
		}
	})
}
