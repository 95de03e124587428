//go:build unix

package servers

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/satchel-go/satchel/internal/need"
)

// Patience is how long a test waits for what it knows will come.
const Patience = 30 * time.Second

// Engine is a program that can be started as a server. %s in its arguments is the server's folder.
type Engine struct {
	Name    string
	Install []string // the program that makes a server's files and its arguments, or nothing
	Program []string // the server's names, of which one is there
	Beside  bool     // the server lies beside the program that installs
	Args    []string
	Hasty   []string // more arguments, so that it waits for no disk
	Ready   string   // what it prints when it serves
	Users   []string // who may run it if root may not
	End     syscall.Signal
}

// The engines.
var (
	Redis = Engine{
		Name: "Redis", Program: []string{"redis-server", "valkey-server"},
		Args:  []string{"--port", "0", "--unixsocket", "%s/socket", "--dir", "%s", "--save", ""},
		Ready: "eady to accept connections", End: syscall.SIGKILL,
	}
	PostgreSQL = Engine{
		Name:    "PostgreSQL",
		Install: []string{"initdb", "-D", "%s/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"},
		Program: []string{"postgres"}, Beside: true,
		Args:  []string{"-D", "%s/data", "-k", "%s", "-c", "listen_addresses=", "-c", "autovacuum=off"},
		Hasty: []string{"-F"}, Ready: "ready to accept connections", Users: []string{"postgres", "nobody"},
		End: syscall.SIGQUIT, // so that it gives back the memory that it shares
	}
	MariaDB = Engine{
		Name: "MariaDB",
		Install: []string{
			"mariadb-install-db", "--no-defaults", "--datadir=%s/data", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
		},
		Program: []string{"mariadbd", "mysqld"},
		Args:    []string{"--no-defaults", "--datadir=%s/data", "--socket=%s/socket", "--skip-networking", "--pid-file=%s/pid"},
		Hasty:   []string{"--innodb-flush-log-at-trx-commit=0"},
		Ready:   "ready for connections", Users: []string{"mysql", "nobody"}, End: syscall.SIGKILL,
	}
)

// Server is a server of one test alone.
type Server struct {
	Folder string // its files and its socket are there, under a short name

	engine Engine
	tb     testing.TB
	path   string
	args   []string
	runs   *syscall.Credential // somebody else than root
	cmd    *exec.Cmd
	exited chan struct{}
}

// Start starts a server, which ends with the test, and waits until it serves.
func (e Engine) Start(tb testing.TB, more ...string) *Server {
	tb.Helper()
	s := &Server{engine: e, tb: tb}
	install := ""
	if len(e.Install) > 0 {
		install = need.Binary(tb, e.Install[0])
	}
	if s.path = filepath.Join(filepath.Dir(install), e.Program[0]); !e.Beside {
		s.path = need.Binary(tb, e.Program...)
	}
	folder, err := os.MkdirTemp("", "server") //nolint:usetesting // the test's own folder may have too long a name for a socket
	if err != nil {
		tb.Fatal(err)
	}
	s.Folder = folder
	tb.Cleanup(func() {
		s.end()
		if err := os.RemoveAll(folder); err != nil {
			tb.Error(err)
		}
	})
	if len(e.Users) > 0 && os.Geteuid() == 0 {
		s.runs = somebody(tb, e.Users)
		if err := os.Chown(folder, int(s.runs.Uid), int(s.runs.Gid)); err != nil {
			tb.Fatal(err)
		}
	}
	if install != "" {
		if said, err := s.command(install, e.Install[1:]).CombinedOutput(); err != nil {
			tb.Fatalf("%s: %v\n%s", e.Install[0], err, said)
		}
	}
	s.args = slices.Concat(e.Args, more)
	s.Up()
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
		if err := errors.Join(wrongUser, wrongGroup); err != nil {
			tb.Fatal(err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	tb.Fatalf("none of %v is a user here, and root may not run a server", names)
	return nil
}

// Fill returns a text with the server's folder in place of each %s.
func (s *Server) Fill(text string) string { return strings.ReplaceAll(text, "%s", s.Folder) }

func (s *Server) command(path string, args []string) *exec.Cmd {
	cmd := exec.Command(path) //nolint:noctx // what it starts ends with the test
	for _, arg := range args {
		cmd.Args = append(cmd.Args, s.Fill(arg))
	}
	cmd.Dir = s.Folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.runs}
	endWithUs(cmd.SysProcAttr)
	return cmd
}

// Up starts the server, again after a kill, and waits until it serves.
func (s *Server) Up() {
	s.tb.Helper()
	ready := &lookout{words: []byte(s.engine.Ready), found: make(chan struct{})}
	s.cmd = s.command(s.path, s.args)
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
		s.tb.Fatalf("%s did not start:\n%s", s.engine.Name, ready.said())
	case <-time.After(Patience):
		s.tb.Fatalf("%s does not serve:\n%s", s.engine.Name, ready.said())
	}
}

// Kill ends all processes of the server as a loss of power would, but for what the system's memory keeps.
func (s *Server) Kill() {
	s.signal(syscall.SIGKILL)
	<-s.exited
	Eventually(s.tb, "all its processes have ended", func() bool { return len(children(s.cmd.Process.Pid)) == 0 })
}

// Stop lets the server hang, with its sockets open, and returns when it does.
func (s *Server) Stop() {
	s.tb.Helper()
	s.signal(syscall.SIGSTOP)
	s.tb.Cleanup(s.Resume) // or clients could not close
	Eventually(s.tb, "it stands still", func() bool { return stands(s.cmd.Process.Pid) })
}

// Resume lets a server go on that was stopped.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

// end ends the server, however it stands.
func (s *Server) end() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	s.Resume()
	_ = s.cmd.Process.Signal(s.engine.End) // it may have ended before
	<-s.exited
}

// signal is sent to the first process and then to those that it has started: each may be in a group of its own.
func (s *Server) signal(what syscall.Signal) {
	_ = s.cmd.Process.Signal(what) // it may have ended before
	for _, pid := range children(s.cmd.Process.Pid) {
		_ = syscall.Kill(pid, what)
	}
}

// Memory returns how much memory the server's processes have to themselves, in bytes, where the system says so, else 0.
func (s *Server) Memory() (bytes int64) {
	for _, pid := range append(children(s.cmd.Process.Pid), s.cmd.Process.Pid) {
		bytes += resident(pid)
	}
	return bytes
}
