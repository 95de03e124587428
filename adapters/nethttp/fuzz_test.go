package nethttp_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/satcheltest"
)

// FuzzCookieHeader: whatever a client sends as its cookies and as the header field of a kind, it is a visitor: no panic, no 500, and nothing
// told that was not wanted. Where net/http reads the cookies, the sessions are there whose tokens stand in them, and no other are. A
// write gives one cookie, with which that session is there and the others are as they were. What a request costs is in proportion.
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
		if err := counter.Set(r.Context(), visits{1}); err != nil {
			return "", err
		}
		return "", carts.Set(r.Context(), cart{Items: []string{"tea"}})
	}), sessions).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
	for _, c := range rec.Result().Cookies() {
		begun[c.Name] = c.Value
	}
	server, client, visit := begun["__Host-cart"], begun["__Host-note"], rec.Header().Get("X-Visits")
	if server == "" || client == "" || visit == "" {
		f.Fatal(begun, visit)
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
		f.Add(seed, visit)
	}
	for _, field := range []string{visit + " ", "\t" + visit, visit + "\n" + visit, visit + "\nx", visit[1:], visit + "A", "," + visit} {
		f.Add("", field)
	}
	f.Fuzz(func(t *testing.T, cookies, field string) {
		records := w.Records()
		var read *http.Response
		need.Proportion(t, len(cookies)+len(field), func() { read = ask("/read", cookies, field) })
		if read.StatusCode != 200 || len(read.Header["Set-Cookie"]) != 0 || read.Header.Get("X-Visits") != "" || w.Records() != records {
			t.Errorf("%d, %q, %d new records", read.StatusCode, read.Header, w.Records()-records)
		}
		got := there(t, read)
		for i, want := range []presence{inCookies(cookies, "__Host-cart", server), inCookies(cookies, "__Host-note", client), inField(field, visit)} {
			if got[i] && want == absent || !got[i] && want == present {
				t.Errorf("cookies %q, field %q: that session %d is there is %v, want it %v", cookies, field, i, got[i], want)
			}
		}
		write := ask("/write", cookies, field)
		if write.StatusCode == 409 && (strings.Count(cookies, client) > 1 || named(cookies, "__Host-note") > 2) {
			return // two good tokens of one name, or more than are looked at
		}
		lines := write.Header["Set-Cookie"]
		if kept := len(lines) == 0 && strings.Contains(cookies, client); write.StatusCode != 200 || !kept && len(lines) != 1 {
			t.Fatalf("a write: %d, %q", write.StatusCode, lines)
		}
		if len(lines) == 0 {
			return
		}
		c, err := http.ParseSetCookie(lines[0])
		if err != nil || c.Name != "__Host-note" || c.Path != "/" || c.Domain != "" || !c.Secure || !c.HttpOnly {
			t.Fatalf("a write sets %q: %v", lines[0], err)
		}
		// A browser has this one cookie of the name then, and the others as they were.
		if next := there(t, ask("/read", without(cookies, c.Name)+"\n"+c.Name+"="+c.Value, field)); !next[1] || next[0] != got[0] || next[2] != got[2] {
			t.Errorf("cookies %q, field %q: there were %v, and after a write there are %v", cookies, field, got, next)
		}
	})
}

// there is which sessions a page has said to be there.
func there(t *testing.T, of *http.Response) (all [3]bool) {
	t.Helper()
	if n, err := fmt.Fscan(of.Body, &all[0], &all[1], &all[2]); n != len(all) || err != nil {
		t.Fatalf("a page that reads said so much of three sessions: %d, %v", n, err)
	}
	return all
}

// named counts the cookies of that name.
func named(cookies, name string) (count int) {
	for pair := range strings.FieldsFuncSeq(cookies, func(r rune) bool { return r == ';' || r == '\n' }) {
		if before, _, ok := strings.Cut(pair, "="); ok && strings.Trim(before, " \t") == name {
			count++
		}
	}
	return count
}

// without is what a browser sends that has no cookie of that name.
func without(cookies, name string) string {
	var kept []string
	for line := range strings.SplitSeq(cookies, "\n") {
		pairs := slices.DeleteFunc(strings.Split(line, ";"), func(pair string) bool {
			before, _, _ := strings.Cut(pair, "=")
			return strings.Trim(before, " \t") == name
		})
		kept = append(kept, strings.Join(pairs, ";"))
	}
	return strings.Join(kept, "\n")
}

// presence is whether a session has to be there.
type presence string

const (
	present presence = "present"
	absent  presence = "absent"
	either  presence = "either" // servers may read it one way or the other
)

// inCookies says it by net/http's own reading of cookies. That is strict: where it refuses a line, others may read on.
func inCookies(cookies, name, token string) presence {
	if !strings.Contains(cookies, token) {
		return absent
	}
	var values []string
	for line := range strings.SplitSeq(cookies, "\n") {
		all, err := http.ParseCookie(line)
		if err != nil && strings.Trim(line, " \t") != "" {
			return either
		}
		for _, c := range all {
			if c.Quoted { // some take quotes for a part of the value
				return either
			}
			if c.Name == name {
				values = append(values, c.Value)
			}
		}
	}
	switch {
	case len(values) == 1 && values[0] == token:
		return present
	case !slices.Contains(values, token):
		return absent
	}
	return either
}

// inField says it of a header field with one line.
func inField(lines, token string) presence {
	switch {
	case lines == token:
		return present
	case !strings.Contains(lines, token):
		return absent
	}
	return either
}
