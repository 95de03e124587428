//go:build unix

package redis_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/redis"
	"github.com/satchel-go/satchel/store/storetest"
)

// cached is a cache that follows the store inside. It trusts the feed, so that whatever the feed does not say shows.
func cached(tb testing.TB, s *redis.Store, c store.CacheConfig) *store.Cache {
	tb.Helper()
	cache, err := store.NewCache(s, c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := cache.Close(); err != nil {
			tb.Error(err)
		}
	})
	if err := cache.Follow(s); err != nil {
		tb.Fatal(err)
	}
	eventually(tb, "the feed is up", func() bool { return cache.Stats().FeedLag > 0 })
	return cache
}

func TestKitCached(t *testing.T) {
	c := start(t).client()
	storetest.Config{Rounds: 20}.Run(t, func(tb testing.TB) store.Store {
		return cached(tb, trusting(open(tb, c)), store.CacheConfig{})
	})
}

// hears returns the next announcement.
func hears(t *testing.T, l store.Listener) store.Announcement {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	a, err := l.Next(ctx)
	must(t, err)
	return a
}

func listen(t *testing.T, s *redis.Store) store.Listener {
	t.Helper()
	l, err := s.Listen(t.Context())
	must(t, err)
	t.Cleanup(l.Close)
	return l
}

// Every change is announced, and the answer to a probe comes behind all that went before it.
func TestFeedAnnounces(t *testing.T) {
	server := start(t)
	s := open(t, server.client())
	l := listen(t, s)
	ctx := t.Context()
	said := func(what string, key core.Key) {
		t.Helper()
		must(t, l.Probe(ctx, 7))
		if a := hears(t, l); a != (store.Announcement{Key: key}) {
			t.Errorf("%s: %+v", what, a)
		}
		if a := hears(t, l); a != (store.Announcement{Probe: 7}) {
			t.Errorf("after %s: %+v", what, a)
		}
	}
	for _, key := range []core.Key{"k", "", "\x00\xff\r\n", "satchel:"} {
		must(t, s.Create(ctx, key, core.Record{Revision: 1, Seen: 1, Deadline: core.MaxInstant - 2}))
		said("Create", key)
		must(t, s.Replace(ctx, key, 1, core.Record{Revision: 2, Seen: 1, Deadline: core.MaxInstant - 1}))
		said("Replace", key)
		must(t, s.Touch(ctx, key, 2, 2, 2))
		said("Touch", key)
		must(t, s.Delete(ctx, key, 2))
		said("Delete", key)
	}
	other := server.client()
	do(t, other, "SET", "satchel", "not under the prefix")
	do(t, other, "SET", "satchel:by hand", "x")
	said("another program", "by hand")
	do(t, other, "FLUSHALL")
	if a := hears(t, l); a != (store.Announcement{All: true}) {
		t.Errorf("FLUSHALL: %+v", a)
	}
}

// A listener that waits in vain loses nothing.
func TestFeedWaits(t *testing.T) {
	s := open(t, start(t).client())
	l := listen(t, s)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if a, err := l.Next(ended); err == nil {
		t.Errorf("it heard %+v", a)
	}
	must(t, s.Create(t.Context(), "k", rec))
	if a := hears(t, l); a.Key != "k" {
		t.Errorf("it heard %+v", a)
	}
}

// What ends the listening is an error of Next, never silence.
func TestFeedBreaks(t *testing.T) {
	for name, cut := range map[string]func(*server, rueidis.Client){
		"the connection is cut": func(s *server, c rueidis.Client) { do(s.tb, c, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") },
		"the server dies":       func(s *server, _ rueidis.Client) { s.kill() },
		"it is a master no more": func(s *server, c rueidis.Client) {
			do(s.tb, c, "REPLICAOF", "127.0.0.1", "1")
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t)
			s := open(t, server.client())
			by := server.client()
			l := listen(t, s)
			cut(server, by)
			_ = l.Probe(t.Context(), 1) // which may have heard of it already
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			for {
				a, err := l.Next(ctx)
				if a.Probe == 1 {
					t.Fatal("the probe was answered")
				}
				if err != nil {
					break
				}
			}
			if ctx.Err() != nil {
				t.Error("it is silent")
			}
		})
	}
}

// Each master of a cluster announces what it keeps.
func TestFeedOfACluster(t *testing.T) {
	s := open(t, cluster(t))
	l := listen(t, s)
	const keys = 300
	for i := range keys {
		must(t, s.Create(t.Context(), key(i), rec))
	}
	must(t, l.Probe(t.Context(), 1))
	heard := map[core.Key]bool{}
	for a := hears(t, l); a.Probe == 0; a = hears(t, l) {
		heard[a.Key] = true
	}
	if len(heard) != keys {
		t.Errorf("%d of %d changes were announced before the probe was answered", len(heard), keys)
	}
}

// A server that hangs answers no probe, and holds up neither Listen nor Close for long.
func TestFeedOfAHungServer(t *testing.T) {
	server := start(t)
	s := open(t, server.client())
	l := listen(t, s)
	server.stop()
	must(t, l.Probe(t.Context(), 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Listen(ctx); err == nil {
		t.Error("it listens to a server that hangs")
	}
	closed := make(chan struct{})
	go func() {
		l.Close()
		l.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(patience):
		t.Error("Close waits for a server that hangs")
	}
}

// A replica that hangs keeps no announcement away, and Close waits for it as little: not even for a probe that would wait for long.
func TestFeedBesideAHungReplica(t *testing.T) {
	master, replica := start(t), start(t)
	do(t, replica.client(), "REPLICAOF", "127.0.0.1", "1") // which it does not find, and is a replica all the same
	s := open(t, master.client(func(o *rueidis.ClientOption) {
		o.ForceSingleClient, o.Standalone.ReplicaAddress = false, []string{replica.socket()}
		o.SendToReplicas = func(rueidis.Completed) bool { return false }
		o.ConnWriteTimeout, o.Dialer.KeepAlive = time.Hour, time.Hour
	}))
	l := listen(t, s)
	replica.stop()
	far, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	must(t, l.Probe(far, 1))
	if a := hears(t, l); a.Probe != 1 {
		t.Errorf("it heard %+v", a)
	}
	closed := make(chan struct{})
	go func() {
		l.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(patience):
		t.Error("Close waits for a replica that hangs")
	}
}
