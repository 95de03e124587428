//go:build linux

// Package engines starts a Redis and a PostgreSQL for a benchmark, on sockets in a folder of its own, and connects clients
// as their documentation advises.
package engines

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/internal/need"
)

// patience is how long an engine may take to serve.
const patience = time.Minute

// Redis is a redis-server without persistence.
type Redis struct{ socket string }

// StartRedis starts a server that ends with tb.
func StartRedis(tb testing.TB) Redis {
	tb.Helper()
	path := need.Binary(tb, "redis-server", "valkey-server")
	folder := temporary(tb)
	r := Redis{filepath.Join(folder, "socket")}
	start(tb, exec.Command(path, "--port", "0", "--unixsocket", r.socket, "--dir", folder, "--save", ""), nil)
	await(tb, "redis-server", func(ctx context.Context) error {
		c, err := new(net.Dialer).DialContext(ctx, "unix", r.socket)
		if err == nil {
			err = c.Close()
		}
		return err
	})
	return r
}

// Rueidis returns a client with one connection pipelined among all callers and buffers of 64 KiB, and without its own cache.
func (r Redis) Rueidis(tb testing.TB) rueidis.Client {
	tb.Helper()
	c, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{r.socket}, ForceSingleClient: true, DisableCache: true,
		DialCtxFn: func(ctx context.Context, address string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
			return d.DialContext(ctx, "unix", address)
		},
		ReadBufferEachConn: 64 << 10, WriteBufferEachConn: 64 << 10,
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

// GoRedis returns a client with its defaults, of 10 connections a CPU, and so many more that 64 callers need not wait for one.
func (r Redis) GoRedis(tb testing.TB) *goredis.Client {
	tb.Helper()
	c := goredis.NewClient(&goredis.Options{Network: "unix", Addr: r.socket, PoolSize: 64})
	tb.Cleanup(func() { _ = c.Close() })
	return c
}

// Postgres is a PostgreSQL with its own settings of durability, but no autovacuum in the middle of a measurement.
type Postgres struct{ folder string }

// StartPostgres starts a server that ends with tb.
func StartPostgres(tb testing.TB) Postgres {
	tb.Helper()
	initdb := need.Binary(tb, "initdb")
	p := Postgres{temporary(tb)}
	runs := somebody(tb)
	if runs != nil {
		if err := os.Chown(p.folder, int(runs.Uid), int(runs.Gid)); err != nil {
			tb.Fatal(err)
		}
	}
	data := filepath.Join(p.folder, "data")
	cmd := exec.Command(initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	cmd.Dir, cmd.SysProcAttr = p.folder, &syscall.SysProcAttr{Credential: runs}
	if said, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("initdb: %v\n%s", err, said)
	}
	server := exec.Command(filepath.Join(filepath.Dir(initdb), "postgres"),
		"-D", data, "-k", p.folder, "-c", "listen_addresses=", "-c", "autovacuum=off")
	server.Dir = p.folder
	start(tb, server, runs)
	await(tb, "postgres", func(ctx context.Context) error {
		pool, err := p.pool(ctx)
		if err == nil {
			err = pool.Ping(ctx)
			pool.Close()
		}
		return err
	})
	return p
}

// Pool returns a pool of 16 connections.
func (p Postgres) Pool(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	pool, err := p.pool(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	return pool
}

func (p Postgres) pool(ctx context.Context) (*pgxpool.Pool, error) {
	return pgxpool.New(ctx, fmt.Sprintf("host=%s port=5432 user=postgres dbname=postgres sslmode=disable pool_max_conns=16", p.folder))
}

// temporary is a folder with a name that is short enough for a socket.
func temporary(tb testing.TB) string {
	tb.Helper()
	folder, err := os.MkdirTemp("", "bench") //nolint:usetesting // the test's own folder may have too long a name
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// start starts a server that ends with tb, and with this process however that ends.
func start(tb testing.TB, cmd *exec.Cmd, runs *syscall.Credential) {
	tb.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Credential: runs}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGQUIT) // which both take for a quick end
		_ = cmd.Wait()
	})
}

// await waits until a server serves.
func await(tb testing.TB, name string, try func(ctx context.Context) error) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tb.Fatalf("%s does not serve: %v", name, errors.Join(err, ctx.Err()))
		}
	}
}

// somebody is a user who may run PostgreSQL, which refuses to be run by root; nil is this one.
func somebody(tb testing.TB) *syscall.Credential {
	tb.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			tb.Fatal(err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	tb.Fatal("neither postgres nor nobody is a user here, and root may not run PostgreSQL")
	return nil
}
