package main

import (
	"net/http"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
	"github.com/satchel-go/satchel/core"
)

// arrived carries the cookies of a request that is upgraded.
type arrived struct{ r *http.Request }

// Tokens finds the tokens among them.
func (a arrived) Tokens(t satchel.Transport) core.Tokens {
	if !answer.Trusts(t, a.r.Host) {
		return core.Tokens{}
	}
	first, second, count := t.Cookie.Find(a.r.Header["Cookie"])
	return core.Tokens{First: core.Token(first), Second: core.Token(second), Count: count}
}

// desk is a browser's session as one connection has it.
type desk struct {
	tokens satchel.Carrier // for the exchange of each message
	watch  *satchel.Watch
}

// begin finds the session of a request, or begins one, and writes its cookie into the header that the upgrade's answer will have. This
// is the last moment for a cookie: behind it the connection speaks another protocol.
func (s *site) begin(w http.ResponseWriter, r *http.Request) (*desk, error) {
	d := &desk{tokens: arrived{r}}
	ex := s.sessions.Open(d.tokens)
	defer ex.Close()
	ctx := ex.Context(r.Context())
	if _, err := desks.GetOrSet(ctx, func() Desk { return Desk{Notes: []string{}} }); err != nil {
		return nil, err
	}
	outcomes, err := ex.Commit(ctx)
	if err != nil {
		return nil, err
	}
	for i := range outcomes {
		if outcomes[i].Action != core.SendToken {
			continue
		}
		line, err := answer.SetCookie(&outcomes[i])
		if err != nil {
			return nil, err
		}
		w.Header().Add("Set-Cookie", line)
		w.Header().Set("Cache-Control", "no-store")
		d.tokens = satchel.Arrived{desks.Name(): outcomes[i].Token} // in place of the cookie that came, if one did
	}
	d.watch, err = desks.Watch(ctx)
	return d, err
}
