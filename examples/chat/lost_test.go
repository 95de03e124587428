package main

import (
	"bufio"
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// line is a server's end of a client's line, played by a test.
type line struct {
	t *testing.T
	net.Conn

	lines *bufio.Scanner
}

func pick(t *testing.T, l net.Listener) line {
	t.Helper()
	limit := time.Now().Add(20 * time.Second)
	must(t, l.(*net.TCPListener).SetDeadline(limit))
	conn, err := l.Accept()
	must(t, err)
	must(t, conn.SetDeadline(limit))
	t.Cleanup(func() { conn.Close() })
	return line{t, conn, bufio.NewScanner(conn)}
}

func (l line) hears(want string) {
	l.t.Helper()
	if !l.lines.Scan() || l.lines.Text() != want {
		l.t.Fatalf("the server hears %q, want %q", l.lines.Text(), want)
	}
}

func (l line) says(text string) {
	l.t.Helper()
	_, err := fmt.Fprintln(l, text)
	must(l.t, err)
}

// What is typed as the line goes down is said when it is back: what was not answered, and what was typed meanwhile, in its order.
func TestNothingTypedIsLost(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	e := &table{t: t, addr: l.Addr().String()}
	ann := e.terminal(filepath.Join(t.TempDir(), "token"))
	ann.shows(greeting)

	first := pick(t, l)
	first.hears("hello ")
	first.says("hello guest")
	ann.shows("hello guest")
	ann.types("one")
	first.hears("say one")
	first.says("from bob: a word")
	first.says("ok said 1")
	ann.shows("bob: a word", "said 1")
	ann.types("two") // which the server takes, and does not answer
	first.hears("say two")
	first.Close()
	ann.shows("(the line is down; trying again)")
	ann.types("three")

	second := pick(t, l)
	ann.shows("(the line is back)")
	second.hears("hello ")
	second.says("error come back in a minute") // it is not the time yet: its store is away
	ann.shows("error come back in a minute", "(the line is down; trying again)")

	third := pick(t, l)
	ann.shows("(the line is back)")
	third.hears("hello ")
	third.says("hello again guest")
	ann.shows("hello again guest", "(no answer came, so it is said again: two)")
	third.hears("say two")
	third.hears("say three")
	third.says("ok said 2")
	third.says("error that did not work")
	ann.shows("said 2", "error that did not work")
	third.Close() // of what was answered nothing is said again
	ann.shows("(the line is down; trying again)")
	fourth := pick(t, l)
	ann.shows("(the line is back)")
	fourth.hears("hello ")
	fourth.says("hello again guest")
	ann.shows("hello again guest")
	ann.types("four")
	fourth.hears("say four")
}

// Who leaves while something is unanswered is told so.
func TestWhoLeavesIsToldWhatWasNotSaid(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	e := &table{t: t, addr: l.Addr().String()}
	ann := e.terminal(filepath.Join(t.TempDir(), "token"))
	ann.shows(greeting)
	first := pick(t, l)
	first.hears("hello ")
	first.says("hello guest")
	ann.shows("hello guest")
	ann.types("one")
	first.hears("say one")
	ann.keys.Close() // Ctrl-D
	for first.lines.Scan() {
		t.Errorf("the server hears %q", first.lines.Text())
	}
	first.Close()
	ann.shows("(no answer came to: one)")
	if err := <-ann.ended; err != nil {
		t.Error(err)
	}
}

// Nor is it lost without a word what was typed before a greeting that never came.
func TestWhoInterruptsIsToldWhatWasNotSaid(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	e := &table{t: t, addr: l.Addr().String()}
	ann := e.terminal(filepath.Join(t.TempDir(), "token"))
	ann.shows(greeting)
	first := pick(t, l)
	first.hears("hello ")
	ann.types("one")
	for limit := time.Now().Add(20 * time.Second); len(ann.client.waiting()) == 0 && time.Now().Before(limit); {
		<-time.After(time.Millisecond)
	}
	ann.ctrlC()
	first.Close()
	ann.shows("(not said: one)")
	if err := <-ann.ended; err != nil {
		t.Error(err)
	}
}

// A line that the server would hang up on is not sent.
func TestALineThatIsTooLong(t *testing.T) {
	e := newTable(t)
	ann := e.terminal(filepath.Join(t.TempDir(), "token"))
	ann.shows(greeting, "hello guest")
	ann.types(fmt.Sprintf("%01020d", 1))
	ann.shows("(that line is too long to be said)")
	ann.types("/me")
	ann.shows("you are guest, in no room, said 0")
}
