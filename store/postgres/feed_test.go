//go:build linux

package postgres_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/postgres"
	"github.com/satchel-go/satchel/store/storetest"
)

// announcing is a store over a new table that announces its changes.
func announcing(tb testing.TB, pool *pgxpool.Pool) *postgres.Store {
	tb.Helper()
	s := open(tb, pool)
	must(tb, s.MigrateFeed(context.Background()))
	return s
}

func TestKitCached(t *testing.T) {
	pool := start(t, hasty...).pool()
	storetest.Config{Rounds: 20}.Run(t, func(tb testing.TB) store.Store { return servers.Cached(tb, announcing(tb, pool)) })
}

func TestFeed(t *testing.T) {
	pool := start(t, hasty...).pool()
	for name, test := range map[string]func(*testing.T, *pgxpool.Pool){
		"announces":         feedAnnounces,
		"announces commits": feedAnnouncesCommits,
		"waits":             func(t *testing.T, pool *pgxpool.Pool) { servers.FeedWaits(t, announcing(t, pool)) },
		"needs its trigger": feedNeedsItsTrigger,
		"migrates":          feedMigrates,
	} {
		t.Run(name, func(t *testing.T) { test(t, pool) })
	}
}

// Every change of a record is announced, whoever makes it, and the answer to a probe comes behind all that went before it.
func feedAnnounces(t *testing.T, pool *pgxpool.Pool) {
	s := announcing(t, pool)
	l := servers.Listen(t, s)
	stranger := servers.Listen(t, announcing(t, pool))
	ctx := t.Context()
	said := func(what string, want ...store.Announcement) {
		t.Helper()
		must(t, l.Probe(ctx, 7))
		for _, want := range append(want, store.Announcement{Probe: 7}) {
			if a := servers.Hears(t, l); a != want {
				t.Errorf("%s: %+v, want %+v", what, a, want)
			}
		}
	}
	for _, key := range []core.Key{"k", "", "\x00\xff\r\n", core.Key(make([]byte, 2600))} {
		changed := store.Announcement{Key: key}
		must(t, s.Create(ctx, key, core.Record{Revision: 1, Seen: 1, Deadline: 9}))
		said("Create")
		must(t, s.Replace(ctx, key, 1, core.Record{Revision: 2, Seen: 1, Deadline: 9}))
		said("Replace", changed)
		must(t, s.Touch(ctx, key, 2, 2, 2))
		said("Touch", changed)
		must(t, s.Delete(ctx, key, 2))
		said("Delete", changed)
	}
	must(t, s.Create(ctx, "dead", core.Record{Revision: 1, Deadline: 9}))
	_, _, err := s.Sweep(ctx, 10, 10)
	must(t, err)
	said("Sweep", store.Announcement{Key: "dead"})
	must(t, s.Create(ctx, "k", core.Record{Revision: 1, Deadline: 9}))
	do(t, pool, s, "UPDATE ~ SET body = 'by hand'")
	said("another program", store.Announcement{Key: "k"})
	do(t, pool, s, "TRUNCATE ~")
	said("TRUNCATE", store.Announcement{All: true})

	must(t, stranger.Probe(ctx, 9))
	if a := servers.Hears(t, stranger); a != (store.Announcement{Probe: 9}) {
		t.Errorf("who listens to another table hears %+v", a)
	}
}

// Nothing is announced before it can be read.
func feedAnnouncesCommits(t *testing.T, pool *pgxpool.Pool) {
	s := announcing(t, pool)
	l := servers.Listen(t, s)
	ctx := t.Context()
	must(t, s.Create(ctx, "k", core.Record{Revision: 1, Deadline: 9}))
	tx, err := pool.Begin(ctx)
	must(t, err)
	_, err = tx.Exec(ctx, "DELETE FROM "+s.Table())
	must(t, err)
	must(t, l.Probe(ctx, 1))
	if a := servers.Hears(t, l); a.Probe != 1 {
		t.Errorf("before the commit: %+v", a)
	}
	must(t, tx.Commit(ctx))
	if a := servers.Hears(t, l); a.Key != "k" {
		t.Errorf("after the commit: %+v", a)
	}
}

