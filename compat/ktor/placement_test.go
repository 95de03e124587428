package ktor_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/compat/ktor"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

type testUser struct {
	ID   string   `ktor:"userId"`
	Cart []string `ktor:"cart"`
}

var testUsers = satchel.NewKind[testUser]("SESSION")

// exchange carries out what a handler does with a token, and returns what the client is told.
func exchange(t *testing.T, s *satchel.Sessions, ctx context.Context, token core.Token, do func(ctx context.Context)) satchel.Outcome { //nolint:revive // t comes first
	t.Helper()
	ex := s.Open(satchel.Arrived{"SESSION": token})
	defer ex.Close()
	do(ex.Context(ctx))
	out, err := ex.Commit(ctx)
	if err != nil || len(out) != 1 {
		t.Fatalf("%v, %v", out, err)
	}
	return out[0]
}

func set(t *testing.T, u testUser) func(context.Context) {
	t.Helper()
	return func(ctx context.Context) {
		if err := testUsers.Set(ctx, u); err != nil {
			t.Error(err)
		}
	}
}

func want(t *testing.T, u testUser, there bool) func(context.Context) {
	t.Helper()
	return func(ctx context.Context) {
		if got, ok, err := testUsers.Get(ctx); got.ID != u.ID || len(got.Cart) != len(u.Cart) || ok != there || err != nil {
			t.Errorf("reads %+v, %v, %v, want %+v, %v", got, ok, err, u, there)
		}
	}
}

// K4 as a whole kind: what a cookie of Ktor 3 holds, by the preset's one line.
func TestByValue(t *testing.T) {
	encrypt := ktor.Must(ktor.Encrypt(ktor.Encryption{Key: make([]byte, 16), SignKey: []byte("k")}))
	mac := ktor.Must(ktor.MessageAuthentication(ktor.SHA256, []byte("k")))
	for _, c := range []struct {
		chain    core.Chain
		readable bool
	}{{nil, true}, {core.Chain{mac}, true}, {core.Chain{encrypt}, false}, {core.Chain{encrypt, mac}, false}} {
		s := satchel.Must(satchel.New(ktor.ByValue(testUsers, ktor.Config[testUser]{Transform: c.chain})))
		if p := s.Placed()[0]; p.Readable != c.readable || p.Transport.Cookie.Name() != "SESSION" {
			t.Errorf("%+v", p)
		}
		u := testUser{ID: "id2", Cart: []string{}}
		sent := exchange(t, s, t.Context(), "", set(t, u))
		if sent.Action != core.SendToken {
			t.Fatal(sent.Action)
		}
		if c.chain == nil && string(sent.Token) != `{"userId":"id2","cart":[]}` {
			t.Errorf("%s", string(sent.Token))
		}
		// Long after, it is still read, changed and cleared: these formats know no time.
		exchange(t, s, t.Context(), sent.Token, want(t, u, true))
		if again := exchange(t, s, t.Context(), sent.Token, set(t, testUser{ID: "id3"})); again.Action != core.SendToken || again.Token == sent.Token {
			t.Error(again.Action)
		}
		if ended := exchange(t, s, t.Context(), sent.Token, func(ctx context.Context) {
			if err := testUsers.Clear(ctx); err != nil {
				t.Error(err)
			}
		}); ended.Action != core.SendClear {
			t.Error(ended.Action)
		}
		if refused := exchange(t, s, t.Context(), "INVALID", want(t, testUser{}, false)); refused.Action != core.SendNothing {
			t.Errorf("a bad token: %v", refused.Action)
		}
	}
}

