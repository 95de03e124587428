package ktor_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/compat/ktor"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

// User is data class User(val userId: String, val cart: List<String>).
type User struct {
	ID   string   `ktor:"userId"`
	Cart []string `ktor:"cart"`
}

// The kind's name is the cookie's.
var userSessions = satchel.NewKind[User]("SESSION")

// Ktor: cookie<User>("SESSION") { transform(SessionTransportTransformerMessageAuthentication(key)) }.
func ExampleByValue() {
	key := []byte("32 random bytes that Ktor has too")
	sessions := satchel.Must(satchel.New(
		ktor.ByValue(userSessions, ktor.Config[User]{Transform: core.Chain{ktor.Must(ktor.MessageAuthentication(ktor.SHA256, key))}}),
	))

	// What nethttp.Wrap(mux, sessions) does for each request:
	ex := sessions.Open(satchel.Arrived{})
	if err := userSessions.Set(ex.Context(context.Background()), User{ID: "id2"}); err != nil {
		fmt.Println(err)
	}
	out, err := ex.Commit(context.Background())
	fmt.Println(string(out[0].Token), err)
	line, err := out[0].Transport.Cookie.Send("the token", 0, 0)
	fmt.Println(line, err)
	// Output:
	// {"userId":"id2","cart":[]}/049de4cfb3fddff82a16888517c0b4ff06cce3213e4dc4bcdc936df863aeb437 <nil>
	// SESSION=the+token; Max-Age=604800; Expires=Thu, 08 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; $x-enc=URI_ENCODING <nil>
}

// Ktor: cookie<User>("SESSION", directorySessionStorage(File("sessions"), cached = false)).
func ExampleByID() {
	dir, err := os.MkdirTemp("", "sessions")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	_ = os.MkdirAll(filepath.Join(dir, "ab"), 0o700)
	_ = os.WriteFile(filepath.Join(dir, "ab", "cd.dat"), []byte(`{"userId":"id2","cart":["tea"]}`), 0o600) // by Ktor

	storage, err := ktor.OpenDirectory(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer storage.Close()
	sessions := satchel.Must(satchel.New(ktor.ByID(userSessions, storage, ktor.Config[User]{LostUpdates: true})))

	ex := sessions.Open(satchel.Arrived{"SESSION": "abcd"})
	fmt.Println(userSessions.Get(ex.Context(context.Background())))
	// Output: {id2 [tea]} true <nil>
}

func ExampleOpenDirectory() {
	dir, err := os.MkdirTemp("", "sessions")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	d, err := ktor.OpenDirectory(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer d.Close()
	err = d.Create(context.Background(), "id1", core.Record{Body: "cart=%23cl&userId=%23sid2"})
	text, _ := os.ReadFile(filepath.Join(dir, "id", "1.dat"))
	fmt.Println(string(text), err)
	// Output: cart=%23cl&userId=%23sid2 <nil>
}

func ExampleMessageAuthentication() {
	t, err := ktor.MessageAuthentication(ktor.SHA256, []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := t.Out(core.Frame{}, nil, nil, []byte("777"))
	fmt.Println(string(token), err)
	// Output: 777/aafc9ef69eb3fe7a128aaeef0bb3c747a922bf861dbdf91cf52cf8e8daeb3bda <nil>
}

func ExampleWeakDigest() {
	t, err := ktor.WeakDigest(ktor.SHA256, "ktor")
	if err != nil {
		fmt.Println(err)
		return
	}
	value, refusal := t.In(core.Frame{}, nil, []byte("666/c2d4eaad4fe0bc6dbd0584cdf36929d79d52d7a748d1cc02835a71131a0963fb"))
	fmt.Println(string(value), refusal)
	// Output: 666 none
}

func ExampleEncrypt() {
	t, err := ktor.Encrypt(ktor.Encryption{
		Key:            []byte("0123456789abcdef"),
		SignKey:        []byte("another key"),
		Before300Until: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := t.Out(core.Frame{}, []byte("sixteen bytes IV"), nil, []byte("hello"))
	fmt.Println(string(token), err)
	// Output: 7369787465656e206279746573204956/f8a6ed02e290a767477703c54fe5c98a:f70a74ec9aadaaa1db35d4c275344cad47851cf61408960a8b87ed956377cc5b <nil>
}

// From now on cookies are sealed, and until March those of Ktor are read.
func ExampleMigrating() {
	old := core.Chain{ktor.Must(ktor.MessageAuthentication(ktor.SHA256, []byte("k")))}
	ring, err := crypto.ParseKeyring("k1:primary:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE")
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := ktor.Migrating(old, time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC), crypto.Seal(ring))
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := old.Out(core.Frame{}, nil, nil, []byte("v"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, now := range []time.Time{time.Date(2027, 2, 28, 0, 0, 0, 0, time.UTC), time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)} {
		value, refusal := t.In(core.Frame{Now: now.UnixMilli()}, nil, token)
		fmt.Printf("%q %v\n", value, refusal)
	}
	// Output:
	// "v" none
	// "" unknown-version
}

// Ktor: cookie<User>("SESSION", storage) { identity { call -> call.request.headers["X-Device"]!! } }.
func ExampleRiskyIdentity() {
	sessions := satchel.Must(satchel.New(ktor.ByID(userSessions, store.NewMemory(), ktor.Config[User]{RiskyIDs: true})))
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { // what nethttp.Wrap does
		ex := sessions.Open(satchel.Arrived{})
		if err := userSessions.Set(ex.Context(r.Context()), User{ID: "id2"}); err != nil {
			fmt.Println(err)
		}
		out, err := ex.Commit(r.Context())
		fmt.Println(string(out[0].Token), err)
	})
	h := ktor.RiskyIdentity(handler, "SESSION", func(r *http.Request) string { return r.Header.Get("X-Device") })

	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
	r.Header.Set("X-Device", "phone-1")
	h.ServeHTTP(httptest.NewRecorder(), r)
	// Output: phone-1 <nil>
}
