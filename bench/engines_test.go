//go:build unix

package bench_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/alexedwards/scs/goredisstore"
	"github.com/alexedwards/scs/pgxstore"
	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/bench/engines"
	"github.com/satchel-go/satchel/bench/fixture"
	"github.com/satchel-go/satchel/bench/peers"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/postgres"
	"github.com/satchel-go/satchel/store/redis"
)

const maxCallers = 64

// concurrently runs f by one caller and by 64; each has a number. A request's context can be canceled, so this one can.
func concurrently(b *testing.B, name string, f func(ctx context.Context, caller int) error) {
	for _, callers := range []int{1, maxCallers} {
		b.Run(fmt.Sprintf("%s/callers=%d", name, callers), func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			b.ReportAllocs()
			left := atomic.Int64{}
			left.Store(int64(b.N))
			errs := make(chan error, callers)
			began := spentCPU()
			b.ResetTimer()
			for caller := range callers {
				go func() {
					var err error
					for err == nil && left.Add(-1) >= 0 {
						err = f(ctx, caller)
					}
					errs <- err
				}()
			}
			for range callers {
				if err := <-errs; err != nil {
					b.Fatal(err)
				}
			}
			reportCPU(b, began)
		})
	}
}

// ofCaller gives each caller a key of its own.
func ofCaller() (keys [maxCallers]core.Key) {
	for i := range &keys {
		keys[i] = core.Key(fmt.Sprintf("%032d", i))
	}
	return keys
}

var someRecord = core.Record{Revision: 1, Seen: 1, Deadline: core.MaxInstant - 1, Body: strings.Repeat("x", 120)}

// benchStore is a store's own calls, each caller on a record of its own.
func benchStore(b *testing.B, s store.Store) {
	keys := ofCaller()
	var revisions [maxCallers]uint64
	for i, key := range keys[:] {
		revisions[i] = 1
		if err := s.Create(b.Context(), key, someRecord); err != nil {
			b.Fatal(err)
		}
	}
	concurrently(b, "read/satchel-store", func(ctx context.Context, caller int) error {
		_, err := s.Load(ctx, keys[caller])
		return err
	})
	concurrently(b, "write/satchel-store", func(ctx context.Context, caller int) error {
		next := someRecord
		next.Revision = revisions[caller] + 1
		err := s.Replace(ctx, keys[caller], revisions[caller], next)
		revisions[caller]++
		return err
	})
}

// benchCached is a read that a cache answers, decoding included. Copies live for a second, so some reads still ask the engine.
func benchCached(b *testing.B, s store.Store) {
	cache := must(store.NewCache(s, store.CacheConfig{}))
	b.Cleanup(func() { _ = cache.Close() })
	login := fixture.TheLogin()
	c := codec.CBOR[fixture.Login]()
	rec := core.Record{Revision: 1, Seen: 1, Deadline: core.MaxInstant - 1, Body: must(c.Encode(login))}
	key := core.Key(strings.Repeat("c", 32))
	if err := cache.Create(b.Context(), key, rec); err != nil {
		b.Fatal(err)
	}
	concurrently(b, "read/satchel-cached", func(ctx context.Context, _ int) error {
		rec, err := cache.Load(ctx, key)
		if err != nil {
			return err
		}
		v, err := c.Decode(rec.Body)
		if v.User != login.User {
			return errAnswered
		}
		return err
	})
}

var errAnswered = errors.New("a request failed")

// benchRequests is whole requests, each caller on a session of its own.
func benchRequests(b *testing.B, h peers.HTTP) {
	var cookies [maxCallers]string
	for i := range cookies {
		cookies[i] = created(b, h.Handler(peers.Create))
	}
	for _, way := range []string{peers.Read, peers.Write} {
		serve := h.Handler(way)
		concurrently(b, way+"/"+h.Name, func(ctx context.Context, caller int) error {
			w := &discard{http.Header{}, http.StatusOK}
			serve.ServeHTTP(w, request(way, cookies[caller]).WithContext(ctx))
			if w.status != http.StatusOK {
				return errAnswered
			}
			return nil
		})
	}
}

