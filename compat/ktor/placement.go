package ktor

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Config says how Ktor's side of a kind is installed. The zero value is what cookie<T>(name) installs in Ktor 3: a cookie by the
// kind's name with Ktor's attributes, JSON, and no transformer.
type Config[T any] struct {
	// Serializer is Ktor's serializer for T; nil is JSON. It takes the place of the codec that the kind was declared with.
	Serializer codec.Codec[T]
	// Transform is what transform is called with, in its order. A session by value without any is what the client says it is.
	Transform core.Chain
	// Cookie says how the cookie looks.
	Cookie Cookie
	// Header makes the session travel by this header field, as header<T>(name) does. It is sent as it is, and not sent when the
	// session ends, so a client that holds a session by value goes on holding it.
	Header string

	// Absolute is how long what Migrating writes may live, 0 for without end. Ktor's own tokens and records hold no times.
	Absolute time.Duration
	// Undecodable says what happens to a session that does not deserialize.
	Undecodable satchel.Undecodable
	// LostUpdates accepts a store without compare-and-swap, such as Directory.
	LostUpdates bool
	// RiskyIDs takes the IDs of new sessions by ID from RiskyIdentity or WithRiskyID.
	RiskyIDs bool
}

// ByValue places a kind as cookie<T>(name) and header<T>(name) do: the session itself travels. Ktor's formats note no time and
// hold no name of a kind, so such a session can be played back for ever, and nothing can end it.
func ByValue[T any](k satchel.Kind[T], c Config[T]) satchel.Placement {
	o := c.options(k.Name())
	o.Readable = !slices.ContainsFunc(c.Transform, hides)
	return k.WithCodec(c.serializer()).ClientSide(nil, satchel.Unrevocable).With(o)
}

// ByID places a kind as cookie<T>(name, storage) and header<T>(name, storage) do: an ID travels, 64 digits of hex if it is new, and
// the session is in a store of bare records such as a Directory, or one of your own over the storage that Ktor uses.
func ByID[T any](k satchel.Kind[T], s store.Store, c Config[T]) satchel.Placement {
	return k.WithCodec(c.serializer()).ServerSide(s).With(c.options(k.Name()))
}

func (c Config[T]) serializer() codec.Codec[T] {
	if c.Serializer != nil {
		return c.Serializer
	}
	return JSON[T]()
}

func (c Config[T]) options(name string) satchel.Options {
	o := satchel.Options{
		Foreign: true, Header: c.Header, Chain: c.Transform, Undecodable: c.Undecodable, LostUpdates: c.LostUpdates,
		ChosenIDs: c.RiskyIDs, Absolute: c.Absolute,
	}
	if c.Header == "" || !reflect.DeepEqual(c.Cookie, Cookie{}) { // New refuses both
		o.Cookie = cookie.Config{Dialect: spelling{name: name, config: c.Cookie}}
	}
	return o
}

// hides reports whether a transform leaves nothing to read.
func hides(t core.Transform) bool {
	switch t.(type) {
	case *encryption, *migration:
		return true
	}
	return false
}

// RiskyIdentity is Ktor's identity { call -> … } for net/http: sessions of a kind that requests to next begin get the ID that
// id returns, unless that is "". It stands before or behind the adapter's handler, and the kind's Config has RiskyIDs.
//
// Whoever can say the ID has the session. An ID made from what a request carries (a user's name, an address, a header) can be
// said by others: it is the caller's risk that it cannot. An ID has 1 to 512 bytes, and one of exactly 32 bytes, as Ktor's own have, is
// visible ASCII (satchel.WithNewID). Ktor overwrites a session whose ID comes again; here that is an
// error (store.ErrExists), and so such a session can be neither rotated nor signed in, which need a new ID.
func RiskyIdentity(next http.Handler, kind string, id func(r *http.Request) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(WithRiskyID(r.Context(), kind, id(r))))
	})
}

// WithRiskyID is RiskyIdentity for other frameworks: a session of the kind that begins under this context gets the ID.
func WithRiskyID(parent context.Context, kind, id string) context.Context {
	return satchel.WithNewID(parent, kind, id)
}
