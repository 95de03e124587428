//go:build linux

package postgres_test

import (
	"fmt"
	"net"
	"testing"

	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store/postgres"
)

// A failover undoes the last changes, and so a logout and a rotation, unless commits wait for the standby: then what was acknowledged is there.
// That takes both settings, the server's and the commit's own.
func TestFailover(t *testing.T) {
	for name, c := range map[string]struct {
		synchronous string // synchronous_standby_names
		commit      string // synchronous_commit
		scenario    func(*testing.T, servers.Pair)
	}{
		"asynchronous":            {"", "on", servers.FailoverUndoes},
		"synchronous":             {"*", "on", servers.FailoverKeeps},
		"synchronous, not waited": {"*", "local", servers.FailoverUndoes},
	} {
		t.Run(name, func(t *testing.T) {
			primary := start(t, hasty...)
			pool := primary.pool(setting("synchronous_commit", c.commit))
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
			c.scenario(t, servers.Pair{
				Primary: primary.Server, Store: s, Link: link, Replica: replica,
				Promote: func() { do(t, standby, replica, "SELECT pg_promote()") },
			})
		})
	}
}
