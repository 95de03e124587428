//go:build linux

package attack

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/satchel-go/satchel/internal/fleet"
)

// variable tells this program that it is a node: the name of its engine, a colon, and the engine's address.
const variable = "SATCHEL_ATTACK_NODE"

// asNode are the engines that nodes may have.
var asNode = []engine{inMemory, inRedis, inPostgres, inMariaDB, inPostgreSQL, inRedis.cached(), inPostgres.cached()}

// The test's binary is also a node: it serves the site until its standard input ends.
func TestMain(m *testing.M) {
	_ = mysql.SetLogger(&mysql.NopLogger{}) // nil is the only logger that it refuses
	if what, ok := os.LookupEnv(variable); ok {
		if err := node(what); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	m.Run()
}

func node(what string) error {
	name, address, _ := strings.Cut(what, ":")
	if special, ok := specialNodes[name]; ok {
		return special(address)
	}
	i := slices.IndexFunc(asNode, func(e engine) bool { return e.name == name })
	if i < 0 {
		return fmt.Errorf("no engine %q", name)
	}
	s, shut, err := asNode[i].open(context.Background(), address)
	if err != nil {
		return err
	}
	defer shut()
	return serveNode(site(place(s, patient)))
}

// specialNodes serve more than the site, for one program each.
var specialNodes = map[string]func(address string) error{theCrowd: crowdNode}

// serveNode serves until the standard input ends, and says where on the standard output.
func serveNode(h http.Handler) error {
	url, stop, err := serve(h)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Fprintln(os.Stdout, url)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// startNode starts a node, which ends with the test, and returns where it serves.
func startNode(t *testing.T, name, address string, adjust ...func(*exec.Cmd)) (url string) {
	t.Helper()
	cmd := fleet.Again(t, variable, name+":"+address)
	for _, f := range adjust {
		f(cmd)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // which ends it
		_ = cmd.Wait() // or the end of the test's context did
	})
	url, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal("the node does not serve:", err)
	}
	return strings.TrimSpace(url)
}
