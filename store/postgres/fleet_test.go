//go:build linux

package postgres_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/satchel-go/satchel/internal/fleet"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/internal/servers"
	"github.com/satchel-go/satchel/store/postgres"
)

// fleetTable is what the nodes of a fleet share.
const fleetTable = "public.fleet"

// The test's binary is also a node of a fleet.
func TestMain(m *testing.M) {
	fleet.Main(func(folder string) (fleet.Opened, error) {
		pool, err := pgxpool.New(context.Background(), fmt.Sprintf("host=%s user=postgres dbname=postgres sslmode=disable connect_timeout=2", folder))
		if err != nil {
			return nil, err
		}
		return postgres.New(pool, postgres.Config{Table: fleetTable})
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
	server := start(t)
	s, err := postgres.New(server.pool(), postgres.Config{Table: fleetTable})
	must(t, err)
	must(t, s.Migrate(t.Context()))
	must(t, s.MigrateFeed(t.Context()))
	proxied, err := os.MkdirTemp("", "pg") //nolint:usetesting // the test's own folder may have too long a name for a socket
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(proxied)) })
	const socket = ".s.PGSQL.5432"
	fleet.Config{
		Engine: "PostgreSQL", Address: server.folder, Proxied: proxied,
		Proxy:  servers.NewProxy(t, filepath.Join(proxied, socket), filepath.Join(server.folder, socket)),
		Server: server, Long: long,
	}.Run(t)
}
