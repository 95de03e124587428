//go:build linux

package sqltest_test

import (
	"bytes"
	"context"
	database "database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store/sql"
)

// patience is how long a test waits for what it knows will come.
const patience = 30 * time.Second

// engine is a server that tests know how to start.
type engine struct {
	dialect sql.Dialect
	install string   // the program that makes a server's folder, which stands in %s
	with    []string // and its arguments
	server  []string // the server's names
	args    []string
	hasty   []string // so that it waits for no disk
	ready   string
	users   []string // who may run it
	driver  string
	dsn     string
}

var engines = []engine{
	{
		dialect: sql.PostgreSQL,
		install: "initdb", with: []string{"-D", "%s/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"},
		server: []string{"postgres"}, args: []string{"-D", "%s/data", "-k", "%s", "-c", "listen_addresses="}, hasty: []string{"-F"},
		ready: "ready to accept connections", users: []string{"postgres", "nobody"},
		driver: "pgx", dsn: "host=%s port=5432 user=postgres dbname=postgres sslmode=disable",
	},
	{
		dialect: sql.MySQL,
		install: "mariadb-install-db",
		with: []string{
			"--no-defaults", "--datadir=%s/data", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
		},
		server: []string{"mariadbd", "mysqld"},
		args:   []string{"--no-defaults", "--datadir=%s/data", "--socket=%s/socket", "--skip-networking", "--pid-file=%s/pid"},
		hasty:  []string{"--innodb-flush-log-at-trx-commit=0"},
		ready:  "ready for connections", users: []string{"mysql", "nobody"},
		driver: "mysql", dsn: "root@unix(%s/socket)/mysql",
	},
}

// server is a server of this test alone, on a socket in a folder of its own.
type server struct {
	engine
	tb     testing.TB
	folder string
	path   string
	more   []string
	runs   *syscall.Credential // servers refuse to be run by root
	cmd    *exec.Cmd
	exited chan struct{}
}

// start starts a server, which ends with the test, and waits until it serves.
func (e engine) start(tb testing.TB, more ...string) *server {
	tb.Helper()
	install := need.Binary(tb, e.install)
	s := &server{engine: e, tb: tb, more: more}
	if s.path = filepath.Join(filepath.Dir(install), e.server[0]); e.dialect == sql.MySQL {
		s.path = need.Binary(tb, e.server...)
	}
	folder, err := os.MkdirTemp("", "db") //nolint:usetesting // the test's own folder may have too long a name for a socket
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
		s.runs = somebody(tb, e.users)
		if err := os.Chown(folder, int(s.runs.Uid), int(s.runs.Gid)); err != nil {
			tb.Fatal(err)
		}
	}
	if said, err := s.command(install, e.with).CombinedOutput(); err != nil {
		tb.Fatalf("%s: %v\n%s", e.install, err, said)
	}
	s.up()
	return s
}

// somebody is a user who may run a server.
func somebody(tb testing.TB, names []string) *syscall.Credential {
	tb.Helper()
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, wrongUser := strconv.ParseUint(u.Uid, 10, 32)
		gid, wrongGroup := strconv.ParseUint(u.Gid, 10, 32)
		if wrongUser != nil || wrongGroup != nil {
			tb.Fatal(wrongUser, wrongGroup)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	tb.Fatalf("none of %v is a user here, and root may not run a server", names)
	return nil
}

func (s *server) command(path string, args []string) *exec.Cmd {
	cmd := exec.Command(path)
	for _, arg := range args {
		cmd.Args = append(cmd.Args, strings.ReplaceAll(arg, "%s", s.folder))
	}
	cmd.Dir = s.folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Credential: s.runs}
	return cmd
}

// up starts the server, again after a kill, and waits until it serves.
func (s *server) up() {
	s.tb.Helper()
	ready := &lookout{words: []byte(s.ready), found: make(chan struct{})}
	s.cmd = s.command(s.path, append(slices.Clip(s.args), s.more...))
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
		s.tb.Fatalf("the server did not start:\n%s", ready.said())
	case <-time.After(patience):
		s.tb.Fatalf("the server does not serve:\n%s", ready.said())
	}
}

// kill ends all processes of the server as a loss of power would.
func (s *server) kill() {
	s.signal(syscall.SIGKILL)
	<-s.exited
	eventually(s.tb, "all its processes have ended", func() bool { return len(s.processes()) == 0 })
}

// stop lets the server hang, with its sockets open.
func (s *server) stop() {
	s.signal(syscall.SIGSTOP)
	s.tb.Cleanup(s.resume) // or clients could not close
}

func (s *server) resume() { s.signal(syscall.SIGCONT) }

// end shuts the server down so that it gives back what it took of the system.
func (s *server) end() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	s.resume()
	if s.dialect == sql.MySQL {
		_ = s.cmd.Process.Kill() // it may have ended before, as below
	}
	_ = s.cmd.Process.Signal(syscall.SIGQUIT)
	<-s.exited
}

// signal is sent to the first process and then to those that it has started.
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

// db returns a pool on the server that ends with the test.
func (s *server) db(settings string) *database.DB {
	s.tb.Helper()
	return pool(s.tb, s.driver, strings.ReplaceAll(s.dsn, "%s", s.folder)+settings)
}

const connections = 16

func pool(tb testing.TB, driver, dsn string) *database.DB {
	tb.Helper()
	db, err := database.Open(driver, dsn)
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	tb.Cleanup(func() { _ = db.Close() }) // it tells of connections that died with their server
	return db
}

var tables atomic.Int64

// open returns a store over a new table.
func open(tb testing.TB, db *database.DB, d sql.Dialect) *sql.Store {
	tb.Helper()
	return share(tb, db, d, fmt.Sprintf("t%d", tables.Add(1)))
}

// share returns a store over a table, which it makes if there is none.
func share(tb testing.TB, db *database.DB, d sql.Dialect, table string) *sql.Store {
	tb.Helper()
	s, err := sql.New(db, d, sql.Config{Table: table})
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.Migrate(context.Background()); err != nil {
		tb.Fatal(err)
	}
	return s
}

// do sends a statement.
func do(tb testing.TB, db *database.DB, text string, args ...any) {
	tb.Helper()
	if _, err := db.ExecContext(tb.Context(), text, args...); err != nil {
		tb.Fatal(err)
	}
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestMain keeps the driver from printing what the tests check.
func TestMain(m *testing.M) {
	if err := mysql.SetLogger(&mysql.NopLogger{}); err != nil {
		panic(err)
	}
	m.Run()
}
