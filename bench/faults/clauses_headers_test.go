package faults

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/session"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/store"
)

const thePage = "the page"

// handler is one that begins a session by calling begin.
type handler func(w http.ResponseWriter, begin func())

func scsHandles(on *shelf, h handler) http.Handler {
	m := newSCS(forSCS{on})
	m.ErrorFunc = func(w http.ResponseWriter, _ *http.Request, _ error) { // as its own, without the log
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
	return m.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h(w, func() { m.Put(r.Context(), "n", 1) })
	}))
}

func satchelHandles(t *testing.T, on store.Store, h handler) http.Handler {
	return nethttp.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h(w, func() {
			if err := visits.Set(r.Context(), visit{N: 1}); err != nil {
				t.Error(err)
			}
		})
	}), satchel.Must(satchel.New(visits.ServerSide(on))))
}

// withoutCookie asks over a socket, and reports whether the answer is the page, and sets no cookie.
func withoutCookie(t *testing.T, h http.Handler) verdict {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	res, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || string(body) != thePage {
		t.Fatalf("%q, %v", body, err)
	}
	return hasIf(len(res.Cookies()) == 0)
}

// hinting sends hints before it begins the session.
func hinting(w http.ResponseWriter, begin func()) {
	w.WriteHeader(http.StatusEarlyHints)
	begin()
	fmt.Fprint(w, thePage)
}

func scsAfterHints(t *testing.T) verdict { return withoutCookie(t, scsHandles(newShelf(), hinting)) }

func satchelAfterHints(t *testing.T) verdict {
	return withoutCookie(t, satchelHandles(t, store.NewMemory(), hinting))
}

// hijacking begins the session, takes the connection over, and answers by itself with the header that it finds.
func hijacking(t *testing.T) handler {
	return func(w http.ResponseWriter, begin func()) {
		begin()
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		h := w.Header()
		h.Set("Connection", "close")
		fmt.Fprint(conn, "HTTP/1.1 200 OK\r\n")
		_ = h.Write(conn)
		fmt.Fprint(conn, "\r\n", thePage)
	}
}

func scsHijacked(t *testing.T) verdict {
	return withoutCookie(t, scsHandles(newShelf(), hijacking(t)))
}

func satchelHijacked(t *testing.T) verdict {
	return withoutCookie(t, satchelHandles(t, store.NewMemory(), hijacking(t)))
}

// failsAndGoesOn reports whether an answer to a failed commit has the page in it, too.
func failsAndGoesOn(t *testing.T, got reply) verdict {
	t.Helper()
	if got.status < http.StatusInternalServerError {
		t.Fatal("the commit did not fail:", got.status, got.body)
	}
	return hasIf(strings.Contains(got.body, thePage))
}

// failing has the store go out of reach before the page is written.
func failing(down *bool) handler {
	return func(w http.ResponseWriter, begin func()) {
		begin()
		*down = true
		fmt.Fprint(w, thePage)
	}
}

func scsFailsAndGoesOn(t *testing.T) verdict {
	on := newShelf()
	return failsAndGoesOn(t, get(scsHandles(on, failing(&on.down)), "/", ""))
}

func satchelFailsAndGoesOn(t *testing.T) verdict {
	on := newDrawer()
	return failsAndGoesOn(t, get(satchelHandles(t, on, failing(&on.down)), "/", ""))
}

func fiberFailsAndGoesOn(t *testing.T) verdict {
	on := newShelf()
	return failsAndGoesOn(t, fiberSite(forFiber{on}, func(app *fiber.App) {
		app.Get("/page", func(c fiber.Ctx) error {
			session.FromContext(c).Set("n", 1)
			on.down = true
			return c.SendString(thePage)
		})
	}).do("/page", ""))
}
