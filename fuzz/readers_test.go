package fuzz_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/compat/ktor"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/sealed"
)

// reader is one reader of bytes that others wrote. What it gives is of no interest here.
type reader struct {
	name string
	read func(text string)
}

// everyReader is each reader that another module can call.
func everyReader(f *testing.F) []reader {
	f.Helper()
	var all []reader
	add := func(name string, read func(text string)) { all = append(all, reader{name, read}) }
	for name, c := range codecs() {
		add("codec "+name, func(text string) { _, _, _ = codec.Read(c, text) })
	}
	add("codec.Text", func(text string) { _, _ = codec.Text[string]().Decode(text) })
	add("codec.Bytes", func(text string) { _, _ = codec.Bytes[[]byte]().Decode(text) })
	for name, c := range map[string]codec.Codec[cart]{
		"Reflection": ktor.Reflection[cart](), "BackwardCompatible": ktor.BackwardCompatible[cart](), "JSON": ktor.JSON[cart](),
	} {
		add("ktor."+name, func(text string) { _, _, _ = codec.Read(c, text) })
	}
	add("ktor.ParseBigDecimal", func(text string) { _, _ = ktor.ParseBigDecimal(text) })
	add("core.ParseRoster", func(text string) { core.ParseRoster(text) })
	add("core.ParseLog", func(text string) { core.ParseLog(text) })
	add("core.ParseSegment", func(text string) { core.ParseSegment(text) })
	add("core.Successor", func(text string) { core.Successor(core.Record{Body: text}) })
	add("crypto.ParseKeyring", func(text string) { _, _ = crypto.ParseKeyring(text) })
	add("store.ReadRecord", func(text string) { _, _ = store.ReadRecord(text) })
	add("cookie.Without", func(text string) { cookie.Without(strings.Split(text, "\n"), "cart") })
	add("cookie.LoopbackHost", func(text string) { cookie.LoopbackHost(text) })
	add("answer.Lists", func(text string) { answer.Lists(strings.Split(text, "\n"), "Cookie") })
	add("satcheltest.Jar", func(text string) {
		_ = satcheltest.NewJar(func() time.Time { return noon }).Receive(&url.URL{Scheme: "https", Host: "a.example", Path: "/"}, text)
	})
	fast := newServers(f).fast
	add("fiber", func(text string) {
		var request fasthttp.RequestCtx
		request.Request.SetRequestURI("/")
		request.Request.Header.Set("Cookie", text)
		request.Request.Header.Set("X-Visits", text)
		fast(&request)
	})
	return append(all, append(transformReaders(f), storeReaders(f)...)...)
}

// transformReaders are the transforms, and whole Sessions with each.
func transformReaders(f *testing.F) (all []reader) {
	f.Helper()
	keys, err := crypto.ParseKeyring(ours)
	if err != nil {
		f.Fatal(err)
	}
	encrypt := ktor.Must(ktor.Encrypt(ktor.Encryption{Key: make([]byte, 16), SignKey: []byte("k"), Before300Until: noon.Add(time.Hour)}))
	frame := core.Frame{Kind: "cart", Purpose: core.PurposePayload, Version: 2, Now: noon.UnixMilli()}
	for name, x := range map[string]core.Transform{
		"crypto.Seal": crypto.Seal(keys), "crypto.Sign": crypto.Sign(keys), "ktor.Encrypt": encrypt,
		"ktor.MessageAuthentication": ktor.Must(ktor.MessageAuthentication(ktor.SHA256, []byte("k"))),
		"ktor.WeakDigest":            ktor.Must(ktor.WeakDigest(ktor.SHA256, "ktor")),
		"ktor.Migrating":             ktor.Must(ktor.Migrating(core.Chain{encrypt}, noon.Add(time.Hour), crypto.Seal(keys))),
	} {
		all = append(all, reader{name, func(text string) { x.In(frame, nil, []byte(text)) }})
	}
	for _, p := range everyPlace(f) {
		if !strings.HasSuffix(p.name, ", CBOR") {
			continue
		}
		transport := p.sessions.Transports()[0]
		all = append(all,
			reader{"a token, " + p.name, func(text string) { _, _ = p.get(text) }},
			reader{"a Cookie field, " + p.name, func(text string) { transport.Cookie.Find(strings.Split(text, "\n")) }},
			reader{"a transcript, " + p.name, func(text string) { _, _ = p.sessions.Replay(p.kind, text) }})
	}
	return all
}

// one is a store that keeps one text under every key.
type one struct {
	store.Store

	rec core.Record
}

func (o *one) Load(context.Context, core.Key) (core.Record, error) { return o.rec, nil }

// storageOfOne is a Storage that holds one text.
type storageOfOne struct{ text string }

func (s *storageOfOne) Write(context.Context, string, string) error           { return nil }
func (s *storageOfOne) Read(context.Context, string) (text string, err error) { return s.text, nil }
func (s *storageOfOne) Invalidate(context.Context, string) error              { return nil }

// storeReaders read what a store keeps, each by a session that lives there.
func storeReaders(f *testing.F) (all []reader) {
	f.Helper()
	ctx := context.Background()
	kept := store.NewMemory()
	f.Cleanup(func() {
		if err := kept.Close(); err != nil {
			f.Error(err)
		}
	})
	inner := &one{Store: kept}
	over, err := sealed.New(ctx, inner, ring(f, ours))
	if err != nil {
		f.Fatal(err)
	}
	text := &storageOfOne{}
	simple := store.LastWriteWins(text)
	foreign := ktor.SessionStorage(text)
	plain := satchel.Must(satchel.Config{Clock: func() time.Time { return noon }}.New(carts.ServerSide(inner)))
	token := core.Token("AQ" + strings.Repeat("A", 42))
	return []reader{
		{"store/sealed", func(text string) {
			inner.rec = core.Record{Revision: 1, Seen: noon.UnixMilli(), Deadline: core.MaxInstant, Body: text}
			_, _ = over.Load(ctx, "key")
		}},
		{"store.LastWriteWins", func(s string) { text.text = s; _, _ = simple.Load(ctx, "key") }},
		{"ktor.SessionStorage", func(s string) { text.text = s; _, _ = foreign.Load(ctx, "key") }},
		{"a record", func(text string) {
			inner.rec = core.Record{Revision: 1, Seen: noon.UnixMilli(), Deadline: core.MaxInstant, Body: text}
			ex := plain.Open(carrier{First: token, Count: 1})
			defer ex.Close()
			_, _, _ = carts.Get(ex.Context(ctx))
		}},
	}
}
