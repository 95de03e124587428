package nethttp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/store"
)

func ExampleGuard() {
	type Account struct {
		Name  string `cbor:"1,keyasint"`
		Admin bool   `cbor:"2,keyasint"`
	}
	type Admin string
	accounts := satchel.NewKind[Account]("account")
	sessions := satchel.Must(satchel.New(accounts.ServerSide(store.NewMemory())))

	guard := nethttp.Guard[Account, Admin]{
		Kind:      accounts,
		Validate:  func(_ context.Context, a Account) (Admin, bool, error) { return Admin(a.Name), a.Admin, nil },
		Challenge: nethttp.RedirectTo("/signin"),
	}
	mux := http.NewServeMux()
	mux.Handle("GET /orders", guard.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		admin, _ := satchel.Principal[Admin](r.Context())
		fmt.Fprint(w, "all orders, for ", admin)
	})))
	mux.HandleFunc("GET /signin", func(w http.ResponseWriter, r *http.Request) {
		if err := accounts.SignIn(r.Context(), "ann", Account{Name: "ann", Admin: true}); err != nil {
			http.Error(w, "come back in a minute", nethttp.StatusOf(err))
		}
	})
	shop := nethttp.Wrap(mux, sessions)

	visit := func(path, cookie string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		shop.ServeHTTP(w, r)
		return w
	}
	refused := visit("/orders", "")
	fmt.Println(refused.Code, refused.Header().Get("Location"))
	signedIn := visit("/signin", "").Result().Cookies()[0]
	fmt.Println(visit("/orders", signedIn.Name+"="+signedIn.Value).Body)
	// Output:
	// 303 /signin
	// all orders, for ann
}