// A save sends the ID again, as in Ktor, where the cookie's life counts from the last set; nothing changed sends nothing.
func TestByID(t *testing.T) {
	dir := t.TempDir()
	d, err := ktor.OpenDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := satchel.New(ktor.ByID(testUsers, d, ktor.Config[testUser]{})); err == nil || !strings.Contains(err.Error(), "LostUpdates") {
		t.Errorf("a store without compare-and-swap: %v", err)
	}
	s := satchel.Must(satchel.New(ktor.ByID(testUsers, d, ktor.Config[testUser]{Serializer: ktor.Reflection[testUser](), LostUpdates: true})))
	sent := exchange(t, s, t.Context(), "", set(t, testUser{ID: "id2"}))
	id := string(sent.Token)
	if len(id) != 64 || strings.Trim(id, "0123456789abcdef") != "" {
		t.Fatalf("an ID of %d characters", len(id))
	}
	var pieces []string
	for i := 0; i < 64; i += 2 {
		pieces = append(pieces, id[i:i+2])
	}
	path := filepath.Join(dir, filepath.Join(pieces...)) + ".dat"
	if text, err := os.ReadFile(path); string(text) != "cart=%23cl&userId=%23sid2" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if again := exchange(t, s, t.Context(), sent.Token, set(t, testUser{ID: "id3"})); again.Action != core.SendToken || again.Token != sent.Token {
		t.Errorf("a save: %v", again.Action)
	}
	if same := exchange(t, s, t.Context(), sent.Token, set(t, testUser{ID: "id3"})); same.Action != core.SendNothing {
		t.Errorf("the same: %v", same.Action)
	}
	// Two changes in one exchange, and a rotation, which Ktor does not have.
	rotated := exchange(t, s, t.Context(), sent.Token, func(ctx context.Context) {
		for range 2 {
			if _, err := testUsers.Update(ctx, func(u testUser) testUser { u.Cart = append(u.Cart, "tea"); return u }); err != nil {
				t.Error(err)
			}
		}
		if err := testUsers.Rotate(ctx); err != nil {
			t.Error(err)
		}
	})
	if rotated.Token == sent.Token || len(rotated.Token) != 64 {
		t.Error("not rotated")
	}
	exchange(t, s, t.Context(), rotated.Token, want(t, testUser{ID: "id3", Cart: []string{"tea", "tea"}}, true))
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the old file: %v", err)
	}
	// A record that does not deserialize is an ordinary visitor's, and stays; an ID that nobody has is not adopted.
	exchange(t, s, t.Context(), "..", want(t, testUser{}, false))
	if adopted := exchange(t, s, t.Context(), "chosen", set(t, testUser{ID: "x"})); adopted.Token == "chosen" {
		t.Error("adopted")
	}
	if err := os.WriteFile(filepath.Join(dir, "ab.dat"), []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	exchange(t, s, t.Context(), "ab", want(t, testUser{}, false))
	if text, err := os.ReadFile(filepath.Join(dir, "ab.dat")); string(text) != "garbage" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

// IDs of every version of Ktor are read.
func TestIDsOfAllLengths(t *testing.T) {
	s := satchel.Must(satchel.New(ktor.ByID(testUsers, filled(t, "0123456789abcdef", 16, 32, 64), ktor.Config[testUser]{})))
	for _, n := range []int{16, 32, 64} {
		exchange(t, s, t.Context(), core.Token(strings.Repeat("0123456789abcdef", 4)[:n]), want(t, testUser{ID: "u"}, true))
	}
}

func filled(t *testing.T, id string, lengths ...int) store.Store {
	t.Helper()
	m := store.NewMemory()
	for _, n := range lengths {
		rec := core.Record{Revision: 1, Deadline: core.MaxInstant, Body: `{"userId":"u","cart":[]}`}
		if err := m.Create(t.Context(), core.Key(strings.Repeat(id, 4)[:n]), rec); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// A header is sent as it is, and not when the session ends.
func TestHeader(t *testing.T) {
	s := satchel.Must(satchel.New(ktor.ByValue(testUsers, ktor.Config[testUser]{Header: "X-Session"})))
	sent := exchange(t, s, t.Context(), "", set(t, testUser{ID: "a b"}))
	if sent.Transport.Header != "X-Session" || string(sent.Token) != `{"userId":"a b","cart":[]}` {
		t.Error(string(sent.Token))
	}
	if ended := exchange(t, s, t.Context(), sent.Token, func(ctx context.Context) { _ = testUsers.Clear(ctx) }); ended.Action != core.SendNothing {
		t.Error(ended.Action)
	}
	if _, err := satchel.New(ktor.ByValue(testUsers, ktor.Config[testUser]{Header: "X-Session", Cookie: ktor.Cookie{Secure: true}})); err == nil {
		t.Error("a header and a cookie")
	}
	if _, err := satchel.New(ktor.ByValue(testUsers, ktor.Config[testUser]{Cookie: ktor.Cookie{MaxAge: -1}})); err == nil {
		t.Error("a negative MaxAge")
	}
}

func TestRiskyIdentity(t *testing.T) {
	memory := store.NewMemory()
	s := satchel.Must(satchel.New(ktor.ByID(testUsers, memory, ktor.Config[testUser]{RiskyIDs: true})))
	safe := satchel.Must(satchel.New(ktor.ByID(testUsers, memory, ktor.Config[testUser]{})))
	h := ktor.RiskyIdentity(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if sent := exchange(t, s, r.Context(), "", set(t, testUser{ID: "id2"})); sent.Token != "ann" {
			t.Errorf("%q", string(sent.Token))
		}
		if sent := exchange(t, safe, r.Context(), "", set(t, testUser{ID: "id2"})); len(sent.Token) != 64 {
			t.Errorf("without RiskyIDs: %q", string(sent.Token))
		}
		ex := s.Open(satchel.Arrived{})
		set(t, testUser{ID: "another"})(ex.Context(r.Context()))
		if _, err := ex.Commit(r.Context()); err == nil {
			t.Error("another one's session is overwritten")
		}
	}), "SESSION", func(r *http.Request) string { return r.Header.Get("X-Id") })
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Header.Set("X-Id", "ann")
	h.ServeHTTP(httptest.NewRecorder(), r)
	if rec, err := memory.Load(t.Context(), "ann"); err != nil || rec.Body != `{"userId":"id2","cart":[]}` {
		t.Error(rec.Body, err)
	}
	if sent := exchange(t, s, ktor.WithRiskyID(t.Context(), "SESSION", ""), "", set(t, testUser{})); len(sent.Token) != 64 {
		t.Errorf("with an empty ID: %q", string(sent.Token))
	}
}
