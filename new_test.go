package satchel_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

// blind is a store without compare-and-swap.
type blind struct{ store.Store }

func (blind) Guarantees() store.Guarantees { return store.Guarantees{} }

// New refuses each of these, and says all that is wrong, in these words.
func TestNewRefuses(t *testing.T) {
	keys := satchel.FixedKeys(testRing(t))
	server, client := carts.ServerSide(store.NewMemory()), carts.ClientSide(keys, satchel.Unrevocable)
	for name, c := range map[string]struct {
		place satchel.Placement
		want  string // without "satchel: kind "cart": " at its beginning
	}{
		"no store":         {carts.ServerSide(nil), "no store"},
		"typed nil store":  {carts.ServerSide((*store.Memory)(nil)), "no store"},
		"undecodable":      {server.With(satchel.Options{Undecodable: 99}), "Undecodable: there is no policy 99"},
		"undecodable, one": {client.With(satchel.Options{Undecodable: satchel.SetAside + 1}), "Undecodable: there is no policy 3"},
		"no text":          {carts.ClientSide(satchel.KeysFromText(nil), satchel.Unrevocable), "satchel: keys: no source"},
		"no text to sign":  {server.With(satchel.Options{SignIDs: satchel.KeysFromText(nil)}), "satchel: keys: no source"},
		"blind store":      {carts.ServerSide(blind{store.NewMemory()}), "the store has no compare-and-swap; LostUpdates accepts what follows from that"},
		"readable":         {server.With(satchel.Options{Readable: true}), "Readable: the value of a server-side session does not travel"},
		"nothing":          {carts.ClientSide(nil, satchel.Revocations{}), "no keys\nno revocations; Unrevocable accepts what follows from that"},
		"no ring":          {carts.ClientSide(satchel.FixedKeys(nil), satchel.Unrevocable), "satchel: no keyring"},
		"no ring to sign":  {server.With(satchel.Options{SignIDs: satchel.FixedKeys(nil)}), "satchel: no keyring"},
		"signed payload":   {client.With(satchel.Options{SignIDs: keys}), "SignIDs: a client-side session has no ID"},
		"touch client":     {client.With(satchel.Options{Touch: time.Hour}), "Touch: of a kind without an Idle time"},
		"negative":         {server.With(satchel.Options{Idle: -1, Absolute: -time.Second, Touch: -1, Skew: -1}), "Absolute: -1s is negative\nSkew: -1ns is negative\nIdle: -1ns is negative\nTouch: -1ns is negative"},
		"too short":        {server.With(satchel.Options{Idle: 1, Absolute: 2}), "Absolute: 2ns is under a millisecond\nIdle: 1ns is under a millisecond"},
		"touch unlimited":  {server.With(satchel.Options{Touch: satchel.Unlimited}), "Touch, Skew, Renew, Grace: cannot be unlimited"},
		"skew unlimited":   {client.With(satchel.Options{Skew: satchel.Unlimited}), "Touch, Skew, Renew, Grace: cannot be unlimited"},
		"renew client":     {client.With(satchel.Options{Renew: time.Hour}), "Renew, Grace, EndReused: only a session in a store is renewed"},
		"reused client":    {client.With(satchel.Options{EndReused: true}), "Renew, Grace, EndReused: only a session in a store is renewed"},
		"long idle client": {client.With(satchel.Options{LongestIdle: time.Hour}), "LongestIdle: of a kind without an Idle time"},
		"renew unlimited":  {server.With(satchel.Options{Renew: satchel.Unlimited}), "Touch, Skew, Renew, Grace: cannot be unlimited"},
		"short renewal":    {server.With(satchel.Options{Renew: time.Minute}), "lifetime: a grace of 60000 ms does not end before the next renewal, after 60000 ms"},
		"long grace":       {server.With(satchel.Options{Renew: time.Hour, Grace: 11 * time.Minute}), "lifetime: Grace is 660000 ms, at most 600000"},
		"negative renewal": {server.With(satchel.Options{Renew: -1, Grace: -1}), "Renew: -1ns is negative\nGrace: -1ns is negative"},
		"shorter longest":  {server.With(satchel.Options{Longest: time.Hour}), "lifetime: Longest is 3600000 ms, shorter than Absolute"},
		"negative longest": {server.With(satchel.Options{Longest: -1, LongestIdle: 1}), "Longest: -1ns is negative\nLongestIdle: 1ns is under a millisecond"},
		"rare touch":       {server.With(satchel.Options{Idle: time.Minute, Touch: time.Minute}), "lifetime: a touch every 60000 ms comes too late for an idle time of 60000 ms"},
		"big token":        {client.With(satchel.Options{MaxToken: 4096}), "MaxToken: 4096 characters, and the cookie has room for 3"},
		"small token":      {server.With(satchel.Options{MaxToken: 10}), "max token: a server-side token may have 44 characters, over the limit of 10"},
		"huge token":       {client.With(satchel.Options{Header: "X-Cart", MaxToken: 20_000}), "max token: 20000 characters, outside 0 to 16384"},
		"negative payload": {server.With(satchel.Options{MaxPayload: -1}), "max payload: -1 bytes"},
		"long audience":    {server.With(satchel.Options{Audience: strings.Repeat("a", 256)}), "audience: 256 bytes, at most 255"},
		"nil transform":    {server.With(satchel.Options{Chain: core.Chain{nil}}), "chain: a nil transform"},
		"cookie":           {server.With(satchel.Options{Cookie: cookie.Config{Domain: "example.com"}}), "cookie: "},
		"header name":      {server.With(satchel.Options{Header: "X Cart"}), `header: "X Cart" is not a field name (RFC 9110, section 5.1)`},
		"header utf-8":     {server.With(satchel.Options{Header: "X-Cärt"}), `header: "X-Cärt" is not a field name (RFC 9110, section 5.1)`},
		"own header":       {server.With(satchel.Options{Header: "Set-cookie"}), "header: Set-cookie has a meaning of its own"},
		"two transports":   {server.With(satchel.Options{Header: "X-Cart", Cookie: cookie.Config{Name: "cart"}}), "header: the kind has cookie options as well"},
		"no codec":         {carts.WithCodec(nil).ServerSide(store.NewMemory()), "no codec for satchel_test.cart; kinds are made by NewKind"},
		"unusable type":    {satchel.NewKind[chan int]("cart").ServerSide(store.NewMemory()), "codec: unusable: "},
		"unusable codec":   {satchel.NewKind[any]("cart").WithCodec(codec.JSON[any]()).ServerSide(store.NewMemory()), "codec: unusable: "},
		"everything": {
			satchel.NewKind[chan int]("cart").ClientSide(nil, satchel.Revocations{}).With(satchel.Options{
				Header: "a b", Absolute: -1, SignIDs: keys, Audience: strings.Repeat("a", 256), MaxPayload: -1,
			}),
			"codec: unusable: cbor of chan int: chan int is of kind chan\n" +
				"header: \"a b\" is not a field name (RFC 9110, section 5.1)\nAbsolute: -1ns is negative\nno keys\n" +
				"no revocations; Unrevocable accepts what follows from that\nSignIDs: a client-side session has no ID\n" +
				"audience: 256 bytes, at most 255\nmax payload: -1 bytes",
		},
		"both of a store": {
			carts.ServerSide(blind{store.NewMemory()}).With(satchel.Options{Readable: true}),
			"Readable: the value of a server-side session does not travel\n" +
				"the store has no compare-and-swap; LostUpdates accepts what follows from that",
		},
	} {
		t.Run(name, func(t *testing.T) {
			ofCookie := name == "cookie" // whose faults its own room tests
			s, err := satchel.New(c.place)
			if s != nil || err == nil {
				t.Fatal("accepted:", s, err)
			}
			const name = `satchel: kind "cart": ` // in front of each fault
			got, named := strings.CutPrefix(strings.ReplaceAll(err.Error(), "\n"+name, "\n"), name)
			if !named || !strings.HasPrefix(got, c.want) || strings.Count(got, "\n") > strings.Count(c.want, "\n") && !ofCookie {
				t.Errorf("got  %q\nwant %q", err, c.want)
			}
		})
	}
}

