package satchel_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// Item 53 and PEERS 12: a token is bound to its kind, audience, purpose and tenant, sealed, signed or an ID.
func TestItem53_ATokenCannotBeMoved(t *testing.T) {
	ring, shared := testRing(t), newStaged()
	keys := satchel.FixedKeys(ring)
	others := satchel.NewKind[cart]("other")
	for name, place := range map[string]func(k satchel.Kind[cart], o satchel.Options) satchel.Placement{
		"sealed": func(k satchel.Kind[cart], o satchel.Options) satchel.Placement {
			return k.ClientSide(keys, satchel.Unrevocable).With(o)
		},
		"signed": func(k satchel.Kind[cart], o satchel.Options) satchel.Placement {
			o.Readable = true
			return k.ClientSide(keys, satchel.Unrevocable).With(o)
		},
		"ID": func(k satchel.Kind[cart], o satchel.Options) satchel.Placement { return k.ServerSide(shared).With(o) },
		"signed ID": func(k satchel.Kind[cart], o satchel.Options) satchel.Placement {
			o.SignIDs = keys
			return k.ServerSide(shared).With(o)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var seen events
			program := func(k satchel.Kind[cart], o satchel.Options) *satchel.Sessions {
				return satchel.Must(satchel.Config{Observer: seen.observer()}.New(place(k, o)))
			}
			home := program(carts, satchel.Options{Audience: "shop"})
			token := visit(t, home, "", func(ctx context.Context) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
			if _, ok := read(t, home, token); !ok {
				t.Fatal("not read where it belongs")
			}
			moved := map[string]func() (bool, error){
				"another kind": func() (bool, error) {
					s := program(others, satchel.Options{Audience: "shop", Cookie: cookie.Config{Name: "__Host-cart"}})
					_, ok, err := others.Get(s.Open(satchel.Arrived{"other": token}).Context(t.Context()))
					return ok, err
				},
				"another audience": func() (bool, error) {
					_, ok := read(t, program(carts, satchel.Options{Audience: "bank"}), token)
					return ok, nil
				},
				"no audience": func() (bool, error) { _, ok := read(t, program(carts, satchel.Options{}), token); return ok, nil },
				"another tenant": func() (bool, error) {
					_, ok, err := carts.Get(home.Open(tenant{token, "t2"}).Context(t.Context()))
					return ok, err
				},
			}
			for where, try := range moved {
				seen.take()
				ok, err := try()
				want := "refused: forged"
				if name == "ID" {
					want = "refused: unknown"
				}
				if got := seen.take(); ok || err != nil || !slices.Equal(got, []string{want}) {
					t.Errorf("%s: %v, %v, events %q", where, ok, err, got)
				}
			}
		})
	}
}

// tenant carries a token of one tenant.
type tenant struct {
	token core.Token
	name  string
}

func (c tenant) Tokens(satchel.Transport) core.Tokens {
	tokens := core.One(c.token)
	tokens.Tenant = c.name
	return tokens
}

// A session of a tenant is read and rotated there.
func TestTenant(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	ex := w.sessions.Open(tenant{name: "t1"})
	must(t, carts.Set(ex.Context(t.Context()), cart{[]string{"tea"}}))
	out, err := w.sent(ex)
	must(t, err)
	ex = w.sessions.Open(tenant{out.Token, "t1"})
	must(t, carts.Rotate(ex.Context(t.Context())))
	out, err = w.sent(ex)
	must(t, err)
	if _, ok, err := carts.Get(w.sessions.Open(tenant{out.Token, "t1"}).Context(t.Context())); !ok || err != nil {
		t.Error(ok, err)
	}
	if _, ok := w.items(out.Token); ok {
		t.Error("read without its tenant")
	}
}

