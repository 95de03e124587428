//go:build unix

package redis_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store/redis"
)

// patience is how long a test waits for what it knows will come.
const patience = 20 * time.Second

// server is a redis-server of this test alone, on a socket in a folder of its own.
type server struct {
	tb     testing.TB
	path   string
	folder string
	args   []string
	cmd    *exec.Cmd
	exited chan struct{}
}

// start starts a server, which ends with the test, and waits until it serves.
func start(tb testing.TB, args ...string) *server {
	tb.Helper()
	s := &server{tb: tb, path: need.Binary(tb, "redis-server", "valkey-server"), args: args}
	folder, err := os.MkdirTemp("", "redis") //nolint:usetesting // the test's own folder may have too long a name for a socket
	if err != nil {
		tb.Fatal(err)
	}
	s.folder = folder
	tb.Cleanup(func() {
		s.kill()
		if err := os.RemoveAll(folder); err != nil {
			tb.Error(err)
		}
	})
	s.up()
	return s
}

func (s *server) socket() string { return filepath.Join(s.folder, "socket") }

// up starts the server, again after a kill, and waits until it serves.
func (s *server) up() {
	s.tb.Helper()
	ready := &lookout{words: []byte("eady to accept connections"), found: make(chan struct{})}
	args := append([]string{"--port", "0", "--unixsocket", s.socket(), "--dir", s.folder, "--save", ""}, s.args...)
	s.cmd = exec.Command(s.path, args...)
	s.cmd.Stdout, s.cmd.Stderr = ready, ready
	endWithUs(s.cmd)
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
		s.tb.Fatalf("redis-server did not start:\n%s", ready.said())
	case <-time.After(patience):
		s.tb.Fatalf("redis-server does not serve:\n%s", ready.said())
	}
}

// kill ends the server as a loss of power would end its process.
func (s *server) kill() {
	_ = s.cmd.Process.Kill() // which may have happened before
	<-s.exited
}

// stop lets the server hang, with its sockets open, and returns when it does.
func (s *server) stop() {
	s.tb.Helper()
	pid := s.cmd.Process.Pid
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		s.tb.Fatal(err)
	}
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		s.tb.Fatal("the server does not stop:", err)
	}
	s.tb.Cleanup(s.resume) // or clients could not close
}

func (s *server) resume() { _ = s.cmd.Process.Signal(syscall.SIGCONT) }

// client returns a client of the server that ends with the test. Its limits are short, as doc.go advises.
func (s *server) client(adjust ...func(*rueidis.ClientOption)) rueidis.Client {
	s.tb.Helper()
	option := rueidis.ClientOption{
		InitAddress: []string{s.socket()}, ForceSingleClient: true, DisableCache: true,
		DialCtxFn: func(ctx context.Context, address string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
			return d.DialContext(ctx, "unix", address)
		},
		Dialer: net.Dialer{Timeout: 2 * time.Second}, ConnWriteTimeout: 2 * time.Second,
		ReadBufferEachConn: 64 << 10, WriteBufferEachConn: 64 << 10,
	}
	for _, f := range adjust {
		f(&option)
	}
	return connect(s.tb, option)
}

func connect(tb testing.TB, option rueidis.ClientOption) rueidis.Client {
	tb.Helper()
	c, err := rueidis.NewClient(option)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

// open returns a store over a client.
func open(tb testing.TB, c rueidis.Client) *redis.Store {
	tb.Helper()
	s, err := redis.New(c, redis.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	return s
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

// do sends a command as it is typed, and ends the test if it fails.
func do(tb testing.TB, c rueidis.Client, words ...string) rueidis.RedisResult {
	tb.Helper()
	r := c.Do(tb.Context(), c.B().Arbitrary(words...).Build())
	if err := r.Error(); err != nil && !rueidis.IsRedisNil(err) {
		tb.Fatal(words[0], err)
	}
	return r
}
