//go:build unix

package redis_test

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/internal/fleet"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store/redis"
)

// The test's binary is also a node of a fleet.
func TestMain(m *testing.M) {
	fleet.Main(func(address string) (fleet.Opened, error) {
		network := "tcp"
		if filepath.IsAbs(address) {
			network = "unix"
		}
		client, err := rueidis.NewClient(rueidis.ClientOption{
			InitAddress: []string{address}, ForceSingleClient: true, DisableCache: true,
			DialCtxFn: func(ctx context.Context, address string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
				return d.DialContext(ctx, network, address)
			},
			Dialer: net.Dialer{Timeout: 2 * time.Second}, ConnWriteTimeout: 2 * time.Second,
		})
		if err != nil {
			return nil, err
		}
		return redis.New(client, redis.Config{})
	})
	os.Exit(m.Run())
}

// Three processes with a cache each serve no session later than Δ after its end, whatever befalls one of them or their server, and while
// nothing does most often not at all.
func TestFleet(t *testing.T) { nodes(t, false) }

// TestLongFleet is TestFleet with many more ends, whose figures go to results/.
func TestLongFleet(t *testing.T) {
	need.Long(t)
	nodes(t, true)
}

func nodes(t *testing.T, long bool) {
	server := start(t, durable...)
	proxy := servers.NewProxy(t, "127.0.0.1:0", server.socket())
	fleet.Config{
		Engine: "Redis", Address: server.socket(), Proxied: proxy.Address(), Proxy: proxy, Server: server, Long: long,
	}.Run(t)
}
