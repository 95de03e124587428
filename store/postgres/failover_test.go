//go:build linux

package postgres_test

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/postgres"
)

// A failover undoes the last changes, and so a logout and a rotation, unless commits wait for the standby: then what was acknowledged is there.
// That takes both settings, the server's and the commit's own. A call whose context ends is not acknowledged, by whatever way its driver gives up the
// wait; one whose wait the server is told to cancel is, because the server says so.
func TestFailover(t *testing.T) {
	for name, c := range map[string]struct {
		synchronous string // synchronous_standby_names
		commit      string // synchronous_commit
		asks        bool   // a call whose context ends asks the server to cancel it, in place of closing its connection
		cancelled   bool   // somebody cancels each wait
		scenario    func(*testing.T, servers.Pair)
	}{
		"asynchronous":               {"", "on", false, false, servers.FailoverUndoes},
		"synchronous":                {"*", "on", false, false, servers.FailoverKeeps},
		"synchronous, and asked":     {"*", "on", true, false, servers.FailoverKeeps},
		"synchronous, not waited":    {"*", "local", false, false, servers.FailoverUndoes},
		"synchronous, and cancelled": {"*", "on", false, true, servers.FailoverUndoes},
	} {
		t.Run(name, func(t *testing.T) {
			primary := start(t, hasty...)
			pool := primary.pool(setting("synchronous_commit", c.commit), asking(c.asks))
			s := open(t, pool)
			link := servers.NewProxy(t, "127.0.0.1:0", primary.Fill("%s/.s.PGSQL.5432"))
			host, port, err := net.SplitHostPort(link.Address())
			must(t, err)
			second := &server{tb: t}
			second.Server = servers.StandbyOf(primary.Server).Start(t, "-F", "-c", fmt.Sprintf("primary_conninfo=host=%s port=%s user=postgres", host, port))
			second.folder = second.Folder
			standby := second.pool()
			replica, err := postgres.New(standby, postgres.Config{Table: trimmed(s)})
			must(t, err)
			do(t, pool, s, fmt.Sprintf("ALTER SYSTEM SET synchronous_standby_names = '%s'", c.synchronous))
			do(t, pool, s, "SELECT pg_reload_conf()")
			var on store.Store = s
			if c.cancelled {
				on = hurried{s, func() {
					do(t, pool, s, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
				}}
			}
			c.scenario(t, servers.Pair{
				Primary: primary.Server, Store: on, Link: link, Replica: replica,
				Promote: func() { do(t, standby, replica, "SELECT pg_promote()") },
			})
		})
	}
}

// asking makes the end of a context a request to the server that it cancel what it does.
func asking(does bool) func(*pgxpool.Config) {
	return func(c *pgxpool.Config) {
		if does {
			c.ConnConfig.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
				return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: time.Minute}
			}
		}
	}
}

// hurried is a store beside whose changes somebody cancels whatever waits for a standby.
type hurried struct {
	*postgres.Store
	cancel func()
}

func (h hurried) Delete(ctx context.Context, key core.Key, at uint64) error {
	return h.hurry(func() error { return h.Store.Delete(ctx, key, at) })
}

func (h hurried) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	return h.hurry(func() error { return h.Store.Replace(ctx, key, at, rec) })
}

func (h hurried) hurry(change func() error) error {
	done := make(chan error, 1)
	go func() { done <- change() }()
	for {
		select {
		case err := <-done:
			return err
		default:
			h.cancel()
		}
	}
}