// Without its trigger a table is silent, and no listener takes that for peace.
func feedNeedsItsTrigger(t *testing.T, pool *pgxpool.Pool) {
	if l, err := open(t, pool).Listen(t.Context()); err == nil {
		l.Close()
		t.Error("it listens to a table without a trigger")
	}
	for _, spoil := range []string{
		"DROP TRIGGER satchel_announce ON ~",
		"DROP TRIGGER satchel_announce_all ON ~", // then TRUNCATE would be silent
		"ALTER TABLE ~ DISABLE TRIGGER satchel_announce",
		"ALTER TABLE ~ DISABLE TRIGGER satchel_announce_all",
		"ALTER TABLE ~ DISABLE TRIGGER ALL",
		"DROP TABLE ~",
	} {
		s := announcing(t, pool)
		l := servers.Listen(t, s)
		must(t, l.Probe(t.Context(), 1))
		do(t, pool, s, spoil)
		if err := l.Probe(t.Context(), 2); err == nil {
			t.Errorf("after %s the probe is sent", spoil)
		}
		if l, err := s.Listen(t.Context()); err == nil {
			l.Close()
			t.Errorf("after %s it listens", spoil)
		}
	}
}

// Many programs may make the triggers at once, and again.
func feedMigrates(t *testing.T, pool *pgxpool.Pool) {
	s := open(t, pool)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := s.MigrateFeed(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := ask[int](t, pool, s, "SELECT count(*) FROM pg_trigger WHERE tgrelid = '~'::regclass"); n != 2 {
		t.Errorf("%d triggers", n)
	}
	for _, name := range []string{"satchel_announce", "satchel_announce_all"} {
		do(t, pool, s, "DROP TRIGGER "+name+" ON ~")
		must(t, s.MigrateFeed(t.Context()))
		servers.Listen(t, s)
	}
	// A table that was restored keeps its triggers' channel, and one that is made later joins it.
	do(t, pool, s, "DROP TRIGGER satchel_announce ON ~")
	do(t, pool, s, "DROP TRIGGER satchel_announce_all ON ~")
	do(t, pool, s, "CREATE TRIGGER satchel_announce AFTER UPDATE OR DELETE ON ~ FOR EACH ROW EXECUTE FUNCTION satchel_announce('satchel_1')")
	must(t, s.MigrateFeed(t.Context()))
	servers.Listen(t, s)
	if err := unmade(t, pool).MigrateFeed(t.Context()); err == nil {
		t.Error("it made triggers for no table")
	}
}

// What ends the listening is an error, never silence.
func TestFeedBreaks(t *testing.T) {
	for name, cut := range map[string]func(*testing.T, *server, *pgxpool.Pool, *postgres.Store){
		"the connection is cut": func(t *testing.T, _ *server, pool *pgxpool.Pool, s *postgres.Store) {
			do(t, pool, s, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
		},
		"the server dies": func(_ *testing.T, server *server, _ *pgxpool.Pool, _ *postgres.Store) { server.kill() },
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, hasty...)
			pool := server.pool()
			s := announcing(t, pool)
			l := servers.Listen(t, s)
			servers.FeedBreaks(t, l, func() { cut(t, server, pool, s) })
		})
	}
}

// A server that hangs holds up neither Probe nor Listen nor Close for long.
func TestFeedOfAHungServer(t *testing.T) {
	server := start(t, hasty...)
	s := announcing(t, server.pool())
	l := servers.Listen(t, s)
	server.stop()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := l.Probe(ctx, 1); err == nil {
		t.Error("a server that hangs took a probe")
	}
	if _, err := s.Listen(ctx); err == nil {
		t.Error("a server that hangs is listened to")
	}
	servers.Closes(t, l)
}
