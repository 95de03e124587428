package ktor_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/compat/ktor"
	"github.com/satchel-go/satchel/core"
)

// FuzzVisitor sends whatever it likes as the Cookie field, as the header, and as what the storage keeps under an ID. All of it
// passes every reader that a kind has, and each page is served: a visitor is no error, and reading sends and writes nothing.
func FuzzVisitor(f *testing.F) {
	for _, seed := range [][2]string{
		{"SESSION=%zz", "garbage"},
		{"SESSION=id1", `{"userId":"u","cart":[]}`},
		{`SESSION="id1"; $Version=1; SESSION=..`, "cart=%23cl%23sa&userId=%23su"},
		{"SESSION=aWQx", "cart=%23cl%2&userId=%23s"},
		{"SESSION=cart%3D%2523cl%26userId%3D%2523sid1", "cart=%23cl&userId=%23i1"},
		{"SESSION=%7B%22userId%22%3A%22u%22%2C%22cart%22%3A%5B%5D%7D", `{"userId":1}`},
		{"SESSION=00/00:00", ""},
		{"SESSION", "{"},
		{"", "#"},
	} {
		f.Add(seed[0], seed[1])
	}
	r := newRedis()
	pages := everyKind(f, r)
	f.Fuzz(func(t *testing.T, sent, kept string) {
		r.kept, r.until, r.writes = map[string]string{"id1": kept}, map[string]time.Duration{"id1": ttl}, 0
		for name, page := range pages {
			req := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			req.Header["Cookie"], req.Header["X-Session"] = []string{sent}, []string{sent}
			w := httptest.NewRecorder()
			page.ServeHTTP(w, req)
			if w.Code != http.StatusOK || len(w.Header()["Set-Cookie"])+len(w.Header()["X-Session"])+r.writes > 0 {
				t.Errorf("%s, of %q and %q: %d, sent %v, %d writes", name, sent, kept, w.Code, w.Header(), r.writes)
			}
		}
	})
}

// everyKind has a page for each serializer, each cookie encoding, by value and by ID, over a cookie and a header, with and without
// Encrypt.
func everyKind(t testing.TB, r *redis) map[string]http.Handler {
	t.Helper()
	encrypt := ktor.Must(ktor.Encrypt(ktor.Encryption{
		Key: make([]byte, 16), SignKey: []byte("k"), Before300Until: time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC),
	}))
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, err := testUsers.Get(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	pages := map[string]http.Handler{}
	for name, serializer := range map[string]codec.Codec[testUser]{
		"json": nil, "reflection": ktor.Reflection[testUser](), "compatible": ktor.BackwardCompatible[testUser](),
	} {
		for _, chain := range []core.Chain{nil, {encrypt}} {
			c := ktor.Config[testUser]{Serializer: serializer, Transform: chain, LostUpdates: true}
			add := func(name string, c ktor.Config[testUser]) {
				if chain != nil {
					name += ", encrypted"
				}
				pages[name+", by ID"] = nethttp.Wrap(page, satchel.Must(satchel.New(ktor.ByID(testUsers, ktor.SessionStorage(r), c))))
				c.LostUpdates = false
				pages[name+", by value"] = nethttp.Wrap(page, satchel.Must(satchel.New(ktor.ByValue(testUsers, c))))
			}
			for _, e := range []ktor.Encoding{ktor.URI, ktor.Raw, ktor.DQuotes, ktor.Base64} {
				c.Cookie.Encoding = e
				add(name+", "+e.String(), c)
			}
			c.Header, c.Cookie = "X-Session", ktor.Cookie{}
			add(name+", header", c)
		}
	}
	return pages
}
