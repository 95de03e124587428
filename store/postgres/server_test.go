//go:build linux

package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store/postgres"
)

// patience is how long a test waits for what it knows will come.
const patience = 30 * time.Second

// server is a PostgreSQL of this test alone, on a socket in a folder of its own.
type server struct {
	tb     testing.TB
	folder string
	path   string
	args   []string
	runs   *syscall.Credential // it refuses to be run by root
	cmd    *exec.Cmd
	exited chan struct{}
}

// start starts a server, which ends with the test, and waits until it serves.
func start(tb testing.TB, args ...string) *server {
	tb.Helper()
	initdb := need.Binary(tb, "initdb")
	s := &server{tb: tb, path: filepath.Join(filepath.Dir(initdb), "postgres"), args: args}
	folder, err := os.MkdirTemp("", "pg") //nolint:usetesting // the test's own folder may have too long a name for a socket
	if err != nil {
		tb.Fatal(err)
	}
	s.folder = folder
	tb.Cleanup(func() {
		s.end()
		if err := os.RemoveAll(folder); err != nil {
			tb.Error(err)
		}
	})
	if os.Geteuid() == 0 {
		s.runs = somebody(tb)
		if err := os.Chown(folder, int(s.runs.Uid), int(s.runs.Gid)); err != nil {
			tb.Fatal(err)
		}
	}
	cmd := s.command(initdb, "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	if said, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("initdb: %v\n%s", err, said)
	}
	s.up()
	return s
}

// somebody is a user who may run a server.
func somebody(tb testing.TB) *syscall.Credential {
	tb.Helper()
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			tb.Fatal(err)
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			tb.Fatal(err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	tb.Fatal("neither postgres nor nobody is a user here, and root may not run a server")
	return nil
}

func (s *server) data() string { return filepath.Join(s.folder, "data") }

func (s *server) command(path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Dir = s.folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Credential: s.runs}
	return cmd
}

// up starts the server, again after a kill, and waits until it serves.
func (s *server) up() {
	s.tb.Helper()
	ready := &lookout{words: []byte("ready to accept connections"), found: make(chan struct{})}
	args := append([]string{"-D", s.data(), "-k", s.folder, "-c", "listen_addresses=", "-c", "autovacuum=off"}, s.args...)
	s.cmd = s.command(s.path, args...)
	s.cmd.Stdout, s.cmd.Stderr = ready, ready
	if err := s.cmd.Start(); err != nil {
		s.tb.Fatal(err)
	}
	cmd, exited := s.cmd, make(chan struct{})
	s.exited = exited
	go func() {
		_ = cmd.Wait() // killed, mostly
		close(exited)
	}()
	select {
	case <-ready.found:
	case <-exited:
		s.tb.Fatalf("postgres did not start:\n%s", ready.said())
	case <-time.After(patience):
		s.tb.Fatalf("postgres does not serve:\n%s", ready.said())
	}
}

// kill ends all processes of the server as a loss of power would.
func (s *server) kill() {
	s.signal(syscall.SIGKILL)
	<-s.exited
	eventually(s.tb, "its socket is dead", func() bool { return len(s.processes()) == 0 })
}

// stop lets the server hang, with its sockets open.
func (s *server) stop() {
	s.signal(syscall.SIGSTOP)
	s.tb.Cleanup(func() { s.signal(syscall.SIGCONT) }) // or clients could not close
}

func (s *server) resume() { s.signal(syscall.SIGCONT) }

// end shuts the server down so that it gives back what it took of the system.
func (s *server) end() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	s.signal(syscall.SIGCONT)
	_ = s.cmd.Process.Signal(syscall.SIGQUIT) // it may have ended before
	<-s.exited
}

// signal is sent to the first process and then to those that it has started: each is in a group of its own.
func (s *server) signal(what syscall.Signal) {
	_ = s.cmd.Process.Signal(what) // it may have ended before
	for _, pid := range s.processes() {
		_ = syscall.Kill(pid, what)
	}
}

// processes are those that the first one has started.
func (s *server) processes() (found []int) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		s.tb.Fatal(err)
	}
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		_, after, _ := bytes.Cut(stat, []byte(") "))
		if fields := strings.Fields(string(after)); len(fields) > 1 && fields[1] == strconv.Itoa(s.cmd.Process.Pid) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
				found = append(found, pid)
			}
		}
	}
	return found
}

// pool returns a pool on the server that ends with the test. The settings are for its connections.
func (s *server) pool(adjust ...func(*pgxpool.Config)) *pgxpool.Pool {
	s.tb.Helper()
	c, err := pgxpool.ParseConfig(fmt.Sprintf("host=%s port=5432 user=postgres dbname=postgres sslmode=disable pool_max_conns=16", s.folder))
	if err != nil {
		s.tb.Fatal(err)
	}
	for _, f := range adjust {
		f(c)
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), c)
	if err != nil {
		s.tb.Fatal(err)
	}
	s.tb.Cleanup(pool.Close)
	return pool
}

// setting sets a parameter of all connections.
func setting(name, value string) func(*pgxpool.Config) {
	return func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams[name] = value }
}

var tables atomic.Int64

// open returns a store over a new table.
func open(tb testing.TB, pool *pgxpool.Pool) *postgres.Store {
	tb.Helper()
	s := unmade(tb, pool)
	if err := s.Migrate(context.Background()); err != nil {
		tb.Fatal(err)
	}
	return s
}

// unmade returns a store over a table that nobody has made.
func unmade(tb testing.TB, pool *pgxpool.Pool) *postgres.Store {
	tb.Helper()
	s, err := postgres.New(pool, postgres.Config{Table: fmt.Sprintf("public.t%d", tables.Add(1))})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// trimmed is the name of a store's table for another store.
func trimmed(s *postgres.Store) string { return strings.ReplaceAll(s.Table(), `"`, "") }

// do sends a statement with ~ for the store's table.
func do(tb testing.TB, pool *pgxpool.Pool, s *postgres.Store, text string, args ...any) {
	tb.Helper()
	if _, err := pool.Exec(tb.Context(), strings.ReplaceAll(text, "~", s.Table()), args...); err != nil {
		tb.Fatal(err)
	}
}

// ask is do for a statement that answers.
func ask[T any](tb testing.TB, pool *pgxpool.Pool, s *postgres.Store, text string, args ...any) (answer T) {
	tb.Helper()
	if err := pool.QueryRow(tb.Context(), strings.ReplaceAll(text, "~", s.Table()), args...).Scan(&answer); err != nil {
		tb.Fatal(err)
	}
	return answer
}

// lookout waits for words in what a program prints.
type lookout struct {
	mu    sync.Mutex
	words []byte
	all   []byte
	found chan struct{}
	once  sync.Once
}

// Write takes what the program prints.
func (l *lookout) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, p...)
	if bytes.Contains(l.all, l.words) {
		l.once.Do(func() { close(l.found) })
	}
	return len(p), nil
}

func (l *lookout) said() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.all)
}

// eventually waits for a condition that nothing announces.
func eventually(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !is() {
		select {
		case <-tick.C:
		case <-late:
			tb.Fatal("in vain until now:", what)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
