package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/satchel-go/satchel"
)

// command is what a line says: a verb, and the rest.
type command struct{ verb, rest string }

var verbs = map[string]bool{ // true: it needs something behind it
	"hello": false, "nick": true, "join": true, "leave": false, "say": true, "me": false, "ping": false, "bye": false,
}

// parse reads a line. What is not printable is taken out, so that nobody writes on another's terminal.
func parse(line string) (command, bool) {
	line = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, line))
	verb, rest, _ := strings.Cut(line, " ")
	needs, known := verbs[verb]
	rest = strings.TrimSpace(rest)
	return command{verb, rest}, known && (!needs || rest != "")
}

var (
	errStranger = errors.New("say hello first")
	errName     = errors.New("a name has 1 to 20 letters a to z, digits and -")
	errNoRoom   = errors.New("join a room first")
)

// name checks the name of a person or a room.
func name(s string) error {
	if len(s) > 20 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return errName
	}
	return nil
}

// spell says an error to a client. What it has of the store's is for the log.
func spell(err error) string {
	switch {
	case errors.Is(err, satchel.ErrUnavailable):
		return "come back in a minute"
	case errors.Is(err, satchel.ErrEnded):
		return "your session is over; say hello"
	case errors.Is(err, errStranger), errors.Is(err, errName), errors.Is(err, errNoRoom):
		return err.Error()
	}
	return "that did not work"
}

// do does a command in the exchange of ctx. What is to be done once it is committed and answered is then.
func (c *conn) do(ctx context.Context, m command) (answer string, then func(), err error) {
	if m.verb == "ping" {
		return "pong " + m.rest, nil, nil
	}
	visit, there, err := visits.Get(ctx)
	if err != nil {
		return "", nil, err
	}
	if m.verb == "hello" {
		return c.hello(ctx, visit, there)
	}
	if !there || c.watch == nil {
		return "", nil, errStranger
	}
	about, err := visits.About(ctx)
	if err != nil {
		return "", nil, err
	}
	hub := c.server.hub
	switch m.verb {
	case "nick":
		if err := name(m.rest); err != nil {
			return "", nil, err
		}
		visit, before, err := c.update(ctx, func(v *Visit) { v.Nick = m.rest })
		return "ok you are " + visit.Nick, func() { hub.tell(visit.Room, c, "room "+before.Nick+" is "+visit.Nick+" now") }, err
	case "join", "leave":
		room := m.rest
		if m.verb == "leave" {
			room = ""
		}
		if err := name(room); err != nil {
			return "", nil, err
		}
		visit, _, err := c.update(ctx, func(v *Visit) { v.Room, v.Moves = room, v.Moves+1 })
		return where(visit), func() { hub.move(about.Handle, visit, c) }, err
	case "say":
		if visit.Room == "" {
			return "", nil, errNoRoom
		}
		visit, _, err := c.update(ctx, func(v *Visit) { v.Said++ })
		return fmt.Sprintf("ok said %d", visit.Said), func() { hub.tell(visit.Room, c, "from "+visit.Nick+": "+m.rest) }, err
	case "me":
		return fmt.Sprintf("ok you are %s, %s, said %d", visit.Nick, strings.TrimPrefix(where(visit), "ok "), visit.Said), nil, nil
	}
	// bye: the watches of the session's other connections hear of it
	return "ok bye", func() {
		hub.gone(visit.Room, about.Handle, "room "+visit.Nick+" is gone")
		c.finish(satchel.Ended)
	}, visits.Clear(ctx)
}

// update changes the session, and returns what it is and was. Of two connections that do so at once neither loses its change: f is
// applied to what the other has left.
func (c *conn) update(ctx context.Context, f func(*Visit)) (after, before Visit, err error) {
	after, err = visits.Update(ctx, func(v Visit) Visit {
		before = v
		f(&v)
		return v
	})
	return after, before, err
}

// hello begins a session, or goes on with the one whose token came.
func (c *conn) hello(ctx context.Context, visit Visit, there bool) (string, func(), error) {
	if there {
		return fmt.Sprintf("hello again %s, %s, said %d", visit.Nick, strings.TrimPrefix(where(visit), "ok "), visit.Said), nil, nil
	}
	visit, err := visits.Update(ctx, func(v Visit) Visit {
		if v.Nick == "" {
			v.Nick = "guest"
		}
		return v
	})
	return "hello " + visit.Nick, nil, err
}

func where(v Visit) string {
	if v.Room == "" {
		return "ok in no room"
	}
	return "ok in " + v.Room
}
