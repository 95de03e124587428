package satchelchi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"

	"github.com/satchel-go/satchel"
	satchelchi "github.com/satchel-go/satchel/adapters/chi"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/store"
)

func ExamplePattern() {
	accounts := satchel.NewKind[string]("account")
	observer := satchel.Observer{Created: func(ctx context.Context, e satchel.Event) {
		fmt.Println(e.Kind, "began at", satchelchi.Pattern(ctx))
	}}
	sessions := satchel.Must(satchel.Config{Observer: observer}.New(accounts.ServerSide(store.NewMemory())))
	r := chi.NewRouter()
	r.Use(nethttp.Middleware(sessions))
	r.Get("/hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		if err := accounts.Set(r.Context(), chi.URLParam(r, "name")); err != nil {
			http.Error(w, "come back in a minute", nethttp.StatusOf(err))
		}
	})
	r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/hello/ann", nil))
	// Output: account began at /hello/{name}
}
