//go:build linux

package sqltest_test

import (
	"context"
	database "database/sql"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store/sql"
)

// In MariaDB a failover undoes the last changes, and so a logout and a rotation. With semi-synchronous replication what was acknowledged is there,
// as long as it is not told to go on without a replica: then a failover undoes as much as ever.
func TestFailover(t *testing.T) {
	const ever = "10000000000" // in milliseconds
	for name, c := range map[string]struct {
		semi     string // rpl_semi_sync_master_enabled
		timeout  string // rpl_semi_sync_master_timeout
		scenario func(*testing.T, servers.Pair)
	}{
		"asynchronous":                      {"0", ever, servers.FailoverUndoes},
		"semi-synchronous":                  {"1", ever, servers.FailoverKeeps},
		"semi-synchronous, with a time-out": {"1", "100", servers.FailoverUndoes},
	} {
		t.Run(name, func(t *testing.T) {
			e := engines[1]
			primary := e.start(t, append(e.hasty, "--log-bin=log", "--server-id=1")...)
			second := e.start(t, append(e.hasty, "--server-id=2", "--rpl-semi-sync-slave-enabled=1")...)
			link := servers.NewProxy(t, "127.0.0.1:0", primary.Fill("%s/socket"))
			host, port, err := net.SplitHostPort(link.Address())
			must(t, err)
			replica := second.db("")
			do(t, replica, fmt.Sprintf("CHANGE MASTER TO MASTER_HOST='%s', MASTER_PORT=%s, MASTER_USER='root', MASTER_USE_GTID=slave_pos", host, port))
			do(t, replica, "START SLAVE")
			servers.Eventually(t, "the replica follows", func() bool { return status(t, replica)["Slave_IO_Running"] == "Yes" })
			db := primary.db("")
			do(t, db, "SET GLOBAL rpl_semi_sync_master_timeout="+c.timeout)
			do(t, db, "SET GLOBAL rpl_semi_sync_master_enabled="+c.semi)
			servers.Eventually(t, "the primary knows its replica", func() bool { return known(t, db, c.semi) })
			s := share(t, db, e.dialect, "failover")
			on, err := sql.New(replica, e.dialect, sql.Config{Table: "failover"})
			must(t, err)
			c.scenario(t, servers.Pair{
				Primary: primary.Server, Store: s, Link: link, Replica: on, Promote: func() { promote(t, replica) },
			})
		})
	}
}

// known reports whether the primary has so many replicas that confirm what they hear.
func known(t *testing.T, db *database.DB, clients string) bool {
	t.Helper()
	var name, n string
	must(t, db.QueryRowContext(t.Context(), "SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'").Scan(&name, &n))
	return n >= clients
}

// promote makes a primary of a replica, when it has done all that it has heard.
func promote(t *testing.T, replica *database.DB) {
	t.Helper()
	do(t, replica, "STOP SLAVE IO_THREAD")
	servers.Eventually(t, "the replica has done all that it heard", func() bool {
		return strings.HasPrefix(status(t, replica)["Slave_SQL_Running_State"], "Slave has read all relay log")
	})
	do(t, replica, "STOP SLAVE")
	do(t, replica, "RESET SLAVE ALL")
}

// status is what a replica says of itself, by name.
func status(t *testing.T, replica *database.DB) map[string]string {
	t.Helper()
	rows, err := replica.QueryContext(t.Context(), "SHOW SLAVE STATUS")
	must(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	must(t, err)
	values, all := make([]database.NullString, len(names)), map[string]string{}
	into := make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		must(t, rows.Scan(into...))
		for i, name := range names {
			all[name] = values[i].String
		}
	}
	must(t, rows.Err())
	return all
}

// In PostgreSQL too a call whose context ends while its change waits for a standby is not acknowledged, also where the driver asks the server to
// cancel the wait: the server then says that the change is made.
func TestFailoverAsked(t *testing.T) {
	e := engines[0]
	primary := e.start(t, e.hasty...)
	c, err := pgx.ParseConfig(primary.Fill(e.dsn))
	must(t, err)
	c.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: time.Minute}
	}
	db := stdlib.OpenDB(*c)
	t.Cleanup(func() { _ = db.Close() })
	s := share(t, db, e.dialect, "asked")
	must(t, s.Create(t.Context(), "ended", rec))
	do(t, db, "CREATE TABLE waits ()")
	do(t, db, "ALTER SYSTEM SET synchronous_standby_names = '*'") // there is none, so each change waits
	do(t, db, "SELECT pg_reload_conf()")
	// The setting reaches the process that makes changes wait a little after it can be read.
	servers.Eventually(t, "changes wait", func() bool {
		within, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _ = db.ExecContext(within, "INSERT INTO waits DEFAULT VALUES")
		return within.Err() != nil
	})
	servers.Pair{Store: s}.Unsure(t, "ended")
}
