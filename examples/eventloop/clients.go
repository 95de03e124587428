package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/satchel-go/satchel/core"
)

// clients are all that speak to the loop. Only its steps touch them.
type clients struct {
	policy  *core.Policy
	loop    *loop
	storage *storage
	now     func() int64
	entropy func([]byte)
	out     io.Writer
	record  io.WriteCloser // or nil
	fault   error          // of writing to record

	byName map[string]*client
}

// client is one window: its wishes are granted one after the other, and those of different windows side by side.
type client struct {
	waiting []string
	busy    bool
	token   core.Token // of the jar that its windows share, so only in the client without a slash
}

// arrive takes a line.
func (c *clients) arrive(line string) {
	name, wish, _ := strings.Cut(strings.TrimSpace(line), " ")
	if name == "" {
		return
	}
	window := c.client(name)
	window.waiting = append(window.waiting, strings.TrimSpace(wish))
	c.next(name)
}

func (c *clients) client(name string) *client {
	if c.byName[name] == nil {
		c.byName[name] = new(client)
	}
	return c.byName[name]
}

// next begins the exchange that a window has waited for.
func (c *clients) next(name string) {
	window := c.client(name)
	if window.busy || len(window.waiting) == 0 {
		return
	}
	wish := window.waiting[0]
	window.waiting, window.busy = window.waiting[1:], true
	owner, _, _ := strings.Cut(name, "/")
	jar := c.client(owner)

	x := &exchange{policy: c.policy, storage: c.storage, now: c.now, entropy: c.entropy, wish: wishOf(wish)}
	if c.record != nil {
		x.script = new(core.Transcript)
	}
	x.done = func(s core.Session, send core.Send, err error) {
		switch send.Action {
		case core.SendToken:
			jar.token = send.Token
		case core.SendClear:
			jar.token = ""
		}
		fmt.Fprintf(c.out, "%s: %s\n", name, says(s, err))
		if c.record != nil {
			if _, err := io.WriteString(c.record, x.script.RevealText()); c.fault == nil {
				c.fault = err
			}
		}
		window.busy = false
		c.next(name)
	}
	x.begin(core.One(jar.token))
}

// wishOf says what a word means to the session.
func wishOf(word string) func(*core.Transcript, *core.Session) {
	switch word {
	case "":
		return func(*core.Transcript, *core.Session) {}
	case "rotate":
		return (*core.Transcript).Rotated
	case "bye":
		return (*core.Transcript).Cleared
	case "take":
		return (*core.Transcript).Taken
	}
	return func(t *core.Transcript, s *core.Session) {
		basket, _ := s.Payload()
		t.With(s, strings.TrimSpace(basket+" "+word))
	}
}

// says is what a client reads.
func says(s core.Session, err error) string {
	if err != nil {
		return "not done: " + err.Error()
	}
	if basket, ok := s.Payload(); ok {
		return basket
	}
	return "nothing"
}
