package main

import (
	"sync"

	"github.com/satchel-go/satchel/core"
)

// hub knows who is in which room, and passes on what is said there. A session is in one room with all of its connections.
type hub struct {
	mu    sync.Mutex
	conns map[*conn]bool
	rooms map[core.Handle]string // of sessions that have a connection
}

func newHub() *hub { return &hub{conns: map[*conn]bool{}, rooms: map[core.Handle]string{}} }

// enter adds a connection, with its session's room.
func (h *hub) enter(c *conn, session core.Handle, room string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forget(c)
	h.conns[c] = true
	c.session = session
	h.rooms[session] = room
}

// forget removes a connection, and its session if that has no other.
func (h *hub) forget(c *conn) {
	delete(h.conns, c)
	for other := range h.conns {
		if other.session == c.session {
			return
		}
	}
	delete(h.rooms, c.session)
}

// move puts a session into another room.
func (h *hub) move(session core.Handle, room string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rooms[session] = room
}

// leave removes a connection.
func (h *hub) leave(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forget(c)
}

// tell passes a line on to everybody in a room but one connection.
func (h *hub) tell(room string, but *conn, line string) {
	if room == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		if c != but && h.rooms[c.session] == room {
			c.say(line)
		}
	}
}

// gone tells a room that a session has ended, whose own connections hear it otherwise.
func (h *hub) gone(room string, session core.Handle, line string) {
	if room == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		if c.session != session && h.rooms[c.session] == room {
			c.say(line)
		}
	}
}
