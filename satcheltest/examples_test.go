package satcheltest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

var themes = satchel.NewKind[string]("theme")

// place is how the application of these examples places its kinds. Main hands it what it has opened, a test hands it
// others.
func place(c satchel.Config, kept store.Store, keys satchel.Keys) (*satchel.Sessions, error) {
	return c.New(
		carts.ServerSide(kept).With(satchel.Options{Idle: time.Hour}),
		themes.ClientSide(keys, satchel.Unrevocable),
	)
}

func ExamplePlace() {
	t := newTestOf("TestPlaces")
	shop := satcheltest.Place(t, func(c satchel.Config) (*satchel.Sessions, error) {
		return place(c, store.NewMemory(), satcheltest.Keys(t))
	})
	ann := satcheltest.Set(t, shop.Client(nil), carts, Cart{Items: []string{"tea"}})
	shop.Clock.Advance(59 * time.Minute)
	fmt.Println(satcheltest.Value(t, ann, carts))
	shop.Clock.Advance(time.Minute)
	fmt.Println(satcheltest.Value(t, ann, carts))
	// Output:
	// {[tea]} true
	// {[]} false
}

func ExampleSignIn() {
	t := newTestOf("TestSignedIn")
	shop := satcheltest.New(t, carts.ServerSide(store.NewMemory()))
	whoAmI := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		about, err := carts.About(r.Context())
		fmt.Fprint(w, about.Subject, err)
	})
	h := nethttp.Wrap(whoAmI, shop.Sessions)
	fmt.Println(satcheltest.SignIn(t, shop.Client(h), carts, "ann", Cart{}).Get(t, "/who").Text)
	// Output: ann<nil>
}

func ExampleClient_Paste() {
	t := newTestOf("TestCopiedToken")
	shop := satcheltest.New(t, carts.ServerSide(store.NewMemory()))
	ann := satcheltest.Set(t, shop.Client(nil), carts, Cart{Items: []string{"tea"}})
	thief := shop.Client(nil)
	thief.Paste(t, carts, ann.Token(t, carts))
	fmt.Println(satcheltest.Value(t, thief, carts))

	satcheltest.SignIn(t, ann, carts, "ann", Cart{}) // which rotates
	fmt.Println(satcheltest.Value(t, thief, carts))
	// Output:
	// {[tea]} true
	// {[]} false
}

func ExampleClock() {
	var clock satcheltest.Clock
	clock.Advance(90 * time.Second)
	fmt.Println(clock.Now())
	// Output: 2026-11-23 09:01:30 +0000 UTC
}

func ExampleEntropy() {
	var a, b [4]byte
	_, _ = io.ReadFull(satcheltest.Entropy("node 1"), a[:])
	_, _ = io.ReadFull(satcheltest.Entropy("node 1"), b[:])
	fmt.Println(a == b)
	// Output: true
}

func ExampleNewJar() {
	jar := satcheltest.NewJar(nil)
	u := &url.URL{Scheme: "http", Host: "localhost", Path: "/"}
	fmt.Println(jar.Receive(u, "__Host-cart=t; Path=/; Secure; HttpOnly"))
	fmt.Println(jar.Receive(u, "__Host-theme=t; Path=/"))
	fmt.Println(jar.Cookies(u))
	// Output:
	// <nil>
	// a browser would drop the cookie "__Host-theme": its prefix demands Secure
	// [__Host-cart=t]
}

func ExampleHandler() {
	client := http.Client{Transport: satcheltest.Handler(http.NotFoundHandler())}
	res, err := client.Get("https://shop.example/")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	fmt.Println(res.Status)
	// Output: 404 Not Found
}

func ExampleProgram_Replay() {
	t := newTestOf("TestIncident")
	dir, remove := tempDir()
	defer remove()
	incident := filepath.Join(dir, "incident.txt")

	shop := satcheltest.New(t, carts.ServerSide(store.NewMemory()))
	ann := satcheltest.Set(t, shop.Client(nil), carts, Cart{Items: []string{"tea"}})
	satcheltest.SignIn(t, ann, carts, "ann", Cart{})
	shop.WriteTranscript(t, incident, carts)

	later := satcheltest.New(t, carts.ServerSide(store.NewMemory()))
	later.Replay(t, incident)
	fmt.Println("failed:", t.Failed())
	// Output: failed: false
}
