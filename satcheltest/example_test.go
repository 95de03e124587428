package satcheltest_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

// The application: a kind of session, and a handler that uses it.

type Cart struct {
	Items []string `cbor:"1,keyasint"`
}

var carts = satchel.NewKind[Cart]("cart")

func routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add", func(w http.ResponseWriter, r *http.Request) {
		_, err := carts.Update(r.Context(), func(c Cart) Cart {
			c.Items = append(c.Items, r.FormValue("item"))
			return c
		})
		if err != nil {
			w.WriteHeader(answer.StatusOf(err))
		}
	})
	return mux
}

// Its test, in ten lines. In a file of tests this is func TestAdding(t *testing.T).
func testAdding(t testing.TB) {
	shop := satcheltest.New(t, carts.ServerSide(store.NewMemory()))
	client := shop.Client(nethttp.Wrap(routes(), shop.Sessions))
	satcheltest.SignIn(t, client, carts, "ann", Cart{Items: []string{"tea"}}).Post(t, "/add", "item", "milk")
	if cart, _ := satcheltest.Value(t, client, carts); !slices.Equal(cart.Items, []string{"tea", "milk"}) {
		t.Errorf("the cart holds %q", cart.Items)
	}
	shop.Clock.Advance(31 * time.Minute)
	if _, ok := satcheltest.Value(t, client, carts); ok {
		t.Error("half an hour later the cart is still there")
	}
}

func Example() {
	t := newTestOf("TestAdding") // an Example has no *testing.T; this one prints
	testAdding(t)
	fmt.Println("failed:", t.Failed())
	// Output: failed: false
}
