package peers

import (
	"net/http"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/bench/fixture"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

// logins is declared as the README declares a kind, and placed with its defaults.
var logins = satchel.NewKind[fixture.Login]("login")

// Keyring returns a ring of one fixed key.
func Keyring() *crypto.Keyring {
	key, err := crypto.NewKey("k1", crypto.Primary, []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		panic(err)
	}
	ring, err := crypto.NewKeyring(key)
	if err != nil {
		panic(err)
	}
	return ring
}

// ServerSide places logins in a store.
func ServerSide(s store.Store) *satchel.Sessions {
	return satchel.Must(satchel.New(logins.ServerSide(s)))
}

// ClientSide places logins in sealed cookies.
func ClientSide() *satchel.Sessions {
	return satchel.Must(satchel.New(logins.ClientSide(satchel.FixedKeys(Keyring()), satchel.Unrevocable)))
}

// SatchelServer is Satchel in memory.
func SatchelServer() HTTP { return Satchel("satchel-server", ServerSide(store.NewMemory())) }

// SatchelClient is Satchel in sealed cookies.
func SatchelClient() HTTP { return Satchel("satchel-client", ClientSide()) }

// SatchelTwo is Satchel in memory with a second kind that no request touches.
func SatchelTwo() HTTP {
	other := satchel.NewKind[fixture.Cart]("cart")
	return Satchel("satchel-two-kinds", satchel.Must(satchel.New(
		logins.ServerSide(store.NewMemory()), other.ServerSide(store.NewMemory()),
	)))
}

// Satchel is Satchel under sessions of the caller's.
func Satchel(name string, s *satchel.Sessions) HTTP {
	return HTTP{
		Name: name, Middleware: nethttp.Middleware(s),
		Read: func(w http.ResponseWriter, r *http.Request) {
			v, ok, err := logins.Get(r.Context())
			finish(w, r, ok && whole(v), err)
		},
		Write: func(w http.ResponseWriter, r *http.Request) {
			v, err := logins.Update(r.Context(), func(v fixture.Login) fixture.Login { v.Since++; return v })
			finish(w, r, v.User == login.User, err)
		},
		Create: func(w http.ResponseWriter, r *http.Request) {
			finish(w, r, true, logins.Set(r.Context(), login))
		},
	}
}