// Item 52: a client-side token is over when its life is, and one from the future is not believed; TestItem18 has the rest.
func TestItem52_ExpiryIsInsideTheToken(t *testing.T) {
	s := newSealed(t, satchel.FixedKeys(testRing(t)), satchel.Options{Absolute: time.Hour})
	token := s.put("tea")
	s.clock.advance(time.Hour - time.Millisecond)
	if !s.reads(token) {
		t.Error("over too early")
	}
	s.clock.advance(time.Millisecond)
	if s.reads(token) {
		t.Error("over too late")
	}
}

// Item 54: what cannot be revoked says so by its name, and New takes nothing less.
func TestItem54_UnrevocableIsSaid(t *testing.T) {
	if _, err := satchel.New(carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Revocations{})); err == nil ||
		!strings.Contains(err.Error(), "Unrevocable") {
		t.Error(err)
	}
	s := newSealed(t, satchel.FixedKeys(testRing(t)), satchel.Options{})
	token := s.put("tea")
	if left := visit(t, s.sessions, token, func(ctx context.Context) { must(t, carts.Clear(ctx)) }); left != "" {
		t.Error("the client's copy is left")
	}
	if !s.reads(token) {
		t.Error("it is called unrevocable, and a copy does not open any more")
	}
}

// Item 55: sealing is the default, and only Readable shows the value to whoever holds the token.
func TestItem55_SealedByDefault(t *testing.T) {
	value := cart{[]string{strings.Repeat("darjeeling", 9)}}
	for _, readable := range []bool{false, true} {
		s := newSealed(t, satchel.FixedKeys(testRing(t)), satchel.Options{Readable: readable})
		token := visit(t, s.sessions, "", func(ctx context.Context) { must(t, carts.Set(ctx, value)) })
		if shows := strings.Contains(decoded(t, token), "darjeeling"); shows != readable {
			t.Errorf("Readable %v: the value shows: %v", readable, shows)
		}
		forged := token[:len(token)-60] + "AAAA" + token[len(token)-56:]
		if s.reads(forged) {
			t.Errorf("Readable %v: a forged token reads", readable)
		}
	}
}

// profile is the struct that PERFORMANCE measures: user, name, roles and a time.
type profile struct {
	User  string    `cbor:"1,keyasint"`
	Name  string    `cbor:"2,keyasint"`
	Roles []string  `cbor:"3,keyasint"`
	Since time.Time `cbor:"4,keyasint"`
}

// line is one of a shopping cart's.
type line struct {
	SKU       string `cbor:"1,keyasint" json:"sku"`
	Name      string `cbor:"2,keyasint" json:"name"`
	Quantity  int    `cbor:"3,keyasint" json:"quantity"`
	UnitPrice int    `cbor:"4,keyasint" json:"unitPrice"`
}

// What travels is small: a small session at most 200 characters, and a cart that is 3 KB of JSON at most 2,100.
func TestTokenSizes(t *testing.T) {
	profiles := satchel.NewKind[profile]("profile")
	s := satchel.Must(satchel.New(profiles.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable)))
	ex := s.Open(satchel.Arrived{})
	must(t, profiles.SignIn(ex.Context(t.Context()), "u-4711", profile{
		User: "u-4711", Name: "Ada Lovelace", Roles: []string{"admin", "editor", "viewer"}, Since: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
	}))
	out, err := ex.Commit(t.Context())
	must(t, err)
	if n := len(out[0].Token); n > 200 {
		t.Errorf("a small session takes %d characters", n)
	}

	lines := satchel.NewKind[[]line]("lines")
	s = satchel.Must(satchel.New(lines.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable)))
	ex = s.Open(satchel.Arrived{})
	all := threeKilobytes(t)
	must(t, lines.Set(ex.Context(t.Context()), all))
	out, err = ex.Commit(t.Context())
	must(t, err)
	if n := len(out[0].Token); n > 2100 || n < 1900 {
		t.Errorf("a cart of 3 KB takes %d characters", n)
	}
}

