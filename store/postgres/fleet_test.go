//go:build linux

package postgres_test

import (
	"context"
	"fmt"
	"net"
	"os"
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
	fleet.Main(func(address string) (fleet.Opened, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil { // the folder of a socket
			host, port = address, "5432"
		}
		pool, err := pgxpool.New(context.Background(), fmt.Sprintf("host=%s port=%s user=postgres dbname=postgres sslmode=disable connect_timeout=2", host, port))
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
	proxy := servers.NewProxy(t, "127.0.0.1:0", server.Fill("%s/.s.PGSQL.5432"))
	fleet.Config{
		Engine: "PostgreSQL", Address: server.folder, Proxied: proxy.Address(), Proxy: proxy, Server: server, Long: long,
	}.Run(t)
}
