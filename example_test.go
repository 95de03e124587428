package satchel_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

type Basket struct {
	Items []string `cbor:"1,keyasint"`
}

// A kind is a package's variable: a name and a type.
var baskets = satchel.NewKind[Basket]("basket")

// fixed stands in for the clock and the generator, so that the examples print the same each time. A program leaves both out.
func fixed() satchel.Config {
	return satchel.Config{
		Clock:   func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) },
		Entropy: rand.NewChaCha8([32]byte{}),
	}
}

// exampleKeys is a keyring's text. A real secret is 32 bytes of crypto/rand.
const exampleKeys = "k1:primary:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"

// Where each kind lives is one line in main. Middleware such as nethttp.Wrap opens and commits an exchange for each request.
func ExampleNew() {
	sessions, err := satchel.New(
		baskets.ServerSide(store.NewMemory()),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range sessions.Placed() {
		fmt.Println(p.Kind, p.Type, p.Transport.Cookie.Name())
	}
	// Output:
	// basket satchel_test.Basket __Host-basket
}

// All that is wrong with a configuration comes at once.
func ExampleNew_wrong() {
	_, err := satchel.New(
		baskets.ServerSide(nil).With(satchel.Options{Absolute: -time.Hour}),
		baskets.ClientSide(satchel.KeysFromEnv("NO_SUCH_KEYS"), satchel.Unrevocable),
	)
	fmt.Println(err)
	// Output:
	// satchel: kind "basket": Absolute: -1h0m0s is negative
	// satchel: kind "basket": no store
	// satchel: kind "basket": placed twice
}

func ExampleMust() {
	defer func() { fmt.Println(recover()) }()
	satchel.Must(satchel.New(baskets.ServerSide(nil)))
	// Output:
	// satchel: kind "basket": no store
}

func ExampleConfig_New() {
	config := fixed()
	config.Observer.Created = func(_ context.Context, e satchel.Event) {
		fmt.Println("created", e.Kind, e.Handle, e.At.UTC().Format(time.TimeOnly))
	}
	sessions := satchel.Must(config.New(baskets.ServerSide(store.NewMemory())))

	ex := sessions.Open(satchel.Arrived{})
	_ = baskets.Set(ex.Context(context.Background()), Basket{Items: []string{"tea"}})
	_, err := ex.Commit(context.Background())
	fmt.Println(err)
	// Output:
	// created basket 2Yd-zm02iqwab0GexifHaw 09:00:00
	// <nil>
}

func ExampleNewKind() {
	visits := satchel.NewKind[int]("visits")
	sessions := satchel.Must(satchel.New(visits.ServerSide(store.NewMemory())))

	ctx := sessions.Open(satchel.Arrived{}).Context(context.Background())
	n, ok, err := visits.Get(ctx)
	fmt.Println(n, ok, err)
	n, err = visits.Update(ctx, func(n int) int { return n + 1 })
	fmt.Println(n, err)
	// Output:
	// 0 false <nil>
	// 1 <nil>
}

// A value that other programs read is better kept as JSON than as CBOR.
func ExampleKind_WithCodec() {
	texts := satchel.NewKind[string]("text").WithCodec(codec.Text[string]())
	lists := satchel.NewKind[[]string]("list").WithCodec(codec.JSON[[]string]())
	_, err := satchel.New(texts.ServerSide(store.NewMemory()), lists.ServerSide(store.NewMemory()))
	fmt.Println(err)
	// Output:
	// <nil>
}

// Of a server-side session only an ID travels, and the store does not see even that.
func ExampleKind_ServerSide() {
	memory := store.NewMemory()
	sessions := satchel.Must(fixed().New(baskets.ServerSide(memory)))

	ex := sessions.Open(satchel.Arrived{})
	_ = baskets.Set(ex.Context(context.Background()), Basket{Items: []string{"tea"}})
	out, _ := ex.Commit(context.Background())
	fmt.Println(out[0].Action, len(out[0].Token), "characters;", memory.Stats().Records, "record")
	// Output:
	// sent 44 characters; 1 record
}

// A client-side session travels as a whole, sealed. A copy of its token opens until its absolute life is over.
func ExampleKind_ClientSide() {
	keys := satchel.KeysFromText(func(context.Context) (string, error) { return exampleKeys, nil })
	sessions := satchel.Must(fixed().New(baskets.ClientSide(keys, satchel.Unrevocable)))

	ex := sessions.Open(satchel.Arrived{})
	_ = baskets.Set(ex.Context(context.Background()), Basket{Items: []string{"tea"}})
	out, _ := ex.Commit(context.Background())
	fmt.Println(out[0].Action, len(out[0].Token), "characters, until", time.UnixMilli(out[0].Until).UTC().Format(time.DateTime))

	next := sessions.Open(satchel.Arrived{"basket": out[0].Token})
	fmt.Println(baskets.Get(next.Context(context.Background())))
	// Output:
	// sent 94 characters, until 2026-11-24 09:00:00
	// {[tea]} true <nil>
}

// Options stand on the placement's line. Every weaker choice has a name.
func ExamplePlacement_With() {
	sessions, err := satchel.New(baskets.ServerSide(store.NewMemory()).With(satchel.Options{
		Header:   "X-Basket",
		Idle:     2 * time.Hour,
		Absolute: satchel.Unlimited,
	}))
	fmt.Println(sessions.Placed()[0].Transport.Header, err)
	// Output:
	// X-Basket <nil>
}

func ExampleLogTo() {
	config := fixed()
	config.Observer = satchel.LogTo(slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{} // so that the output is the same each time
			}
			return a
		},
	})))
	sessions := satchel.Must(config.New(baskets.ServerSide(store.NewMemory())))

	ex := sessions.Open(satchel.Arrived{"basket": "not a token"})
	_ = baskets.SignIn(ex.Context(context.Background()), "ann", Basket{})
	_, _ = ex.Commit(context.Background())
	// Output:
	// level=DEBUG msg="session token refused" kind=basket reason=malformed
	// level=INFO msg="session created" kind=basket handle=2Yd-zm02iqwab0GexifHaw
}

