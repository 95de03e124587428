package main

import (
	"bufio"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/internal/need"
)

// nc is a netcat that somebody types into.
type nc struct {
	t     *testing.T
	in    io.WriteCloser
	lines *bufio.Scanner
	cmd   *exec.Cmd
}

func (e *table) netcat() *nc {
	e.t.Helper()
	binary := need.Binary(e.t, "nc")
	host, port, err := net.SplitHostPort(e.addr)
	must(e.t, err)
	cmd := exec.Command(binary, host, port)
	in, err := cmd.StdinPipe()
	must(e.t, err)
	out, err := cmd.StdoutPipe()
	must(e.t, err)
	must(e.t, cmd.Start())
	p := &nc{e.t, in, bufio.NewScanner(out), cmd}
	e.t.Cleanup(p.leave)
	return p
}

// says types a line and returns the first line that comes back.
func (p *nc) says(line string) string {
	p.t.Helper()
	_, err := io.WriteString(p.in, line+"\n")
	must(p.t, err)
	return p.hears()
}

func (p *nc) hears() string {
	p.t.Helper()
	if !p.lines.Scan() {
		p.t.Fatalf("nothing more is heard: %v", p.lines.Err())
	}
	return p.lines.Text()
}

func (p *nc) leave() {
	p.in.Close()
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// Whoever has nc and no program of ours can chat, and comes back, on another connection and after a restart, as who they were.
func TestNetcat(t *testing.T) {
	e := newTable(t)
	first := e.netcat()
	token, ok := strings.CutPrefix(first.says("hello"), "token ")
	if !ok {
		t.Fatal("no token")
	}
	if got := first.hears(); got != "hello guest" {
		t.Error(got)
	}
	if got := first.says("nick ann"); got != "ok you are ann" {
		t.Error(got)
	}
	first.leave()
	e.close()
	e.open()
	second := e.netcat()
	if got := second.says("hello " + token); !strings.HasPrefix(got, "hello again ann") {
		t.Error(got)
	}
}
