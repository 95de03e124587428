//go:build unix

package redis_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/storetest"
)

func TestKitCached(t *testing.T) {
	c := start(t).client()
	storetest.Config{Rounds: 20}.Run(t, func(tb testing.TB) store.Store { return servers.Cached(tb, trusting(open(tb, c))) })
}

// Every change is announced, and the answer to a probe comes behind all that went before it.
func TestFeedAnnounces(t *testing.T) {
	server := start(t)
	s := open(t, server.client())
	l := servers.Listen(t, s)
	ctx := t.Context()
	said := func(what string, key core.Key) {
		t.Helper()
		must(t, l.Probe(ctx, 7))
		if a := servers.Hears(t, l); a != (store.Announcement{Key: key}) {
			t.Errorf("%s: %+v", what, a)
		}
		if a := servers.Hears(t, l); a != (store.Announcement{Probe: 7}) {
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
	if a := servers.Hears(t, l); a != (store.Announcement{All: true}) {
		t.Errorf("FLUSHALL: %+v", a)
	}
}

func TestFeedWaits(t *testing.T) { servers.FeedWaits(t, open(t, start(t).client())) }

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
			l := servers.Listen(t, s)
			servers.FeedBreaks(t, l, func() { cut(server, by) })
		})
	}
}

// Each master of a cluster announces what it keeps.
func TestFeedOfACluster(t *testing.T) {
	s := open(t, cluster(t))
	l := servers.Listen(t, s)
	const keys = 300
	for i := range keys {
		must(t, s.Create(t.Context(), key(i), rec))
	}
	must(t, l.Probe(t.Context(), 1))
	heard := map[core.Key]bool{}
	for a := servers.Hears(t, l); a.Probe == 0; a = servers.Hears(t, l) {
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
	l := servers.Listen(t, s)
	server.stop()
	must(t, l.Probe(t.Context(), 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Listen(ctx); err == nil {
		t.Error("it listens to a server that hangs")
	}
	servers.Closes(t, l)
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
	l := servers.Listen(t, s)
	replica.stop()
	far, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	must(t, l.Probe(far, 1))
	if a := servers.Hears(t, l); a.Probe != 1 {
		t.Errorf("it heard %+v", a)
	}
	servers.Closes(t, l)
}
