package fuzz_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/satchel-go/satchel"
	satchelfiber "github.com/satchel-go/satchel/adapters/fiber"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

var (
	carts  = satchel.NewKind[cart]("cart")
	notes  = satchel.NewKind[cart]("note")
	visits = satchel.NewKind[cart]("visits")
)

// servers are one program on two servers.
type servers struct {
	std  http.Handler
	fast fasthttp.RequestHandler
	sent map[string]string // what a first visitor was sent, by the name of the cookie or field
}

func newServers(f *testing.F) servers {
	f.Helper()
	kept := store.NewMemory()
	f.Cleanup(func() {
		if err := kept.Close(); err != nil {
			f.Error(err)
		}
	})
	sessions := satchel.Must(satchel.Config{Clock: func() time.Time { return noon }, Entropy: satcheltest.Entropy("servers")}.New(
		carts.ServerSide(kept), notes.ClientSide(ring(f, ours), satchel.Unrevocable),
		visits.ServerSide(kept).With(satchel.Options{Header: "X-Visits"}),
	))
	s := servers{sent: map[string]string{}}
	s.std = nethttp.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var all []any
		for _, k := range []satchel.Kind[cart]{carts, notes, visits} {
			v, there, err := k.Get(r.Context())
			all = append(all, k.Name(), v.Items, there, err)
		}
		fmt.Fprintln(w, all...)
	}), sessions)
	app := fiber.New()
	app.Use(satchelfiber.Middleware(sessions))
	app.Get("/", func(c fiber.Ctx) error {
		var all []any
		for _, k := range []satchel.Kind[cart]{carts, notes, visits} {
			v, there, err := k.Get(c)
			all = append(all, k.Name(), v.Items, there, err)
		}
		return c.SendString(fmt.Sprintln(all...))
	})
	s.fast = app.Handler()
	first := nethttp.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		for _, k := range []satchel.Kind[cart]{carts, notes, visits} {
			if err := k.Set(r.Context(), cart{Items: []string{k.Name()}}); err != nil {
				f.Fatal(err)
			}
		}
	}), sessions)
	rec := httptest.NewRecorder()
	first.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	for _, c := range rec.Result().Cookies() {
		s.sent[c.Name] = c.Value
	}
	s.sent["X-Visits"] = rec.Header().Get("X-Visits")
	return s
}

// FuzzVisitor sends the same request to net/http and to fasthttp, as bytes. Where both read it, the visitor has the same sessions on
// both, is told nothing by a page that only reads, and has no session whose token is nowhere in what came.
func FuzzVisitor(f *testing.F) {
	s := newServers(f)
	server, client, visit := s.sent["__Host-cart"], s.sent["__Host-note"], s.sent["X-Visits"]
	if server == "" || client == "" || visit == "" {
		f.Fatalf("the first visitor was sent %d things", len(s.sent))
	}
	for _, cookies := range []string{
		"", "=", "__Host-cart=" + server, "__Host-note=" + client, "__Host-cart=" + server + "; __Host-note=" + client,
		`__Host-cart="` + server + `"`, "__Host-cart=\t" + server + "\t", "__Host-cart =" + server, "=__Host-cart=" + server, "__Host-cart=" + server + "=",
		"__Host-cart=x; __Host-cart=" + server, "__Host-cart=" + server + "\r\nCookie: __Host-cart=x", "a=1,__Host-cart=" + server,
		"__Host-note=" + client + "; __Host-note=" + client, "__Host-cart=" + client + "; __Host-note=" + server,
		"__host-cart=" + server, `a="; __Host-cart=` + server + `; "`, "__Host-cart=" + server + "\\", "__Host-note=" + client[:len(client)-1] + "\x80",
	} {
		f.Add("Cookie: " + cookies + "\r\n")
		f.Add("X-Visits: " + visit + "\r\ncookie:" + cookies + "\r\n")
	}
	f.Add("X-Visits: " + visit + "\r\nX-Visits: " + visit + "\r\n")
	f.Add("X-Visits: " + visit + "\r\nx-visits: " + server + "\r\n")
	f.Add("X-Visits:\t" + visit + " \r\n")
	f.Add("X-Visits: " + server + "\r\n")
	f.Fuzz(func(t *testing.T, fields string) {
		// What goes on with the line before it (RFC 9112, section 5.2) shall not make another host.
		text := "GET / HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\n" + fields + "\r\n"
		std, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
		if err != nil {
			return
		}
		var fast fasthttp.RequestCtx
		if err := fast.Request.Header.Read(bufio.NewReader(strings.NewReader(text))); err != nil {
			return
		}
		if !alikeRequests(std, &fast) {
			return
		}
		rec := httptest.NewRecorder()
		s.std.ServeHTTP(rec, std)
		s.fast(&fast)
		got, want := string(fast.Response.Body()), rec.Body.String()
		if rec.Code != http.StatusOK || fast.Response.StatusCode() != http.StatusOK || got != want {
			t.Fatalf("%q: net/http %d, %q; fiber %d, %q", text, rec.Code, want, fast.Response.StatusCode(), got)
		}
		for _, name := range []string{"Set-Cookie", "X-Visits"} {
			if rec.Header().Get(name) != "" || len(fast.Response.Header.Peek(name)) > 0 {
				t.Errorf("%q: a page that only reads tells %s", text, name)
			}
		}
		for name, token := range map[string]string{"cart": server, "note": client, "visits": visit} {
			if strings.Contains(want, "["+name+"] true") && !strings.Contains(text, token) {
				t.Errorf("%q: there is a %s without its token", text, name)
			}
		}
	})
}

// alikeRequests reports whether both servers made the same of a request before we see it: the same lines of our fields, and a host that
// both can route. They differ about obsolete folding and the like, each by its own reading of RFC 9112.
func alikeRequests(std *http.Request, fast *fasthttp.RequestCtx) bool {
	var visits []string
	for _, v := range fast.Request.Header.PeekAll("X-Visits") {
		visits = append(visits, string(v))
	}
	if std.Host != "a.example" || string(fast.Host()) != std.Host {
		return false
	}
	return std.Method == http.MethodGet && string(fast.Method()) == http.MethodGet && string(fast.Path()) == "/" && std.URL.Path == "/" &&
		slices.Equal(visits, std.Header["X-Visits"]) && std.ContentLength == 0 && len(std.TransferEncoding) == 0
}
