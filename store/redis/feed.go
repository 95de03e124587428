package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

var _ store.Feed = (*Store)(nil)

// Listen implements [store.Feed] by client tracking: each master tells, over a connection that the client makes for this alone, the
// name of every key under the prefix that anybody changes, just before it answers them. A master that becomes one later, or
// is one no more, ends the listening, as does a connection that breaks.
//
// The server must allow CLIENT TRACKING and HELLO, and the client must speak RESP3, which is its default.
func (s *Store) Listen(ctx context.Context) (store.Listener, error) {
	l := &listener{store: s, masters: map[string]rueidis.DedicatedClient{}, said: make(chan store.Announcement, said)}
	l.ctx, l.end = context.WithCancelCause(context.WithoutCancel(ctx))
	for address, node := range s.client.Nodes() {
		if err := l.listenTo(ctx, address, node); err != nil {
			l.Close()
			return nil, failed(ctx, "listen", err)
		}
	}
	if len(l.masters) == 0 {
		return nil, failed(ctx, "listen", errors.New("no server is a master"))
	}
	return l, nil
}

// said is how many announcements wait to be heard. Beyond that they wait in the server, which ends the connection when they are too
// many.
const said = 1024

var (
	errMasters = errors.New("the masters have changed")
	errBroken  = errors.New("a connection was closed")
	errClosed  = errors.New("it was closed")
	errNoName  = errors.New("the server announced what is no name of a key")
)

// listener is one connection to each master.
type listener struct {
	store   *Store
	masters map[string]rueidis.DedicatedClient // by address
	said    chan store.Announcement
	working sync.WaitGroup
	others  calls // to those who are no masters, each beside, so that Close waits for none

	ctx   context.Context // ends when something breaks or the listening is closed
	end   context.CancelCauseFunc
	close sync.Once
}

// listenTo makes a connection to a server, and lets it tell if it is a master.
func (l *listener) listenTo(ctx context.Context, address string, node rueidis.Client) error {
	conn, err := dedicate(ctx, node)
	if err != nil {
		return err
	}
	master, err := isMaster(ctx, conn)
	if err != nil || !master {
		conn.Close()
		return err
	}
	l.masters[address] = conn
	ended := conn.SetOnInvalidations(l.changed)
	l.working.Go(func() {
		err, ok := <-ended
		if !ok {
			err = errBroken
		}
		l.fail(err)
	})
	track := l.store.client.B().Arbitrary("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", l.store.prefix).Build()
	return conn.Do(ctx, track).Error()
}

// dedicate is node.Dedicate, which may have to make a connection, for somebody who may leave before.
func dedicate(ctx context.Context, node rueidis.Client) (rueidis.DedicatedClient, error) {
	made := make(chan rueidis.DedicatedClient, 1)
	go func() {
		conn, _ := node.Dedicate() // its Close gives it back too
		made <- conn
	}()
	select {
	case conn := <-made:
		return conn, nil
	case <-ctx.Done():
		go func() { (<-made).Close() }()
		return nil, ctx.Err()
	}
}

// isMaster asks a server for its role by a command that every user may send.
func isMaster(ctx context.Context, conn rueidis.CommandClient) (bool, error) {
	hello, err := conn.Do(ctx, conn.B().Arbitrary("HELLO").Build()).AsMap()
	if err != nil {
		return false, err
	}
	answer := hello["role"]
	role, err := answer.ToString()
	return role == "master", err
}

// changed is called with the names of keys that have been changed, in the order in which the server said so. None means all: the
// database was emptied.
func (l *listener) changed(names []rueidis.RedisMessage) {
	if len(names) == 0 {
		l.tell(store.Announcement{All: true})
	}
	for i := range names {
		name, err := names[i].ToString()
		key, ours := strings.CutPrefix(name, l.store.prefix)
		switch {
		case err != nil || !names[i].IsString(): // some that are none give a text all the same
			l.fail(errNoName)
		case ours:
			l.tell(store.Announcement{Key: core.Key(key)})
		}
	}
}

func (l *listener) tell(a store.Announcement) {
	select {
	case l.said <- a:
	case <-l.ctx.Done():
	}
}

func (l *listener) fail(err error) { l.end(err) }

// broke says why nothing will be announced any more.
func (l *listener) broke() error {
	return fmt.Errorf("store/redis: the feed broke: %w", context.Cause(l.ctx))
}

// Next implements [store.Listener].
func (l *listener) Next(ctx context.Context) (store.Announcement, error) {
	if l.ctx.Err() != nil {
		return store.Announcement{}, l.broke()
	}
	select {
	case a := <-l.said:
		return a, nil
	case <-l.ctx.Done():
		return store.Announcement{}, l.broke()
	case <-ctx.Done():
		return store.Announcement{}, failed(ctx, "next", ctx.Err())
	}
}

// probeLimit ends a probe that nobody waits for any more.
const probeLimit = time.Minute

// Probe implements [store.Listener]. A server answers on the connection that it announces by, behind what it has announced, and says
// whether it is a master still. Its answer is read behind its announcements too.
func (l *listener) Probe(ctx context.Context, n uint64) error {
	limit := time.Now().Add(probeLimit)
	if t, ok := ctx.Deadline(); ok && t.Before(limit) {
		limit = t
	}
	nodes := l.store.client.Nodes()
	var asked sync.WaitGroup
	for address, conn := range l.masters {
		if _, known := nodes[address]; !known {
			return errMasters
		}
		asked.Add(1)
		l.working.Go(func() {
			defer asked.Done()
			if master, err := l.ask(conn, limit); err != nil {
				l.fail(err)
			} else if !master {
				l.fail(errMasters)
			}
		})
	}
	for address, node := range nodes {
		if _, ok := l.masters[address]; !ok {
			l.working.Go(func() {
				if master, err := l.askOther(node, limit); master && err == nil { // one that cannot be asked takes no writes from here either
					l.fail(errMasters)
				}
			})
		}
	}
	l.working.Go(func() {
		asked.Wait()
		if l.ctx.Err() == nil {
			l.tell(store.Announcement{Probe: n})
		}
	})
	return nil
}

func (l *listener) ask(conn rueidis.CommandClient, limit time.Time) (master bool, err error) {
	ctx, cancel := context.WithDeadline(l.ctx, limit)
	defer cancel()
	return isMaster(ctx, conn)
}

// askOther is ask for a client that others use too: it cannot be closed here, and does not always return when its context ends.
func (l *listener) askOther(node rueidis.Client, limit time.Time) (master bool, err error) {
	ctx, cancel := context.WithDeadline(l.ctx, limit)
	defer cancel()
	return beside(ctx, &l.others, func(ctx context.Context) (bool, error) { return isMaster(ctx, node) })
}

// Close implements [store.Listener].
func (l *listener) Close() {
	l.close.Do(func() {
		l.fail(errClosed)
		for _, conn := range l.masters {
			l.working.Go(conn.Close) // within a second, also where the server hangs
		}
		l.working.Wait()
	})
}
