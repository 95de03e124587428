// Command hello is the program of the README: a counter of what is in a cart.
package main

import (
	"fmt"
	"log"
	"net/http"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/store"
)

type Cart struct {
	Items []string `cbor:"1,keyasint"`
}

var carts = satchel.NewKind[Cart]("cart") // pure: a name and a type

func main() {
	// On plain http a cookie has to be insecure, by name, and then stays on this machine. With https leave Cookie out.
	sessions := satchel.Must(satchel.Config{Cookie: cookie.Config{InsecureLoopback: true}}.New(
		carts.ServerSide(store.NewMemory()), // or carts.ClientSide(satchel.KeysFromFile("keys"), satchel.Unrevocable)
	))
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add", add)
	log.Fatal(http.ListenAndServe("localhost:8080", nethttp.Wrap(mux, sessions)))
}

func add(w http.ResponseWriter, r *http.Request) {
	cart, err := carts.Update(r.Context(), func(c Cart) Cart { // no concurrent change is lost
		c.Items = append(c.Items, r.FormValue("item"))
		return c
	})
	if err != nil { // an outage, most often; never a cookie that is merely bad
		http.Error(w, "come back in a minute", nethttp.StatusOf(err))
		return
	}
	fmt.Fprintln(w, len(cart.Items), "in the cart")
}
