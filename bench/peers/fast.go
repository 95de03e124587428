package peers

import (
	"net/http"

	"github.com/fasthttp/session/v2"
	"github.com/fasthttp/session/v2/providers/memory"
	"github.com/valyala/fasthttp"

	"github.com/satchel-go/satchel/bench/fixture"
)

// Fast is a contender on fasthttp alone.
type Fast struct {
	Name    string
	Handler fasthttp.RequestHandler
}

// fasts serves all ways, each under its name.
func fasts(name string, read, write, create fasthttp.RequestHandler) Fast {
	all := map[string]fasthttp.RequestHandler{
		"/" + None: answerFast, "/" + Untouched: answerFast, "/" + Read: read, "/" + Write: write, "/" + Create: create,
	}
	return Fast{name, func(c *fasthttp.RequestCtx) { all[string(c.Path())](c) }}
}

func answerFast(c *fasthttp.RequestCtx) { c.Response.AppendBody(body) }

func finishFast(c *fasthttp.RequestCtx, ok bool) {
	if !ok {
		c.Error("no session, or an error", http.StatusInternalServerError)
		return
	}
	answerFast(c)
}

// FastBare is the handler alone.
func FastBare() Fast { return fasts("bare", answerFast, answerFast, answerFast) }

// FastSession is fasthttp/session v2.5.9 in memory as its _examples set it up: with MessagePack, and each handler that gets the session
// saves it when it returns, also where it only reads. Who asks for no session has no part in it.
func FastSession() Fast {
	cfg := session.NewDefaultConfig()
	cfg.CookieName, cfg.EncodeFunc, cfg.DecodeFunc = gorillaCookie, session.MSGPEncode, session.MSGPDecode
	cfg.CookieSameSite = fasthttp.CookieSameSiteLaxMode
	cfg.IsSecureFunc = func(*fasthttp.RequestCtx) bool { return true }
	all := session.New(cfg)
	kept, err := memory.New(memory.Config{})
	if err == nil {
		err = all.SetProvider(kept)
	}
	if err != nil {
		panic(err) // a provider in memory has nothing that could fail
	}
	with := func(f func(s *session.Store) bool) fasthttp.RequestHandler {
		return func(c *fasthttp.RequestCtx) {
			s, err := all.Get(c)
			if err != nil {
				finishFast(c, false)
				return
			}
			ok := f(s)
			finishFast(c, all.Save(c, s) == nil && ok)
		}
	}
	return fasts("fasthttp-session",
		with(func(s *session.Store) bool {
			var v fixture.Login
			v.User, _ = s.Get("user").(int64)
			v.Name, _ = s.Get("name").(string)
			v.Roles = roles(s.Get("roles"))
			v.Since, _ = s.Get("since").(int64)
			return whole(v)
		}),
		with(func(s *session.Store) bool {
			since, ok := s.Get("since").(int64)
			s.Set("since", since+1)
			return ok
		}),
		with(func(s *session.Store) bool {
			s.Set("user", login.User)
			s.Set("name", login.Name)
			s.Set("roles", login.Roles)
			s.Set("since", login.Since)
			return true
		}),
	)
}
