package main

import (
	"sync"

	"github.com/satchel-go/satchel/core"
)

// hub knows who is in which room, and passes on what is said there. A session is in one room with all of its connections.
//
// It is told of a move after the store has it, so of two moves at once it may hear in the wrong order. What it goes by is the newest,
// which the session counts; what rooms hear of are the hub's own changes.
type hub struct {
	mu    sync.Mutex
	conns map[*conn]bool
	seats map[core.Handle]seat // of sessions that have a connection
}

// seat is where a session is, after how many moves.
type seat struct {
	room  string
	moves int
}

func newHub() *hub { return &hub{conns: map[*conn]bool{}, seats: map[core.Handle]seat{}} }

// enter adds a connection of a session. Where that is must be asked after this, so that no move is missed.
func (h *hub) enter(c *conn, session core.Handle) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forget(c)
	h.conns[c] = true
	c.session = session
	if _, known := h.seats[session]; !known {
		h.seats[session] = seat{moves: unknown}
	}
}

// unknown is the number of moves of a session that has just come, and of which nobody need hear that it does.
const unknown = -1

// forget removes a connection, and its session if that has no other.
func (h *hub) forget(c *conn) {
	delete(h.conns, c)
	for other := range h.conns {
		if other.session == c.session {
			return
		}
	}
	delete(h.seats, c.session)
}

// move puts a session where its visit says, unless it has moved on since, and tells both rooms but for one connection.
func (h *hub) move(session core.Handle, v Visit, but *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before, known := h.seats[session]
	if !known || v.Moves <= before.moves {
		return
	}
	h.seats[session] = seat{v.Room, v.Moves}
	if before.moves == unknown || before.room == v.Room {
		return
	}
	h.pass(before.room, but, "room "+v.Nick+" leaves")
	h.pass(v.Room, but, "room "+v.Nick+" comes")
}

// leave removes a connection.
func (h *hub) leave(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.forget(c)
}

// tell passes a line on to everybody in a room but one connection.
func (h *hub) tell(room string, but *conn, line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pass(room, but, line)
}

func (h *hub) pass(room string, but *conn, line string) {
	if room == "" {
		return
	}
	for c := range h.conns {
		if c != but && h.seats[c.session].room == room {
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
		if c.session != session && h.seats[c.session].room == room {
			c.say(line)
		}
	}
}