func BenchmarkRedis(b *testing.B) {
	server := engines.StartRedis(b)
	c := server.Rueidis(b)
	keys := ofCaller()
	value := strings.Repeat("x", 141) // of a record of the store's
	for _, key := range keys[:] {
		if err := c.Do(b.Context(), c.B().Set().Key("raw"+string(key)).Value(value).Build()).Error(); err != nil {
			b.Fatal(err)
		}
	}
	get := func(ctx context.Context, caller int) error {
		return c.Do(ctx, c.B().Get().Key("raw"+string(keys[caller])).Build()).Error()
	}
	script := rueidis.NewLuaScript("redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[2]) return 1")
	eval := func(ctx context.Context, caller int) error {
		return script.Exec(ctx, c, []string{"raw" + string(keys[caller])}, []string{value, "281474976710654"}).Error()
	}
	concurrently(b, "read/raw", get)
	concurrently(b, "write/raw", eval)
	concurrently(b, "write/raw-both", func(ctx context.Context, caller int) error {
		return errors.Join(get(ctx, caller), eval(ctx, caller))
	})
	s, err := redis.New(c, redis.Config{})
	if err != nil {
		b.Fatal(err)
	}
	benchStore(b, s)
	benchRequests(b, peers.Satchel("satchel", peers.ServerSide(s)))
	benchCached(b, s)
	benchRequests(b, peers.SCSOn("scs", goredisstore.New(server.GoRedis(b))))
}

func BenchmarkPostgres(b *testing.B) {
	server := engines.StartPostgres(b)
	pool := server.Pool(b)
	s, err := postgres.New(pool, postgres.Config{})
	if err == nil {
		err = s.Migrate(b.Context())
	}
	if err != nil {
		b.Fatal(err)
	}
	// The raw statements work on a table of the same layout, with records of their own.
	raw, err := postgres.New(pool, postgres.Config{Table: "public.raw"})
	if err == nil {
		err = raw.Migrate(b.Context())
	}
	if err != nil {
		b.Fatal(err)
	}
	keys := ofCaller()
	var revisions [maxCallers]int64
	for i, key := range keys[:] {
		revisions[i] = 1
		if err := raw.Create(b.Context(), key, someRecord); err != nil {
			b.Fatal(err)
		}
	}
	read := func(ctx context.Context, caller int) error {
		var body []byte
		return pool.QueryRow(ctx, "SELECT body FROM public.raw WHERE key = $1", []byte(keys[caller])).Scan(&body)
	}
	write := func(ctx context.Context, caller int) error {
		at := revisions[caller]
		revisions[caller]++
		done, err := pool.Exec(ctx, "UPDATE public.raw SET revision = $3, body = $4 WHERE key = $1 AND revision = $2",
			[]byte(keys[caller]), at, at+1, []byte(someRecord.Body))
		if err == nil && done.RowsAffected() != 1 {
			err = errAnswered
		}
		return err
	}
	concurrently(b, "read/raw", read)
	concurrently(b, "write/raw", write)
	concurrently(b, "write/raw-both", func(ctx context.Context, caller int) error {
		return errors.Join(read(ctx, caller), write(ctx, caller))
	})
	benchStore(b, s)
	benchRequests(b, peers.Satchel("satchel", peers.ServerSide(s)))
	// As pgxstore's README makes the table, its index on expiry included.
	if _, err := pool.Exec(b.Context(), `CREATE TABLE sessions (token TEXT PRIMARY KEY, data BYTEA NOT NULL,
		expiry TIMESTAMPTZ NOT NULL); CREATE INDEX sessions_expiry_idx ON sessions (expiry)`); err != nil {
		b.Fatal(err)
	}
	theirs := pgxstore.NewWithCleanupInterval(pool, 0)
	benchRequests(b, peers.SCSOn("scs", theirs))
}