// Without HTTP an exchange is opened, used and committed by hand.
func ExampleSessions_Open() {
	sessions := satchel.Must(fixed().New(baskets.ServerSide(store.NewMemory())))
	ctx := context.Background()

	first := sessions.Open(satchel.Arrived{}) // no I/O
	_ = baskets.Set(first.Context(ctx), Basket{Items: []string{"tea"}})
	out, err := first.Commit(ctx)
	fmt.Println(out[0].Transport.Kind, out[0].Action, out[0].Token, err)

	second := sessions.Open(satchel.Arrived{"basket": out[0].Token})
	fmt.Println(baskets.Get(second.Context(ctx)))
	// Output:
	// basket sent [redacted] <nil>
	// {[tea]} true <nil>
}

// Arrived carries tokens of several kinds by their names. A client keeps what it is sent, until it is told to forget it.
func ExampleArrived() {
	visits := satchel.NewKind[int]("visits")
	sessions := satchel.Must(satchel.New(baskets.ServerSide(store.NewMemory()), visits.ServerSide(store.NewMemory())))
	held := satchel.Arrived{}

	say := func(f func(ctx context.Context)) {
		ex := sessions.Open(held)
		f(ex.Context(context.Background()))
		out, _ := ex.Commit(context.Background())
		for _, o := range out {
			switch o.Action {
			case core.SendToken:
				held[o.Transport.Kind] = o.Token
			case core.SendClear:
				delete(held, o.Transport.Kind)
			}
		}
		fmt.Println(len(held), "held")
	}
	say(func(ctx context.Context) { _ = visits.Set(ctx, 1) })
	say(func(ctx context.Context) { _ = baskets.Set(ctx, Basket{}) })
	say(func(ctx context.Context) { _ = visits.Clear(ctx) })
	// Output:
	// 1 held
	// 2 held
	// 1 held
}

// Update is the way to change a session: no change of another request is lost.
func ExampleKind_Update() {
	sessions := satchel.Must(satchel.New(baskets.ServerSide(store.NewMemory())))
	ctx := sessions.Open(satchel.Arrived{}).Context(context.Background())
	for _, item := range []string{"tea", "milk"} {
		fmt.Println(baskets.Update(ctx, func(b Basket) Basket {
			b.Items = append(b.Items, item)
			return b
		}))
	}
	// Output:
	// {[tea]} <nil>
	// {[tea milk]} <nil>
}

func ExampleKind_GetOrSet() {
	sessions := satchel.Must(satchel.New(baskets.ServerSide(store.NewMemory())))
	ctx := sessions.Open(satchel.Arrived{}).Context(context.Background())
	for _, first := range []string{"tea", "milk"} {
		fmt.Println(baskets.GetOrSet(ctx, func() Basket { return Basket{Items: []string{first}} }))
	}
	// Output:
	// {[tea]} <nil>
	// {[tea]} <nil>
}

// SignIn rotates: the token from before opens nothing.
func ExampleKind_SignIn() {
	sessions := satchel.Must(fixed().New(baskets.ServerSide(store.NewMemory())))
	ctx := context.Background()
	anonymous := sessions.Open(satchel.Arrived{})
	_ = baskets.Set(anonymous.Context(ctx), Basket{Items: []string{"tea"}})
	out, _ := anonymous.Commit(ctx)
	before := out[0].Token

	login := sessions.Open(satchel.Arrived{"basket": before})
	basket, _, _ := baskets.Get(login.Context(ctx))
	_ = baskets.SignIn(login.Context(ctx), "ann", basket) // what is to be kept is said
	out, _ = login.Commit(ctx)

	for _, token := range []core.Token{before, out[0].Token} {
		ctx := sessions.Open(satchel.Arrived{"basket": token}).Context(ctx)
		about, err := baskets.About(ctx)
		fmt.Printf("%q %v\n", about.Subject, err)
	}
	// Output:
	// "" <nil>
	// "ann" <nil>
}

// A tool that knows no Go type finds a kind by its name.
func ExampleSessions_Kind() {
	sessions := satchel.Must(satchel.New(baskets.ServerSide(store.NewMemory())))
	ctx := sessions.Open(satchel.Arrived{}).Context(context.Background())
	_ = baskets.Set(ctx, Basket{Items: []string{"tea"}})

	for _, p := range sessions.Placed() {
		kind, _ := sessions.Kind(p.Kind)
		value, ok, err := kind.Get(ctx)
		fmt.Printf("%s: %+v %v %v\n", p.Kind, value, ok, err)
	}
	// Output:
	// basket: {Items:[tea]} true <nil>
}
