package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// client is for people: what they type is said, or is a command if it begins with a slash, and when the line is down it comes back by
// itself, with the same session. What was not answered by then it says again: perhaps twice, and never not at all.
type client struct {
	addr, path string
	lines      chan string // typed
	in         io.Reader
	out        io.Writer
	pause      time.Duration // between attempts to connect

	mu         sync.Mutex // for out, and what follows
	held       []string   // typed, and not said yet
	unanswered []string   // said, in its order
}

func newClient(addr, path string, in io.Reader, out io.Writer) *client {
	return &client{addr: addr, path: path, in: in, out: out, lines: make(chan string), pause: time.Second}
}

// run connects again and again, until ctx or what is typed ends, or the session does.
func (c *client) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() {
		for _, line := range c.unanswered {
			c.show("(no answer came to: " + line + ")")
		}
		for _, line := range c.waiting() {
			c.show("(not said: " + line + ")")
		}
	}()
	go func() { // it may wait for a person for longer than the program runs
		defer cancel()
		c.read(ctx)
	}()
	c.show("Type to speak; /nick NAME, /join ROOM, /leave, /me, /bye. Ctrl-D leaves, and you can come back.")
	for down := false; ; {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", c.addr)
		if err == nil {
			if down {
				c.show("(the line is back)")
			}
			over, err := c.talk(ctx, conn)
			if over || err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if !down || err == nil {
			c.show("(the line is down; trying again)")
		}
		down = true
		select {
		case <-time.After(c.pause):
		case <-ctx.Done():
			return nil
		}
	}
}

// read hands over what is typed, until that or ctx ends.
func (c *client) read(ctx context.Context) {
	for in := bufio.NewReaderSize(c.in, 2*maxLine); ; {
		b, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = in.ReadSlice('\n')
			}
			b = nil
			c.show(tooLong)
		}
		if line := strings.TrimRight(string(b), "\r\n"); len(b) > 0 {
			c.mu.Lock()
			c.held = append(c.held, line)
			c.mu.Unlock()
			select {
			case c.lines <- line:
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			return
		}
	}
}

const tooLong = "(that line is too long to be said)"

// waiting returns what was typed and not said yet.
func (c *client) waiting() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.held)
}

func (c *client) show(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintln(c.out, line)
}

// talk is one connection. It reports whether the session is over; otherwise the line is down, or nobody types any more.
func (c *client) talk(ctx context.Context, conn net.Conn) (over bool, err error) {
	defer conn.Close()
	token, err := os.ReadFile(c.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return true, err
	}
	if _, err := fmt.Fprintf(conn, "hello %s\n", strings.TrimSpace(string(token))); err != nil {
		return false, nil // the line is down
	}
	greeted, heard := make(chan struct{}), make(chan struct{})
	var failed error
	go func() {
		defer close(heard)
		over, failed = c.hear(conn, greeted)
	}()
	var lines <-chan string // nobody is listened to before the greeting
	for {
		select {
		case <-greeted:
			greeted, lines = nil, c.lines
			c.sayAgain(conn)
		case line := <-lines:
			c.say(conn, line)
		case <-heard:
			return over, failed
		case <-ctx.Done():
			_ = conn.(*net.TCPConn).CloseWrite() // the server answers what was typed, and then hangs up
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			<-heard
			return over, failed
		}
	}
}

// say sends what somebody typed. If that fails the line is down, which whoever hears notices as well.
func (c *client) say(w io.Writer, line string) {
	long := len(typed(line)) >= maxLine
	c.mu.Lock()
	c.held = c.held[1:]
	if !long {
		c.unanswered = append(c.unanswered, line)
	}
	c.mu.Unlock()
	if long {
		c.show(tooLong)
		return
	}
	_, _ = fmt.Fprintln(w, typed(line))
}

// sayAgain sends what had no answer when the line went down: perhaps the server never heard it.
func (c *client) sayAgain(w io.Writer) {
	c.mu.Lock()
	lines := slices.Clone(c.unanswered)
	c.mu.Unlock()
	for _, line := range lines {
		c.show("(no answer came, so it is said again: " + line + ")")
		_, _ = fmt.Fprintln(w, typed(line))
	}
}

// answered takes off the first line that had no answer. The server answers in order.
func (c *client) answered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.unanswered) > 0 {
		c.unanswered = c.unanswered[1:]
	}
}

// typed returns what a person's line says to the server.
func typed(line string) string {
	if command, ok := strings.CutPrefix(line, "/"); ok {
		return command
	}
	return "say " + line
}

// hear shows what the server says, and keeps tokens. The server answers "bye" itself, and then ends the session's connections. A
// greeting that it refuses is a line that is down: it may be the store, which comes back.
func (c *client) hear(conn net.Conn, greeted chan<- struct{}) (over bool, err error) {
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		verb, rest, _ := strings.Cut(lines.Text(), " ")
		switch {
		case verb == "token" && rest == "gone":
			if err = os.Remove(c.path); errors.Is(err, fs.ErrNotExist) {
				err = nil // somebody else has removed it
			}
		case verb == "token":
			err = keep(c.path, rest+"\n")
		case verb == "over":
			c.show("(your session is over: " + rest + ")")
			return true, nil
		case verb == "ok" || verb == "from":
			c.show(rest)
		default:
			c.show(lines.Text())
		}
		if err != nil {
			return true, err
		}
		switch verb {
		case "ok", "error", "pong", "hello":
			switch {
			case greeted == nil:
				c.answered()
			case verb == "error":
				return false, nil
			default:
				close(greeted)
				greeted = nil
			}
		}
	}
	return false, nil
}

// keep writes a file that only its owner can read, so that there is always the old one or the new.
func keep(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".token-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
