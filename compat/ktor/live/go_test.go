package live_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/compat/ktor"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// User is Main.kt's.
type User struct {
	ID     string   `ktor:"userId"`
	Cart   []string `ktor:"cart"`
	Visits int      `ktor:"visits"`
}

func (u User) text() string {
	return fmt.Sprintf("%s|%s|%d", u.ID, strings.Join(u.Cart, ","), u.Visits)
}

var serializers = map[string]codec.Codec[User]{
	"json": nil, "reflection": ktor.Reflection[User](), "compatible": ktor.BackwardCompatible[User](),
}

func counting(from, size int) []byte {
	key := make([]byte, size)
	for i := range key {
		key[i] = byte(from + i)
	}
	return key
}

func mac(h ktor.Hash) core.Transform {
	return ktor.Must(ktor.MessageAuthentication(h, counting(1, 32)))
}

func encrypt(size int, old time.Time) core.Transform {
	return ktor.Must(ktor.Encrypt(ktor.Encryption{Key: counting(0, size), SignKey: counting(1, 32), Before300Until: old}))
}

var transformers = map[string]core.Chain{
	"none":       nil,
	"mac1":       {mac(ktor.SHA1)},
	"mac256":     {mac(ktor.SHA256)},
	"mac384":     {mac(ktor.SHA384)},
	"mac512":     {mac(ktor.SHA512)},
	"encrypt128": {encrypt(16, time.Time{})},
	"encrypt192": {encrypt(24, time.Time{})},
	"encrypt256": {encrypt(32, time.Time{})},
	"old":        {encrypt(16, time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC))},
	"chain":      {encrypt(32, time.Time{}), mac(ktor.SHA256)},
}

var encodings = []ktor.Encoding{ktor.URI, ktor.Raw, ktor.DQuotes, ktor.Base64}

// way is one way in which sessions are made, on both sides.
type way struct {
	path   string
	header string
	config ktor.Config[User]
	store  store.Store // nil by value
}

// ways are all combinations, as Main.kt has them.
func ways(directory, memory store.Store) []way {
	var all []way
	for s, serializer := range serializers {
		for t, chain := range transformers {
			config := ktor.Config[User]{Serializer: serializer, Transform: chain}
			add := func(path, end string, kept store.Store) {
				config.LostUpdates = kept != nil
				for _, e := range encodings {
					c := config
					c.Cookie.Encoding = e
					all = append(all, way{path: "/cookie" + path + "/" + e.String() + end, config: c, store: kept})
				}
				c := config
				c.Header = "X-Session"
				all = append(all, way{path: "/header" + path + end, header: c.Header, config: c, store: kept})
			}
			add("/value/"+s+"/"+t, "", nil)
			add("/id/"+s+"/"+t, "/memory", memory)
			add("/id/"+s+"/"+t, "/directory", directory)
		}
	}
	return all
}

var users = satchel.NewKind[User]("SESSION")

// serve is Main.kt's fun Route.sessions.
func serve(t *testing.T, mux *http.ServeMux, w way) {
	t.Helper()
	placement := ktor.ByValue(users, w.config)
	if w.store != nil {
		placement = ktor.ByID(users, w.store, w.config)
	}
	sessions, err := satchel.New(placement)
	if err != nil {
		t.Fatal(w.path, err)
	}
	outer := func(h http.Handler) http.Handler { return h }
	if w.config.RiskyIDs {
		outer = func(h http.Handler) http.Handler {
			return ktor.RiskyIdentity(h, users.Name(), func(r *http.Request) string { return r.Header.Get("X-Id") })
		}
	}
	do := func(verb string, f func(ctx context.Context, r *http.Request) (string, error)) {
		mux.Handle(w.path+verb, outer(nethttp.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text, err := f(r.Context(), r)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			_, _ = w.Write([]byte(text))
		}), sessions)))
	}
	do("/get", func(ctx context.Context, _ *http.Request) (string, error) {
		u, ok, err := users.Get(ctx)
		if !ok {
			return "none", err
		}
		return u.text(), err
	})
	do("/set", func(ctx context.Context, r *http.Request) (string, error) {
		q := r.URL.Query()
		visits, err := strconv.Atoi(q.Get("visits"))
		if err != nil {
			return "", err
		}
		u := User{ID: q.Get("userId"), Cart: q["cart"], Visits: visits}
		return u.text(), users.Set(ctx, u)
	})
	do("/clear", func(ctx context.Context, _ *http.Request) (string, error) { return "none", users.Clear(ctx) })
}

func startGo(t *testing.T, ways []way) string {
	t.Helper()
	mux := http.NewServeMux()
	for _, w := range ways {
		serve(t, mux, w)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}
