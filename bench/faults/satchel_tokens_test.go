package faults

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/bench/peers"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

// satchelFixation: the attacker's ID is one that a site gives out, but not this one.
func satchelFixation(t *testing.T) verdict {
	planted := satchelServer().do("/new", "").cookie
	if planted == "" {
		t.Fatal("no session")
	}
	return fixation(satchelServer(), planted)
}

func satchelClears(*testing.T) verdict {
	return either(clears(satchelServer()), clears(satchelClient()), clears(satchelOfDomain("/")), clearsBelow(satchelOfDomain("/shop"), "/shop"))
}

// satchelOfDomain is Satchel with cookies for the whole of a domain, which the default name forbids.
func satchelOfDomain(path string) *site {
	return satchelSite(visits.ServerSide(store.NewMemory()), satchel.Config{Cookie: cookie.Config{Name: "__Secure-" + name, Domain: domain, Path: path}})
}

// Each site that is asked of the faults sends its cookies for the whole of the domain, so that a domain forgotten at clearing shows.
func TestDomains(t *testing.T) {
	files, _ := gorillaFiles(t)
	all := map[string]*site{
		"Satchel": satchelOfDomain("/"), "scs": scsSite(newSCS(forSCS{newShelf()})), "gorilla, cookies": gorillaCookies(), "gorilla, files": files,
		"fiber": fiberSite(forFiber{newShelf()}),
	}
	for i, o := range others {
		if i != ofIcza { // whose options know no domain
			all[o.name] = o.site(t)
		}
	}
	for who, s := range all {
		c, err := http.ParseSetCookie(s.do("/new", "").set)
		if err != nil || c.Domain != domain {
			t.Errorf("%s: the cookie is %v for %v", who, c, err)
		}
	}
}

func satchelGarbled(t *testing.T) verdict {
	on := newDrawer()
	s := satchelSite(visits.ServerSide(on))
	sent := s.do("/new", "").cookie
	if on.spoil(t) != 1 {
		t.Fatal("there is not one record")
	}
	token, _, _ := strings.Cut(sent, "=")
	return either(garbled(s, sent), garbled(s, token+"=garbage"), garbled(satchelClient(), token+"=garbage"), satchelOtherType(t))
}

// satchelOtherType: the record is whole, and what is in it was of another type.
func satchelOtherType(t *testing.T) verdict {
	records := store.NewMemory()
	texts := satchel.NewKind[string](name)
	w := wrapped(texts.ServerSide(records), page(), func(_ http.ResponseWriter, r *http.Request) { _ = texts.Set(r.Context(), "a text") })
	made := replied(w.Code, "", w.Header().Get("Set-Cookie"))
	if made.cookie == "" {
		t.Fatal("no session")
	}
	return garbled(satchelSite(visits.ServerSide(records)), made.cookie)
}

func satchelFlush(*testing.T) verdict {
	w := wrapped(visits.ServerSide(store.NewMemory()), page(), func(w http.ResponseWriter, r *http.Request) {
		_ = visits.Set(r.Context(), visit{N: 1})
		_ = http.NewResponseController(w).Flush()
		fmt.Fprint(w, "streamed")
	})
	return hasIf(len(w.Result().Cookies()) == 0)
}

// satchelKeptHandle: what is kept of Alice's request is asked in Bob's, and after it.
func satchelKeptHandle(t *testing.T) verdict {
	var kept context.Context
	found := free
	ask := func() {
		if v, _, err := visits.Get(kept); err == nil && v.Text != "alice" {
			found = has
		}
	}
	h := nethttp.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if kept == nil {
			kept = r.Context() //nolint:fatcontext // that is the fault
		}
		if err := visits.Set(r.Context(), visit{Text: r.URL.Query().Get("who")}); err != nil {
			t.Error(err)
		}
		ask()
	}), satchel.Must(satchel.New(visits.ServerSide(store.NewMemory()))))
	for _, who := range []string{"alice", "bob"} {
		get(h, "/?who="+who, "")
	}
	ask()
	return found
}

// satchelOlderKey: a key that cannot seal is refused where keys are made.
func satchelOlderKey(*testing.T) verdict {
	_, err := crypto.NewKey("k2", crypto.Primary, []byte("too short"))
	return hasIf(err == nil)
}

func satchelMoved(*testing.T) verdict {
	moved := func(here, there satchel.Placement) verdict {
		_, token, _ := strings.Cut(satchelSite(here).do("/new", "").cookie, "=")
		var found bool
		r := page()
		r.Header.Set("Cookie", "__Host-admin="+token)
		wrapped(there, r, func(_ http.ResponseWriter, r *http.Request) { _, found, _ = admins.Get(r.Context()) })
		return hasIf(found)
	}
	records, keys := store.NewMemory(), satchel.FixedKeys(peers.Keyring())
	return either(moved(visits.ServerSide(records), admins.ServerSide(records)),
		moved(visits.ClientSide(keys, satchel.Unrevocable), admins.ClientSide(keys, satchel.Unrevocable)))
}

var admins = satchel.NewKind[visit]("admin")

// satchelBitFlips puts each other character into each place of a cookie, so that each bit is changed by itself, too.
func satchelBitFlips(*testing.T) verdict {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	s := satchelClient()
	sent := s.do("/new", "").cookie
	if s.do("/look", sent).body != "1" {
		return none
	}
	for i := strings.Index(sent, "=") + 1; i < len(sent); i++ {
		for _, other := range alphabet {
			if byte(other) == sent[i] {
				continue
			}
			if s.do("/look", sent[:i]+string(other)+sent[i+1:]).body != "0" {
				return has
			}
		}
	}
	return free
}

// satchelTooLarge: no length gives a cookie that a browser drops, without an error.
func satchelTooLarge(*testing.T) verdict {
	p := visits.ClientSide(satchel.FixedKeys(peers.Keyring()), satchel.Unrevocable)
	for n := 0; n < 6000; n += 50 {
		var refused error
		w := wrapped(p, page(), func(_ http.ResponseWriter, r *http.Request) {
			refused = visits.Set(r.Context(), visit{Text: strings.Repeat(fmt.Sprint(n), n/4+1)})
		})
		for _, c := range w.Result().Cookies() {
			if len(c.Name)+len(c.Value) > 4096 {
				return has
			}
		}
		if refused == nil && w.Code == http.StatusOK && len(w.Result().Cookies()) == 0 {
			return has
		}
	}
	return free
}

func satchelLists(t *testing.T) verdict {
	texts := codec.CBOR[visit]()
	b, err := texts.Encode(visit{Roles: list})
	if err != nil {
		t.Fatal(err)
	}
	v, err := texts.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return same(v.Roles)
}

func satchelLateLogout(*testing.T) verdict {
	late := func(p satchel.Placement) (err error, still bool) {
		s := satchelSite(p)
		sent := s.do("/new", "").cookie
		r := page()
		r.Header.Set("Cookie", sent)
		wrapped(p, r, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "begun")
			err = visits.Clear(r.Context())
		})
		return err, s.do("/look", sent).body == "1"
	}
	_, lives := late(visits.ServerSide(store.NewMemory()))
	err, _ := late(visits.ClientSide(satchel.FixedKeys(peers.Keyring()), satchel.Unrevocable))
	return hasIf(lives || !errors.Is(err, satchel.ErrTooLate))
}
