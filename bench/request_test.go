package bench_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/satchel-go/satchel/bench/peers"
)

// discard is a ResponseWriter that costs nothing and remembers a failure.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

func onNetHTTP() []peers.HTTP {
	return []peers.HTTP{
		peers.Bare(), peers.FloorServer(), peers.SatchelServer(), peers.SCSCBOR(), peers.SCS(),
		peers.FloorClient(), peers.SatchelClient(), peers.Gorilla(), peers.JWT(), peers.SatchelTwo(),
	}
}

func onChi() (all []peers.HTTP) {
	for _, h := range []peers.HTTP{peers.Bare(), peers.SatchelServer(), peers.SatchelClient(), peers.SCS()} {
		all = append(all, peers.OnChi(h))
	}
	return all
}

func onGin() []peers.HTTP {
	return []peers.HTTP{peers.GinBare(), peers.GinSatchel(), peers.GinSessions()}
}

func onFiber() (all []peers.Fast) {
	for _, f := range []peers.Fiber{
		peers.FiberBare(), peers.FiberSatchelServer(), peers.FiberSatchelClient(), peers.FiberSession(), peers.FiberStore(),
	} {
		all = append(all, peers.Fast{Name: f.Name, Handler: f.App.Handler()})
	}
	return all
}

func onFast() []peers.Fast { return []peers.Fast{peers.FastBare(), peers.FastSession()} }

// sendsToken reports whether a token arrives in that way of a request.
func sendsToken(way string) bool { return way != peers.None && way != peers.Create }

func request(way, cookie string) *http.Request {
	r, err := http.NewRequest(http.MethodGet, "https://shop.example/"+way, nil)
	if err != nil {
		panic(err)
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	return r
}

// created returns the cookie of a new session, or "" of a contender that has none.
func created(tb testing.TB, h http.Handler) string {
	tb.Helper()
	w := &discard{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(w, request(peers.Create, ""))
	if w.status != http.StatusOK {
		tb.Fatal("no session could be created")
	}
	cookie, _, _ := strings.Cut(w.header.Get("Set-Cookie"), ";")
	return cookie
}

// Each worker has a session of its own. The request is as new each time: gorilla writes into it. One thread, then two.
func benchHTTP(b *testing.B, h peers.HTTP, way string) {
	b.ReportAllocs()
	serve := h.Handler(way)
	began := spentCPU()
	b.RunParallel(func(pb *testing.PB) {
		cookie := ""
		if sendsToken(way) {
			cookie = created(b, h.Handler(peers.Create))
		}
		w, original := &discard{http.Header{}, http.StatusOK}, request(way, cookie)
		r := new(http.Request)
		for pb.Next() {
			*r = *original
			clear(w.header)
			serve.ServeHTTP(w, r)
		}
		if w.status != http.StatusOK {
			b.Error("the last request failed")
		}
	})
	reportCPU(b, began)
}

func BenchmarkRequest(b *testing.B) {
	for _, way := range peers.Ways {
		for _, h := range onNetHTTP() {
			b.Run("nethttp/"+way+"/"+h.Name, func(b *testing.B) { benchHTTP(b, h, way) })
		}
		for _, h := range onChi() {
			b.Run("chi/"+way+"/"+h.Name, func(b *testing.B) { benchHTTP(b, h, way) })
		}
		for _, h := range onGin() {
			b.Run("gin/"+way+"/"+h.Name, func(b *testing.B) { benchHTTP(b, h, way) })
		}
		for _, f := range onFiber() {
			b.Run("fiber/"+way+"/"+f.Name, func(b *testing.B) { benchFast(b, f, way) })
		}
		for _, f := range onFast() {
			b.Run("fasthttp/"+way+"/"+f.Name, func(b *testing.B) { benchFast(b, f, way) })
		}
	}
}

// benchFast does the same on the memory that fasthttp uses again for each request of a connection.
func benchFast(b *testing.B, f peers.Fast, way string) {
	b.ReportAllocs()
	serve := f.Handler
	began := spentCPU()
	b.RunParallel(func(pb *testing.PB) {
		cookie := ""
		if sendsToken(way) {
			cookie = createdOnFast(b, f)
		}
		var ctx fasthttp.RequestCtx
		for pb.Next() {
			ctx.Request.Reset()
			ctx.Response.Reset()
			prepare(&ctx, way, cookie)
			serve(&ctx)
		}
		if ctx.Response.StatusCode() != http.StatusOK {
			b.Error("the last request failed")
		}
	})
	reportCPU(b, began)
}

func prepare(ctx *fasthttp.RequestCtx, way, cookie string) {
	ctx.Request.SetRequestURI("/" + way)
	ctx.Request.Header.SetHost("shop.example")
	if cookie != "" {
		ctx.Request.Header.Set("Cookie", cookie)
	}
}

func createdOnFast(tb testing.TB, f peers.Fast) string {
	tb.Helper()
	var ctx fasthttp.RequestCtx
	prepare(&ctx, peers.Create, "")
	f.Handler(&ctx)
	if ctx.Response.StatusCode() != http.StatusOK {
		tb.Fatal("no session could be created")
	}
	cookie, _, _ := strings.Cut(string(ctx.Response.Header.Peek("Set-Cookie")), ";")
	return cookie
}

// Each contender does in each way what the way says: it keeps what it created, counts what it wrote, and sends a cookie
// only where it should.
func TestContendersDoTheWork(t *testing.T) {
	for _, h := range slices.Concat(onNetHTTP(), onChi(), onGin()) {
		t.Run(h.Name, func(t *testing.T) {
			cookie := created(t, h.Handler(peers.Create))
			if (cookie == "") != (h.Name == "bare") {
				t.Errorf("the cookie of a new session is %q", cookie)
			}
			for _, way := range peers.Ways {
				w, r := &discard{http.Header{}, http.StatusOK}, request(way, "")
				if sendsToken(way) {
					r = request(way, cookie)
				}
				h.Handler(way).ServeHTTP(w, r)
				if w.status != http.StatusOK {
					t.Errorf("%s: %d", way, w.status)
				}
			}
			if h.Name == "bare" {
				return
			}
			w := &discard{http.Header{}, http.StatusOK}
			h.Handler(peers.Read).ServeHTTP(w, request(peers.Read, ""))
			if w.status == http.StatusOK {
				t.Error("it reads a value where there is no session")
			}
		})
	}
	for _, f := range append(onFiber(), onFast()...) {
		t.Run("fasthttp "+f.Name, func(t *testing.T) {
			cookie := createdOnFast(t, f)
			if (cookie == "") != (f.Name == "bare") {
				t.Errorf("the cookie of a new session is %q", cookie)
			}
			for _, way := range peers.Ways {
				var ctx fasthttp.RequestCtx
				prepare(&ctx, way, cookie)
				f.Handler(&ctx)
				if ctx.Response.StatusCode() != http.StatusOK {
					t.Errorf("%s: %d", way, ctx.Response.StatusCode())
				}
			}
		})
	}
}
