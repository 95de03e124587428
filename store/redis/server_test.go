//go:build unix

package redis_test

import (
	"context"
	"crypto/tls"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store/redis"
)

// patience is how long a test waits for what it knows will come.
const patience = servers.Patience

// server is a redis-server of this test alone, on a socket in a folder of its own.
type server struct {
	*servers.Server
	tb     testing.TB
	folder string
}

// start starts a server, which ends with the test, and waits until it serves.
func start(tb testing.TB, args ...string) *server {
	tb.Helper()
	s := servers.Redis.Start(tb, args...)
	return &server{Server: s, tb: tb, folder: s.Folder}
}

func (s *server) socket() string { return filepath.Join(s.folder, "socket") }
func (s *server) up()            { s.Up() }
func (s *server) kill()          { s.Kill() }
func (s *server) stop()          { s.Stop() }
func (s *server) resume()        { s.Resume() }

// client returns a client of the server that ends with the test. Its limits are short, as doc.go advises.
func (s *server) client(adjust ...func(*rueidis.ClientOption)) rueidis.Client {
	s.tb.Helper()
	option := rueidis.ClientOption{
		InitAddress: []string{s.socket()}, ForceSingleClient: true, DisableCache: true,
		DialCtxFn: func(ctx context.Context, address string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
			return d.DialContext(ctx, "unix", address)
		},
		Dialer: net.Dialer{Timeout: 2 * time.Second}, ConnWriteTimeout: 2 * time.Second,
		ReadBufferEachConn: 64 << 10, WriteBufferEachConn: 64 << 10,
	}
	for _, f := range adjust {
		f(&option)
	}
	return connect(s.tb, option)
}

func connect(tb testing.TB, option rueidis.ClientOption) rueidis.Client {
	tb.Helper()
	c, err := rueidis.NewClient(option)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

// open returns a store over a client.
func open(tb testing.TB, c rueidis.Client) *redis.Store {
	tb.Helper()
	s, err := redis.New(c, redis.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// do sends a command as it is typed, and ends the test if it fails.
func do(tb testing.TB, c rueidis.Client, words ...string) rueidis.RedisResult {
	tb.Helper()
	r := c.Do(tb.Context(), c.B().Arbitrary(words...).Build())
	if err := r.Error(); err != nil && !rueidis.IsRedisNil(err) {
		tb.Fatal(words[0], err)
	}
	return r
}
