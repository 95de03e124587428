package frameworks

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v5"

	"github.com/satchel-go/satchel/adapters/adaptertest"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// engines are a shop in gin and in echo. Each hands the context of its request to kinds.
var engines = map[string]func() http.Handler{
	"gin": func() http.Handler {
		gin.SetMode(gin.ReleaseMode)
		e := gin.New()
		e.Use(gin.CustomRecoveryWithWriter(nil, func(c *gin.Context, _ any) { c.String(500, "recovered") }))
		e.GET("/say/:message", func(c *gin.Context) { c.String(200, answer(c.Request.Context(), c.Param("message"))) })
		e.GET("/set/:item", func(c *gin.Context) {
			if err := carts.Set(c.Request.Context(), []string{c.Param("item")}); err != nil {
				c.String(nethttp.StatusOf(err), "failed")
				return
			}
			c.JSON(201, gin.H{"saved": true})
		})
		e.GET("/stream/:item", func(c *gin.Context) {
			_ = carts.Set(c.Request.Context(), []string{c.Param("item")}) // what became of it the client shows
			c.Writer.Flush()
			c.String(200, answer(c.Request.Context(), "rotate"))
		})
		e.GET("/fail", func(c *gin.Context) {
			_ = carts.Set(c.Request.Context(), []string{"kept"})
			c.AbortWithStatus(418)
		})
		e.GET("/panic", func(*gin.Context) { panic("no") })
		return e
	},
	"echo": func() http.Handler {
		e := echo.New()
		e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c *echo.Context) (err error) {
				defer func() {
					if recover() != nil {
						err = c.String(500, "recovered")
					}
				}()
				return next(c)
			}
		})
		e.GET("/say/:message", func(c *echo.Context) error { return c.String(200, answer(c.Request().Context(), c.Param("message"))) })
		e.GET("/set/:item", func(c *echo.Context) error {
			if err := carts.Set(c.Request().Context(), []string{c.Param("item")}); err != nil {
				return echo.NewHTTPError(nethttp.StatusOf(err), "failed")
			}
			return c.JSON(201, map[string]bool{"saved": true})
		})
		e.GET("/stream/:item", func(c *echo.Context) error {
			err := carts.Set(c.Request().Context(), []string{c.Param("item")})
			err = errors.Join(err, http.NewResponseController(c.Response()).Flush())
			return errors.Join(err, c.String(200, answer(c.Request().Context(), "rotate")))
		})
		e.GET("/fail", func(c *echo.Context) error {
			return errors.Join(carts.Set(c.Request().Context(), []string{"kept"}), echo.NewHTTPError(418, "teapot"))
		})
		e.GET("/panic", func(*echo.Context) error { panic("no") })
		return e
	},
}

// TestEngines: around an engine the middleware is as around any handler. Its errors, streams, recovered panics and answers
// of 404 are answers, and a failed commit is told in their place.
func TestEngines(t *testing.T) {
	for name, engine := range engines {
		t.Run(name, func(t *testing.T) {
			l := adaptertest.NewLedger()
			s := httptest.NewTLSServer(nethttp.Wrap(engine(), l.Sessions(t, carts.ServerSide(l))))
			t.Cleanup(s.Close)
			v := adaptertest.NewVisitor(t, s.URL, s.Client().Transport)
			v.Get("/nowhere").TellsNothing(t)
			v.Get("/set/tea").Says(t, 201, `{"saved":true}`).Has(t, "Cache-Control", "no-store").Sets(t, "__Host-cart")
			v.Get("/say/milk").Says(t, 200, "done").Has(t, "Cache-Control", "private").Has(t, "Vary", "Cookie").Has(t, "Set-Cookie")
			v.Get("/say/show").Says(t, 200, "tea milk")
			if a := v.Get("/fail"); a.StatusCode != 418 {
				t.Errorf("%d %q", a.StatusCode, a.Text)
			}
			v.Get("/say/show").Says(t, 200, "kept")
			v.Get("/panic").Says(t, 500, "recovered")
			v.Get("/stream/on").Says(t, 200, "too late")
			v.Get("/say/show").Says(t, 200, "on")
			v.Get("/say/clear").Says(t, 200, "done").Clears(t, "__Host-cart")
			l.Down.Store(true)
			a := adaptertest.NewVisitor(t, s.URL, s.Client().Transport).Get("/set/lost").Says(t, 503, "Service Unavailable")
			a.Has(t, "Set-Cookie").Has(t, "Cache-Control", "no-store")
			if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") {
				t.Errorf("%q", a.Header)
			}
		})
	}
}
