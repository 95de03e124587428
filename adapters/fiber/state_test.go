package satchelfiber

import (
	"bytes"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// TestTokensAreCopies overwrites every buffer that a request came in, as the next request of its connection does.
func TestTokensAreCopies(t *testing.T) {
	st := store.NewMemory()
	byCookie, byHeader := satchel.NewKind[int]("a"), satchel.NewKind[int]("b")
	sessions := satchel.Must(satchel.New(byCookie.ServerSide(st), byHeader.ServerSide(st).With(satchel.Options{Header: "X-B"})))
	d := newDoor(Config{Tenant: func(c fiber.Ctx) string { return c.Get("X-Tenant") }}, sessions)
	app := fiber.New()
	locals := &fasthttp.RequestCtx{}
	header := &locals.Request.Header
	fill := func(with byte, n int) {
		value := string(bytes.Repeat([]byte{with}, n))
		header.Reset()
		header.Set("Cookie", "x="+value+"; __Host-a=1"+value+"; __Host-a=2"+value+"; __Host-a=3"+value)
		header.Set("X-Tenant", "4"+value)
		for _, mark := range []string{"5", "6", "7"} {
			header.Add("X-B", mark+value)
		}
	}
	fill('t', 40)
	c := app.AcquireCtx(locals)
	q := d.enter(c)
	app.ReleaseCtx(c)
	fill('z', 40)

	same := string(bytes.Repeat([]byte{'t'}, 40))
	want := map[string]core.Tokens{
		"a": {First: core.Token("1" + same), Second: core.Token("2" + same), Count: 3, Tenant: "4" + same},
		"b": {First: core.Token("5" + same), Second: core.Token("6" + same), Count: 3, Tenant: "4" + same},
	}
	for _, p := range sessions.Placed() {
		if got := q.Tokens(p.Transport); got != want[p.Kind] {
			t.Errorf("%s: it came with other tokens: %d of them, tenant %q", p.Kind, got.Count, got.Tenant)
		}
	}
}