// Faults of several kinds, and of the configuration, are one error.
func TestNewListsEverything(t *testing.T) {
	memory := store.NewMemory()
	other := satchel.NewKind[string]("other")
	s, err := satchel.Config{CommitLimit: -1}.New(
		satchel.Placement{},
		carts.ServerSide(memory), satchel.NewKind[string]("cart").ServerSide(memory),
		other.ServerSide(memory).With(satchel.Options{Cookie: cookie.Config{Name: "__Host-cart"}}),
		satchel.NewKind[int]("one").ServerSide(memory).With(satchel.Options{Header: "X-Session"}),
		satchel.NewKind[int]("two").ServerSide(memory).With(satchel.Options{Header: "x-session"}),
		satchel.NewKind[int]("bad").ServerSide(nil),
		satchel.NewKind[int]("tab").ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable).With(satchel.Options{Header: "X-Tab", Idle: time.Hour}),
		satchel.NewKind[int]("tab-seen").ServerSide(memory), // by another carrier, but by the name of tab's stamp
	)
	want := `satchel: CommitLimit, LoadLimit, KeyRefresh or WatchEvery is negative
satchel: a placement comes from a kind's ServerSide or ClientSide
satchel: kind "cart": placed twice
satchel: kinds "cart" and "other" travel by one cookie __Host-cart
satchel: kinds "one" and "two" travel by one header x-session
satchel: kind "bad": no store
satchel: kinds "tab" and "tab-seen" both send tokens as "tab-seen"`
	if s != nil || err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	for name, c := range map[string]satchel.Config{
		"CommitLimit": {CommitLimit: -1}, "LoadLimit": {LoadLimit: -1}, "KeyRefresh": {KeyRefresh: -1},
	} {
		if _, err := c.New(); err == nil || err.Error() != "satchel: CommitLimit, LoadLimit, KeyRefresh or WatchEvery is negative" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A failing source is named with its kind, and its cause can be found.
func TestNewReadsEachSourceOnce(t *testing.T) {
	vault, reads := errors.New("no such vault"), 0
	keys := func(context.Context) (*crypto.Keyring, error) { reads++; return nil, vault }
	_, err := satchel.New(carts.ClientSide(keys, satchel.Unrevocable))
	if !errors.Is(err, vault) || reads != 1 || !strings.Contains(err.Error(), `"cart"`) {
		t.Error(err, reads)
	}
}

// Names of kinds are those of cookies, by whatever their tokens travel.
func TestNewRefusesNames(t *testing.T) {
	for _, name := range []string{"", "a b", "sö", "a;b", strings.Repeat("n", 65)} {
		for _, header := range []string{"", "X-Session"} {
			place := satchel.NewKind[int](name).ServerSide(store.NewMemory()).With(satchel.Options{Header: header})
			if _, err := satchel.New(place); err == nil {
				t.Errorf("kind %q is accepted (header %q)", name, header)
			}
		}
	}
}

// What is weaker by name is accepted.
func TestNewAccepts(t *testing.T) {
	keys := satchel.FixedKeys(testRing(t))
	for name, place := range map[string]satchel.Placement{
		"lost updates": carts.ServerSide(blind{store.NewMemory()}).With(satchel.Options{LostUpdates: true}),
		"unlimited":    carts.ServerSide(store.NewMemory()).With(satchel.Options{Idle: satchel.Unlimited, Absolute: satchel.Unlimited}),
		"client":       carts.ClientSide(keys, satchel.Unrevocable).With(satchel.Options{Absolute: satchel.Unlimited}),
		"readable":     carts.ClientSide(keys, satchel.Unrevocable).With(satchel.Options{Readable: true}),
		"signed IDs":   carts.ServerSide(store.NewMemory()).With(satchel.Options{SignIDs: keys, MaxToken: 100}),
		"header":       carts.ServerSide(store.NewMemory()).With(satchel.Options{Header: "!#$%&'*+-.^_`|~09AZaz", MaxToken: 44}),
		"short":        carts.ServerSide(store.NewMemory()).With(satchel.Options{Idle: time.Millisecond, Absolute: time.Millisecond, Skew: time.Millisecond}),
	} {
		if _, err := satchel.New(place); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s, err := satchel.New(); err != nil || len(s.Placed()) != 0 {
		t.Error("no kinds:", err)
	}
}

func TestMust(t *testing.T) {
	want := errors.New("wrong")
	defer func() {
		if got := recover(); got != want {
			t.Error("panicked with", got)
		}
	}()
	if s := satchel.Must(satchel.New()); s == nil {
		t.Error("no sessions")
	}
	satchel.Must(nil, want)
	t.Error("no panic")
}

// lasts returns how long sessions of the first kind live, and nothing else of it.
func lasts(s *satchel.Sessions) satchel.Placed {
	p := s.Placed()[0]
	return satchel.Placed{Idle: p.Idle, Absolute: p.Absolute, Touch: p.Touch, Skew: p.Skew}
}

// Item 21: no configuration gives an endless session in silence.
func TestItem21_EndlessOnlyByName(t *testing.T) {
	for name, c := range map[string]struct {
		options satchel.Options
		want    satchel.Placed
	}{
		"default":   {satchel.Options{}, satchel.Placed{Idle: 30 * time.Minute, Absolute: 24 * time.Hour, Touch: 3 * time.Minute, Skew: time.Minute}},
		"unlimited": {satchel.Options{Idle: satchel.Unlimited, Absolute: satchel.Unlimited}, satchel.Placed{Idle: satchel.Unlimited, Absolute: satchel.Unlimited, Skew: time.Minute}},
		"chosen": {
			satchel.Options{Idle: time.Minute, Absolute: time.Hour, Touch: time.Second, Skew: time.Millisecond},
			satchel.Placed{Idle: time.Minute, Absolute: time.Hour, Touch: time.Second, Skew: time.Millisecond},
		},
	} {
		s := satchel.Must(satchel.New(carts.ServerSide(store.NewMemory()).With(c.options)))
		if got := lasts(s); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	s := satchel.Must(satchel.New(carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable)))
	if got := lasts(s); got != (satchel.Placed{Idle: satchel.Unlimited, Absolute: 24 * time.Hour, Skew: time.Minute}) {
		t.Errorf("client-side: %+v", got)
	}
}

// A header field that HTTP gives a meaning, or that an adapter writes, carries no token, however it is spelled.
func TestNewRefusesFieldsWithAMeaning(t *testing.T) {
	for _, name := range []string{
		"Vary", "vary", "CACHE-CONTROL", "Location", "Refresh", "Retry-After", "Set-Cookie", "Cookie", "Host", "Date", "ETag", "Expires",
		"Last-Modified", "Connection", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "WWW-Authenticate", "Content-Type", "Content-Length",
		"Content-Foo", "content-",
	} {
		for _, place := range []satchel.Placement{
			carts.ServerSide(store.NewMemory()), carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable),
		} {
			_, err := satchel.New(place.With(satchel.Options{Header: name}))
			if want := `satchel: kind "cart": header: ` + name + " has a meaning of its own"; err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		}
	}
	for _, name := range []string{"Authorization", "X-Content-Foo", "Contents", "Variety"} {
		if _, err := satchel.New(carts.ServerSide(store.NewMemory()).With(satchel.Options{Header: name})); err != nil {
			t.Error(err)
		}
	}
}
