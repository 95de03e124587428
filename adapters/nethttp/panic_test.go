package nethttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// A handler that panics commits nothing but what Update has committed, and its context is closed.
func TestPanicCommitsNothing(t *testing.T) {
	for name, thrown := range map[string]any{"abort": http.ErrAbortHandler, "other": "no"} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, start func(http.Handler) *site) {
				w := newWorld()
				var kept []context.Context
				h := w.shop(t, satchel.Options{}, pages{
					"/panic": func(rw http.ResponseWriter, r *http.Request) (string, error) {
						kept = append(kept, r.Context())
						if r.URL.Query().Get("update") != "" {
							if _, err := add(rw, r); err != nil {
								t.Error(err)
							}
						}
						if err := put(r, "lost"); err != nil {
							t.Error(err)
						}
						if r.URL.Query().Get("flush") != "" {
							_ = http.NewResponseController(rw).Flush()
						}
						panic(thrown)
					},
				})
				recovering := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer func() {
						if got := recover(); got != thrown {
							t.Errorf("%v goes on as %v", thrown, got)
						}
						http.Error(w, "recovered", 500)
					}()
					h.ServeHTTP(w, r)
				})
				mux := http.NewServeMux()
				mux.Handle("/", h)
				mux.Handle("/r/", http.StripPrefix("/r", recovering))
				s := start(mux)
				if name == "other" {
					s.may = "panic serving"
				}
				fails := func(p *adaptertest.Visitor, path string) {
					t.Helper()
					if res, err := p.Do(p.Request(http.MethodPost, path, nil)); err == nil { // a GET would be tried again
						_, err = io.ReadAll(res.Body)
						res.Body.Close()
						if err == nil {
							t.Errorf("%s: %s", path, res.Status)
						}
					}
					if _, _, err := carts.Get(kept[len(kept)-1]); !errors.Is(err, satchel.ErrClosed) {
						t.Errorf("%s: then the session is %v", path, err)
					}
				}
				visitor, customer := s.person(), s.person()
				customer.Get("/add")
				fails(visitor, "/panic")
				visitor.Get("/r/panic").Says(t, 500, "recovered").TellsNothing(t)
				if w.Records() != 1 || len(visitor.Cookies()) != 0 {
					t.Errorf("%d records, %d cookies", w.Records(), len(visitor.Cookies()))
				}
				for _, path := range []string{"/panic", "/r/panic"} {
					if path == "/panic" {
						fails(customer, path)
					} else {
						customer.Get(path).Says(t, 500, "recovered").TellsNothing(t)
					}
					customer.Get("/show").Says(t, 200, "tea")
				}
				fails(customer, "/panic?update=1&item=milk")
				customer.Get("/show").Says(t, 200, "tea milk")
				fails(customer, "/panic?flush=1") // which was committed by the flush
				customer.Get("/show").Says(t, 200, "lost")
			})
		})
	}
}

// Within the middleware a panic that is recovered is an answer like any other.
func TestPanicRecoveredInside(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		w := newWorld()
		p := start(w.shop(t, satchel.Options{}, pages{"/": func(_ http.ResponseWriter, r *http.Request) (text string, err error) {
			defer func() { text = fmt.Sprint(recover()) }()
			if err := put(r, "kept"); err != nil {
				return "", err
			}
			panic("no")
		}})).person()
		p.Get("/").Says(t, 200, "no").Sets(t, "__Host-cart")
		p.Get("/show").Says(t, 200, "kept")
	})
}

// throwing is a store whose driver panics.
type throwing struct{ store.Store }

func (throwing) Create(context.Context, core.Key, core.Record) error { panic("a driver's") }

// A commit that panicked is no success, though the handler recovers and answers: its answer is a failed commit's.
func TestCommitPanicRecoveredInside(t *testing.T) {
	onEach(t, func(t *testing.T, start func(http.Handler) *site) {
		sessions := newWorld().Sessions(t, carts.ServerSide(throwing{store.NewMemory()}))
		h := func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
				http.Error(w, "recovered", http.StatusAccepted)
			}()
			if err := put(r, "lost"); err != nil {
				t.Error(err)
			}
			_, _ = io.WriteString(w, "saved")
		}
		start(nethttp.Wrap(http.HandlerFunc(h), sessions)).person().Get("/").
			Says(t, 500, http.StatusText(http.StatusInternalServerError)).Has(t, "Cache-Control", "no-store").Has(t, "Set-Cookie")
	})
}
