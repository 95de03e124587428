//go:build unix

package redis_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
)

// pair starts a primary with those arguments and a replica.
func pair(t *testing.T, args ...string) (p servers.Pair, first *server) {
	t.Helper()
	first = start(t, append(args, "--repl-diskless-sync-delay", "0")...)
	replica := start(t).client()
	link := servers.NewProxy(t, "127.0.0.1:0", first.socket())
	host, port, err := net.SplitHostPort(link.Address())
	must(t, err)
	do(t, replica, "REPLICAOF", host, port)
	eventually(t, "the replica follows", func() bool {
		said, err := do(t, replica, "INFO", "replication").ToString()
		return err == nil && strings.Contains(said, "master_link_status:up")
	})
	return servers.Pair{
		Primary: first.Server, Store: open(t, first.client()), Link: link, Replica: open(t, replica),
		Promote: func() { do(t, replica, "REPLICAOF", "NO", "ONE") },
	}, first
}

// A failover undoes the last writes, and so a logout and a rotation, also where the server keeps whatever it acknowledged.
func TestFailover(t *testing.T) {
	p, _ := pair(t, durable...)
	servers.FailoverUndoes(t, p)
}

// WAIT tells whether a replica has heard of a logout, if it is sent after that, also over a connection that did not write. What it vouches for
// is there after the failover.
func TestFailoverAfterWait(t *testing.T) {
	p, first := pair(t)
	p.Follows(t, "k")
	p.Link.Cut()
	must(t, p.Store.Delete(t.Context(), "k", 1))
	waits := func(timeout string) int64 {
		c := first.client() // which says hello first: what came before that is what the answer is about
		told, err := do(t, c, "WAIT", "1", timeout).AsInt64()
		must(t, err)
		return told
	}
	if told := waits("100"); told != 0 {
		t.Errorf("%d replicas have heard of it, and there is one that was cut off", told)
	}
	p.Link.Heal()
	if told := waits("1900"); told != 1 { // milliseconds, and less than the client waits
		t.Errorf("%d replicas have heard of it", told)
	}
	p.Failover()
	if kept, err := p.Replica.Load(t.Context(), "k"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the failover undid a logout that a replica had: %+v, %v", kept, err)
	}
}

// min-replicas-to-write bounds what a failover undoes: when the replica has been silent for min-replicas-max-lag seconds each write is refused,
// which is an outage and changes nothing. What was acknowledged until then is undone all the same.
func TestFailoverWithMinReplicas(t *testing.T) {
	p, first := pair(t, durable...)
	for _, key := range []core.Key{"early", "k", "other"} {
		p.Follows(t, key)
	}
	do(t, first.client(), "CONFIG", "SET", "min-replicas-to-write", "1", "min-replicas-max-lag", "1")
	p.Link.Cut()
	must(t, p.Store.Delete(t.Context(), "early", 1))
	seen := servers.Rec.Seen
	eventually(t, "writes are refused", func() bool {
		seen++
		return p.Store.Touch(t.Context(), "other", 1, seen, servers.Rec.Deadline) != nil
	})
	for method, write := range servers.Writes(p.Store) {
		outage(t, method, write(t.Context()))
	}
	for _, s := range []store.Store{p.Store, p.Replica} {
		if kept, err := s.Load(t.Context(), "k"); err != nil || kept != servers.Rec {
			t.Errorf("what was refused was done: %+v, %v", kept, err)
		}
	}
	p.Failover()
	if kept, err := p.Replica.Load(t.Context(), "early"); err != nil || kept != servers.Rec {
		t.Errorf("the failover did not undo what was acknowledged: %+v, %v", kept, err)
	}
}

// A server that is told to keep nothing forgets everybody at a restart, which is no outage.
func TestRestartWithoutAppendonly(t *testing.T) {
	server := start(t)
	s := open(t, server.client())
	must(t, s.Create(t.Context(), "k", rec))
	server.kill()
	server.up()
	recovered(t, s, "k", false, "")
}
