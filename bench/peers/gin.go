package peers

import (
	"net/http"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/memstore"
	"github.com/gin-gonic/gin"

	"github.com/satchel-go/satchel/bench/fixture"
)

// onGin builds an engine that serves all ways, each under its name. It has no logger and no recovery, which gin.Default would add.
func onGin(name string, middleware, read, write, create gin.HandlerFunc) HTTP {
	gin.SetMode(gin.ReleaseMode) // as its documentation demands in production
	r := gin.New()
	if middleware != nil {
		r.Use(middleware)
	}
	for way, h := range map[string]gin.HandlerFunc{
		None: answerGin, Untouched: answerGin, Read: read, Write: write, Create: create,
	} {
		r.GET("/"+way, h)
	}
	return HTTP{Name: name, Read: r.ServeHTTP, Write: r.ServeHTTP, Create: r.ServeHTTP, routed: true}
}

func answerGin(c *gin.Context) { answer(c.Writer, c.Request) }

// GinBare is the engine alone.
func GinBare() HTTP { return onGin("bare", nil, answerGin, answerGin, answerGin) }

// GinSatchel is Satchel in memory around gin, as its adapter for net/http is used with it.
func GinSatchel() HTTP {
	s := SatchelServer()
	h := onGin(s.Name, nil, gin.WrapF(s.Read), gin.WrapF(s.Write), gin.WrapF(s.Create))
	all := s.Middleware(h.Read).ServeHTTP
	h.Read, h.Write, h.Create = all, all, all
	return h
}

// GinSessions is gin-contrib/sessions v1.0.4 in memory as its README sets it up ("memstore"), with both keys as securecookie's documentation
// recommends. The four values stand under four keys, as for gorilla, whose sessions these are. What only reads does not call Save.
func GinSessions() HTTP {
	kept := memstore.NewStore(GorillaKeys())
	kept.Options(ginsessions.Options{Path: "/", MaxAge: 86400, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return onGin("gin-contrib", ginsessions.Sessions(gorillaCookie, kept),
		func(c *gin.Context) {
			s := ginsessions.Default(c)
			var v fixture.Login
			v.User, _ = s.Get("user").(int64)
			v.Name, _ = s.Get("name").(string)
			v.Roles, _ = s.Get("roles").([]string)
			v.Since, _ = s.Get("since").(int64)
			finish(c.Writer, c.Request, whole(v), nil)
		},
		func(c *gin.Context) {
			s := ginsessions.Default(c)
			since, ok := s.Get("since").(int64)
			s.Set("since", since+1)
			finish(c.Writer, c.Request, ok, s.Save())
		},
		func(c *gin.Context) {
			s := ginsessions.Default(c)
			s.Set("user", login.User)
			s.Set("name", login.Name)
			s.Set("roles", login.Roles)
			s.Set("since", login.Since)
			finish(c.Writer, c.Request, true, s.Save())
		},
	)
}
