package frameworks_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v5"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/store"
)

var visits = satchel.NewKind[int]("visits")

// A gin engine is an http.Handler. Wrap it as a whole, and hand its request's context to kinds.
func Example_gin() {
	gin.SetMode(gin.ReleaseMode)
	sessions := satchel.Must(satchel.New(visits.ServerSide(store.NewMemory())))
	engine := gin.New()
	engine.GET("/", func(c *gin.Context) {
		n, err := visits.Update(c.Request.Context(), func(n int) int { return n + 1 })
		if err != nil {
			c.String(nethttp.StatusOf(err), "come back in a minute")
			return
		}
		c.String(http.StatusOK, "visit %d", n)
	})
	twice(nethttp.Wrap(engine, sessions))
	// Output:
	// visit 1
	// visit 2
}

// So is an echo instance. An error that a handler returns is answered by echo before the commit.
func Example_echo() {
	sessions := satchel.Must(satchel.New(visits.ServerSide(store.NewMemory())))
	e := echo.New()
	e.GET("/", func(c *echo.Context) error {
		n, err := visits.Update(c.Request().Context(), func(n int) int { return n + 1 })
		if err != nil {
			return echo.NewHTTPError(nethttp.StatusOf(err), "come back in a minute")
		}
		return c.String(http.StatusOK, fmt.Sprintf("visit %d", n))
	})
	twice(nethttp.Wrap(e, sessions))
	// Output:
	// visit 1
	// visit 2
}

// twice is a visitor who comes back with the cookie.
func twice(h http.Handler) {
	r := httptest.NewRequest(http.MethodGet, "https://example.com/", nil)
	for range 2 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		_, _ = fmt.Fprintln(os.Stdout, w.Body)
		for _, c := range w.Result().Cookies() {
			r.AddCookie(c)
		}
	}
}
