//go:build unix

package redis_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/around"
	"github.com/satchel-go/satchel/internal/promises"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/redis"
	"github.com/satchel-go/satchel/store/storetest"
)

func TestKit(t *testing.T) {
	config, fresh := kit(t)
	config.Run(t, fresh)
}

// What stands around it keeps the rules too.
func TestKitAround(t *testing.T) {
	config, fresh := kit(t)
	config.Rounds = 4
	around.Each(t, config, fresh)
}

// kit is how a server's stores are opened for the kit.
func kit(t *testing.T) (config storetest.Config, fresh func(testing.TB) store.Store) {
	t.Helper()
	server := start(t)
	c, another := server.client(), server.client()
	var prefixes sync.Map // by store
	fresh = func(tb testing.TB) store.Store {
		prefix := fmt.Sprintf("kit-%d:", aparts.Add(1))
		s := prefixed(tb, c, prefix)
		prefixes.Store(s, prefix)
		return s
	}
	prefixOf := func(s store.Store) string {
		prefix, _ := prefixes.Load(s)
		return prefix.(string)
	}
	return storetest.Config{
		Rounds: 20,
		Down: func(tb testing.TB) store.Store {
			s := start(tb)
			c := s.client()
			s.kill()
			return open(tb, c)
		},
		Stalled: func(tb testing.TB) store.Store {
			s := start(tb)
			c := s.client()
			s.stop()
			return stalled{trusting(open(tb, c))}
		},
		Garble: func(tb testing.TB, s store.Store, key core.Key, revision uint64) bool {
			value := "of somebody else"
			if revision > 0 { // a later layout has its revision at the same place
				value = "\x02" + string(binary.BigEndian.AppendUint64(nil, revision)) + "of a newer program"
			}
			do(tb, c, "SET", prefixOf(s)+string(key), value)
			return true
		},
		Peer: func(tb testing.TB, s store.Store) store.Store { return prefixed(tb, another, prefixOf(s)) },
	}, fresh
}

var aparts atomic.Int64

// apart opens a store that shares no record with another of the test binary.
func apart(tb testing.TB, c rueidis.Client) *redis.Store {
	tb.Helper()
	return prefixed(tb, c, fmt.Sprintf("kit-%d:", aparts.Add(1)))
}

func prefixed(tb testing.TB, c rueidis.Client, prefix string) *redis.Store {
	tb.Helper()
	s, err := redis.New(c, redis.Config{Prefix: prefix})
	if err != nil {
		tb.Fatal(err)
	}
	return trusting(s)
}

// trusting is a store that has been up for a while.
func trusting(s *redis.Store) *redis.Store {
	s.Trust()
	return s
}

// stalled has a Sweep, because the kit's case for a stalled engine calls it on every store.
type stalled struct{ *redis.Store }

// Sweep waits as the other methods do.
func (stalled) Sweep(ctx context.Context, _ int64, _ int) (int, bool, error) {
	<-ctx.Done()
	return 0, false, ctx.Err()
}

// A cluster answers as one server does: no call names keys of two slots, and each node learns the scripts.
func TestKitCluster(t *testing.T) {
	c := cluster(t)
	storetest.Config{Rounds: 10}.Run(t, func(tb testing.TB) store.Store { return apart(tb, c) })
}

// cluster starts two nodes that share the slots, and returns a client of both.
func cluster(tb testing.TB) rueidis.Client {
	tb.Helper()
	var ports [2]string
	var nodes [2]rueidis.Client
	for i, slots := range [][2]string{{"0", "8191"}, {"8192", "16383"}} {
		ports[i] = freePort(tb)
		s := start(tb, "--port", ports[i], "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", freePort(tb))
		nodes[i] = s.client()
		do(tb, nodes[i], "CLUSTER", "SET-CONFIG-EPOCH", fmt.Sprint(i+1))
		do(tb, nodes[i], "CLUSTER", "ADDSLOTSRANGE", slots[0], slots[1])
		if i > 0 {
			bus := do(tb, nodes[i], "CONFIG", "GET", "cluster-port")
			m, err := bus.AsStrMap()
			if err != nil {
				tb.Fatal(err)
			}
			do(tb, nodes[0], "CLUSTER", "MEET", "127.0.0.1", ports[i], m["cluster-port"])
		}
	}
	for _, node := range nodes {
		eventually(tb, "the cluster is whole", func() bool {
			state, err := do(tb, node, "CLUSTER", "INFO").ToString()
			return err == nil && strings.Contains(state, "cluster_state:ok") && strings.Contains(state, "cluster_slots_ok:16384") &&
				strings.Contains(state, "cluster_known_nodes:2")
		})
	}
	return connect(tb, rueidis.ClientOption{InitAddress: []string{"127.0.0.1:" + ports[0]}, DisableCache: true})
}

// freePort returns a port that nobody listened on a moment ago. It is none of those that a system hands out by itself: one of these
// another program's connection could have before the server does.
func freePort(tb testing.TB) string {
	tb.Helper()
	var last error
	for range 100 {
		port := strconv.Itoa(10_000 + rand.IntN(20_000))
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			last = err
			continue
		}
		if err := l.Close(); err != nil {
			tb.Fatal(err)
		}
		return port
	}
	tb.Fatal(last)
	return ""
}

func TestGuarantees(t *testing.T) {
	promises.Check(t, "store/redis", faked(t, func(context.Context, rueidis.Completed) rueidis.RedisResult { return rueidis.RedisResult{} }))
}
