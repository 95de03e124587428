package faults

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	fast "github.com/fasthttp/session/v2"
	"github.com/fasthttp/session/v2/providers/memory"
	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/memstore"
	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"
	"github.com/kataras/iris/v12"
	irissessions "github.com/kataras/iris/v12/sessions"
	"github.com/rbcervilla/redisstore/v9"
	"github.com/redis/go-redis/v9"
	"github.com/valyala/fasthttp"

	"github.com/satchel-go/satchel/bench/engines"
)

// These are the sites of peers that come with a framework or a store of their own. Each sends cookies for the whole of a domain, because
// what a peer forgets when it clears them shows only then. (iris makes a domain of the request's host by itself; icza/session can have none.)

// redisstoreSite is rbcervilla/redisstore as its README sets it up ("Example").
func redisstoreSite(t *testing.T) *site { s, _ := redisstoreOn(t); return s }

func redisstoreOn(t *testing.T) (*site, *redis.Client) {
	client := engines.StartRedis(t).GoRedis(t)
	kept, err := redisstore.NewRedisStore(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	kept.Options(sessions.Options{Path: "/", Domain: domain, MaxAge: 86400, Secure: true, HttpOnly: true})
	return gorillaSite(kept), client
}

// fastSite is fasthttp/session as its _examples set it up, in memory: each handler gets the session and saves it when it returns.
func fastSite(t *testing.T) *site {
	cfg := fast.NewDefaultConfig()
	cfg.CookieName, cfg.Domain, cfg.EncodeFunc, cfg.DecodeFunc = name, domain, fast.MSGPEncode, fast.MSGPDecode
	cfg.IsSecureFunc = func(*fasthttp.RequestCtx) bool { return true }
	all := fast.New(cfg)
	kept, err := memory.New(memory.Config{})
	if err == nil {
		err = all.SetProvider(kept)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := new(site)
	with := func(c *fasthttp.RequestCtx, f func(*fast.Store)) {
		at, err := all.Get(c)
		if err != nil {
			c.Error(err.Error(), fasthttp.StatusInternalServerError)
			return
		}
		defer func() {
			if err := all.Save(c, at); err != nil {
				c.Error(err.Error(), fasthttp.StatusInternalServerError)
			}
		}()
		f(at)
	}
	handle := func(c *fasthttp.RequestCtx) {
		switch string(c.Path()) {
		case "/new":
			with(c, func(at *fast.Store) { at.Set("n", int64(1)) })
		case "/look":
			with(c, func(at *fast.Store) {
				n, _ := at.Get("n").(int64)
				s.happen()
				fmt.Fprint(c, n)
			})
		case "/add":
			with(c, func(at *fast.Store) {
				n, _ := at.Get("n").(int64)
				s.happen()
				at.Set("n", n+1)
			})
		case "/logout":
			if err := all.Destroy(c); err != nil {
				c.Error(err.Error(), fasthttp.StatusInternalServerError)
			}
		}
	}
	s.do = func(path, cookie string) reply { return getFast(handle, path, cookie) }
	return s
}

// irisOn is iris's sessions as its _examples/sessions/overview sets them up, and a database if there is one.
func irisOn(t *testing.T, records irissessions.Database) *site {
	all := irissessions.New(irissessions.Config{Cookie: name, CookieSecureTLS: true, AllowReclaim: true, Expires: time.Hour})
	if records != nil {
		all.UseDatabase(records)
	}
	s := new(site)
	app := iris.New()
	app.Logger().SetLevel("disable")
	app.Use(all.Handler())
	app.Get("/new", func(c iris.Context) { irissessions.Get(c).Set("n", 1) })
	app.Get("/look", func(c iris.Context) {
		n := irissessions.Get(c).GetIntDefault("n", 0)
		s.happen()
		_, _ = c.Writef("%d", n)
	})
	app.Get("/add", func(c iris.Context) {
		at := irissessions.Get(c)
		n := at.GetIntDefault("n", 0)
		s.happen()
		at.Set("n", n+1)
	})
	app.Get("/logout", func(c iris.Context) { all.Destroy(c) })
	if err := app.Build(); err != nil {
		t.Fatal(err)
	}
	s.do = func(path, cookie string) reply { return get(app, path, cookie) }
	return s
}

func irisSite(t *testing.T) *site { return irisOn(t, nil) }

// ginSite is gin-contrib/sessions as its README sets it up ("memstore"). Its session is cleared and its cookie given an end for a logout.
func ginSite(*testing.T) *site {
	gin.SetMode(gin.ReleaseMode)
	options := ginsessions.Options{Path: "/", Domain: domain, MaxAge: 86400, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	over := options
	over.MaxAge = -1
	kept := memstore.NewStore(gorillaKeys())
	kept.Options(options)
	s := new(site)
	app := gin.New()
	app.Use(ginsessions.Sessions(name, kept))
	handle := func(path string, f func(at ginsessions.Session) string) {
		app.GET(path, func(c *gin.Context) {
			at := ginsessions.Default(c)
			said := f(at)
			if err := at.Save(); err != nil { // which does nothing for who has set nothing
				c.Status(http.StatusInternalServerError)
				return
			}
			c.String(http.StatusOK, said)
		})
	}
	handle("/new", func(at ginsessions.Session) string { at.Set("n", 1); return "" })
	handle("/look", func(at ginsessions.Session) string {
		n, _ := at.Get("n").(int)
		s.happen()
		return fmt.Sprint(n)
	})
	handle("/add", func(at ginsessions.Session) string {
		n, _ := at.Get("n").(int)
		s.happen()
		at.Set("n", n+1)
		return ""
	})
	handle("/logout", func(at ginsessions.Session) string { at.Clear(); at.Options(over); return "" })
	s.do = func(path, cookie string) reply { return get(app, path, cookie) }
	return s
}