// A value that is too large is refused by Set already, with its size and limit, and what was there stays.
func TestTooLarge(t *testing.T) {
	for name, c := range map[string]struct {
		place satchel.Placement
		what  string
		limit int
	}{
		"payload": {carts.ServerSide(newStaged()).With(satchel.Options{MaxPayload: 100}), "payload", 100},
		"default": {carts.ServerSide(newStaged()), "payload", core.DefaultMaxPayload},
		"token": {carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable).With(satchel.Options{
			MaxToken: 300,
		}), "token", 300},
		"header": {carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable).With(satchel.Options{
			Header: "X-Cart",
		}), "token", core.DefaultMaxToken},
	} {
		t.Run(name, func(t *testing.T) {
			s := satchel.Must(satchel.New(c.place))
			large := strings.Repeat("x", c.limit+1)
			token := visit(t, s, "", func(ctx context.Context) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
			visit(t, s, token, func(ctx context.Context) {
				_, updateErr := carts.Update(ctx, add(large))
				_, getErr := carts.GetOrSet(s.Open(satchel.Arrived{}).Context(t.Context()), func() cart { return cart{[]string{large}} })
				for verb, err := range map[string]error{
					"Set": carts.Set(ctx, cart{[]string{large}}), "Overwrite": carts.Overwrite(ctx, cart{[]string{large}}),
					"SignIn": carts.SignIn(ctx, "ann", cart{[]string{large}}), "Update": updateErr, "GetOrSet": getErr,
				} {
					var e *core.TooLargeError
					if !errors.As(err, &e) || e.Kind != "cart" || e.What != c.what || e.Limit != c.limit || e.Size <= c.limit {
						t.Errorf("%s: %v", verb, err)
					} else if want := fmt.Sprintf(`session "cart": a %s of %d is over the limit of %d`, c.what, e.Size, c.limit); err.Error() != want {
						t.Errorf("%s: %q", verb, err)
					}
				}
				if v, ok, err := carts.Get(ctx); !ok || err != nil || v.Items[0] != "tea" {
					t.Error("afterwards:", v, ok, err)
				}
			})
			if items, ok := read(t, s, token); !ok || items[0] != "tea" {
				t.Error("in the next exchange:", items, ok)
			}
		})
	}
}

// A cookie's kind is limited to what its cookie has room for.
func TestTooLargeForTheCookie(t *testing.T) {
	s := satchel.Must(satchel.New(carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable)))
	room := s.Placed()[0].Transport.Cookie.MaxValue()
	ctx := s.Open(satchel.Arrived{}).Context(t.Context())
	var e *core.TooLargeError
	if err := carts.Set(ctx, cart{[]string{strings.Repeat("x", 4096)}}); !errors.As(err, &e) || e.Limit != room || room >= core.DefaultMaxToken {
		t.Error(err, room)
	}
}

// A chain is the placement's own: changing the slice afterwards changes nothing, also when keys are read again.
func TestChainIsCopied(t *testing.T) {
	keys := newSource("a:primary:" + secretA)
	chain := core.Chain{open{}}
	s := newSealed(t, keys.keys(), satchel.Options{Chain: chain})
	token := s.put("tea")
	chain[0] = crypto.Sign(testRing(t))
	keys.set("a:primary:" + secretA + "\nb:pending:" + secretB)
	s.clock.advance(refresh)
	if !s.reads(token) {
		t.Error("a change of the caller's slice reached the policy")
	}
}

// decoded returns the bytes of a token.
func decoded(t *testing.T, token core.Token) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(string(token))
	must(t, err)
	return string(raw)
}

// threeKilobytes returns a cart that encoding/json spells in about 3 KB.
func threeKilobytes(t *testing.T) (all []line) {
	t.Helper()
	for i := range 39 {
		all = append(all, line{
			SKU: fmt.Sprintf("art-%05d", 7919*i%99_991), Name: fmt.Sprintf("Darjeeling, box %02d", i), Quantity: 1 + i%9, UnitPrice: 499 + 37*i,
		})
	}
	text, err := json.Marshal(all)
	must(t, err)
	if n := len(text); n < 3000 || n > 3100 {
		t.Fatalf("%d bytes of JSON", n)
	}
	return all
}
