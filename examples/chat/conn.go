package main

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

const (
	maxLine  = 1024             // bytes of a line from a client
	maxSlow  = 256              // lines that a client may be behind
	patience = 10 * time.Second // for a client that does not read
)

// conn is one connection. Its lines are read and obeyed one after the other, by one goroutine, and what it is told is written by
// another, so that nobody waits for a slow client.
type conn struct {
	server *server
	net    net.Conn
	token  core.Token // what the client has, as far as it was told
	watch  *satchel.Watch

	leaving atomic.Bool // it ends its session itself, and says so

	session core.Handle // guarded by the hub's lock

	out   chan string
	ended chan struct{}
	once  sync.Once
	told  sync.Once // that the session is over
}

func newConn(s *server, n net.Conn) *conn {
	return &conn{server: s, net: n, out: make(chan string, maxSlow), ended: make(chan struct{})}
}

// say hands a line to the writer. A client that is too far behind is cut off.
func (c *conn) say(line string) {
	select {
	case c.out <- line:
	case <-c.ended:
	default:
		c.end()
	}
}

// end ends the connection, after what was said to it.
func (c *conn) end() { c.once.Do(func() { close(c.ended) }) }

// over reports whether the connection has ended, so that nothing is obeyed any more.
func (c *conn) over() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// write writes what is said, until the connection ends, and then what is left.
func (c *conn) write() {
	defer c.net.Close() // the reader then ends as well
	w := bufio.NewWriter(c.net)
	put := func(line string) bool {
		_ = c.net.SetWriteDeadline(time.Now().Add(patience))
		_, err := w.WriteString(line + "\n")
		if err == nil && len(c.out) == 0 {
			err = w.Flush()
		}
		return err == nil
	}
	for {
		select {
		case line := <-c.out:
			if !put(line) {
				c.end()
				return
			}
		case <-c.ended:
			for {
				select {
				case line := <-c.out:
					if !put(line) {
						return
					}
				default:
					_ = w.Flush()
					return
				}
			}
		}
	}
}

// serve reads lines until the connection ends, from either side.
func (c *conn) serve(ctx context.Context) {
	var writing sync.WaitGroup
	writing.Go(c.write)
	stop := context.AfterFunc(ctx, c.end) // the server closes
	lines := bufio.NewScanner(c.net)
	lines.Buffer(nil, maxLine)
	for lines.Scan() && !c.over() {
		c.obey(ctx, lines.Text())
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		c.say("error a line has at most 1024 bytes")
	}
	stop()
	c.end()
	c.leave()
	writing.Wait()
}

// leave makes the connection nobody's.
func (c *conn) leave() {
	c.unwatch()
	c.server.hub.leave(c)
}

// obey does one line, in an exchange of its own: what it changes is committed before the next is read, however long the connection
// lives. What the client must know about its token it is told before the answer.
func (c *conn) obey(ctx context.Context, line string) {
	command, ok := parse(line)
	if !ok {
		c.say("error that is no command; there are hello, nick, join, leave, say, me, ping and bye")
		return
	}
	if token := core.Token(command.rest); command.verb == "hello" && token != "" && token != c.token {
		c.leave() // whatever comes of this hello, the connection is no longer who it was
		c.token = token
	}
	ex := c.server.sessions.Open(satchel.Arrived{visits.Name(): c.token})
	defer ex.Close()
	in := ex.Context(ctx)
	c.leaving.Store(command.verb == "bye")
	answer, then, err := c.do(in, command)
	outcomes, failed := ex.Commit(ctx)
	for _, o := range outcomes {
		switch o.Action {
		case core.SendToken:
			c.token = o.Token
			c.say("token " + string(o.Token))
		case core.SendClear:
			c.token = ""
			c.say("token gone")
		}
	}
	if err = errors.Join(err, failed); err != nil {
		c.say("error " + spell(err))
		c.stay()
		return
	}
	if command.verb == "hello" {
		if err := c.arrive(in); err != nil {
			c.say("error " + spell(err))
			return
		}
	}
	c.say(answer)
	if then != nil {
		then()
	}
}

// stay takes a bye back that has failed. If the session has ended meanwhile, its watch has left it to the bye to say so.
func (c *conn) stay() {
	if c.leaving.Swap(false) && c.watch != nil {
		if reason := c.watch.Reason(); reason != satchel.NotOver {
			c.finish(reason)
		}
	}
}

// arrive makes the connection one of its session's, once that is committed.
func (c *conn) arrive(ctx context.Context) error {
	about, err := visits.About(ctx)
	if err != nil {
		return err
	}
	if err := c.watchSession(ctx); err != nil {
		return err
	}
	c.server.hub.enter(c, about.Handle)
	// Another connection may have moved meanwhile, which this exchange does not see.
	ex := c.server.sessions.Open(satchel.Arrived{visits.Name(): c.token})
	defer ex.Close()
	visit, there, err := visits.Get(ex.Context(ctx))
	if err != nil { // it is as if nobody had said hello
		c.leave()
		return err
	}
	if there { // or the watch is about to say so
		c.server.hub.move(about.Handle, visit, c)
	}
	return nil
}
