package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// helper is a server in a process of its own, which is killed.
func helper(folder, addr string) {
	if err := serve(context.Background(), addr, folder, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// process starts a server and waits until it is open.
func process(t *testing.T, folder, addr string) (kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CHAT_TEST_SESSIONS="+folder, "CHAT_TEST_ADDR="+addr)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	var once sync.Once
	kill = func() {
		once.Do(func() {
			_ = cmd.Process.Kill() // no chance to say or to flush anything
			_ = cmd.Wait()
		})
	}
	t.Cleanup(kill)
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.HasPrefix(line, "The chat is open") {
		t.Fatalf("%q, %v", line, err)
	}
	return kill
}

// stubborn is a client that goes on through whatever befalls the server.
type stubborn struct {
	addr, token, nick string
	sent, said        int // lines that left, and those that were acknowledged
}

// talks says something again and again, until it is over.
func (s *stubborn) talks(over <-chan struct{}, progress *atomic.Int64) error {
	for {
		select {
		case <-over:
			return nil
		default:
		}
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			continue // the server is between two lives
		}
		err = s.on(conn, over, progress)
		_ = conn.Close()
		if err != nil {
			return err
		}
	}
}

// on is one connection. An error is a session that was lost; that the line is down is none.
func (s *stubborn) on(conn net.Conn, over <-chan struct{}, progress *atomic.Int64) error {
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	lines := bufio.NewScanner(conn)
	ask := func(line string) (string, bool) {
		if _, err := fmt.Fprintln(conn, line); err != nil {
			return "", false
		}
		for lines.Scan() {
			answer := lines.Text()
			if verb, _, _ := strings.Cut(answer, " "); verb != "from" && verb != "room" {
				return answer, true
			}
		}
		return "", false
	}
	answer, up := ask("hello " + s.token)
	if !up {
		return nil
	}
	if !strings.HasPrefix(answer, "hello again "+s.nick+", in tea, ") {
		return fmt.Errorf("%s is greeted by %q", s.nick, answer)
	}
	for {
		select {
		case <-over:
			return nil
		default:
		}
		s.sent++
		answer, up := ask("say it")
		if !up {
			return nil
		}
		if !strings.HasPrefix(answer, "ok said ") {
			return fmt.Errorf("%s hears %q", s.nick, answer)
		}
		s.said++
		progress.Add(1)
	}
}

// A server is killed again and again under people who talk, two connections for each session, and nothing that it has
// acknowledged is lost: no name, no room, and none of the changes that the two make at the same time.
func TestKilledUnderClients(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "sessions")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	addr := l.Addr().String()
	must(t, l.Close())
	kill := process(t, folder, addr)

	var all []*stubborn
	for _, nick := range []string{"ann", "bob", "carl"} {
		conn, err := net.Dial("tcp", addr)
		must(t, err)
		_, err = io.WriteString(conn, "hello\nnick "+nick+"\njoin tea\n")
		must(t, err)
		lines := bufio.NewScanner(conn)
		token := ""
		for lines.Scan() && lines.Text() != "ok in tea" {
			if text, ok := strings.CutPrefix(lines.Text(), "token "); ok {
				token = text
			}
		}
		must(t, conn.Close())
		all = append(all, &stubborn{addr: addr, token: token, nick: nick}, &stubborn{addr: addr, token: token, nick: nick})
	}
	var talking sync.WaitGroup
	var progress atomic.Int64
	over := make(chan struct{})
	for _, s := range all {
		talking.Go(func() {
			if err := s.talks(over, &progress); err != nil {
				t.Error(err)
			}
		})
	}
	for life := int64(1); life <= 3; life++ {
		for progress.Load() < life*60 && !t.Failed() {
			select {
			case <-time.After(time.Millisecond):
			case <-t.Context().Done():
			}
		}
		kill()
		kill = process(t, folder, addr)
	}
	close(over)
	talking.Wait()

	for i := 0; i < len(all); i += 2 {
		a, b := all[i], all[i+1]
		said := a.said + b.said
		sent := a.sent + b.sent
		conn, err := net.Dial("tcp", addr)
		must(t, err)
		_, err = fmt.Fprintln(conn, "hello", a.token)
		must(t, err)
		answer, err := bufio.NewReader(conn).ReadString('\n')
		must(t, err)
		must(t, conn.Close())
		var kept int
		_, err = fmt.Sscanf(answer, "hello again "+a.nick+", in tea, said %d", &kept)
		if err != nil || kept < said || kept > sent || said < 20 {
			t.Errorf("%s: %d of %d were acknowledged, and the server says %q", a.nick, said, sent, answer)
		}
	}
}
