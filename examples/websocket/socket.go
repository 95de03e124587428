package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// sessionOver is the code with which a connection is closed whose session has ended (RFC 6455, section 7.4.2: for private use).
const sessionOver websocket.StatusCode = 4401

// socket upgrades a request and serves the connection until either side goes, or the session.
func (s *site) socket(w http.ResponseWriter, r *http.Request) {
	d, err := s.begin(w, r)
	if err != nil {
		http.Error(w, http.StatusText(nethttp.StatusOf(err)), nethttp.StatusOf(err))
		return
	}
	defer d.watch.Stop()
	conn, err := websocket.Accept(w, r, nil) // which refuses other origins: their pages would bring the browser's cookie too
	if err != nil {
		return // it has answered
	}
	defer func() { _ = conn.CloseNow() }() // it has most often been closed by then
	conn.SetReadLimit(1024)

	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-d.watch.Done() // which Stop closes too
		if reason := d.watch.Reason(); reason != satchel.Unwatched {
			_ = conn.Close(sessionOver, "the session is over: "+reason.String())
		}
	}()
	s.talk(r.Context(), conn, d)
	d.watch.Stop()
	<-ended
}

// talk answers messages. Each is an exchange of its own.
func (s *site) talk(ctx context.Context, conn *websocket.Conn, d *desk) {
	for {
		_, note, err := conn.Read(ctx)
		if err != nil {
			return
		}
		notes, err := s.add(ctx, d, string(note))
		if errors.Is(err, satchel.ErrEnded) {
			_ = conn.Close(sessionOver, "the session is over")
			return
		}
		var reply any = notes
		if err != nil { // an outage: what was there will be there
			reply = "come back in a minute"
		}
		if err := wsjson.Write(ctx, conn, reply); err != nil {
			return
		}
	}
}

// add puts a note on the desk, beside those that other connections have put there meanwhile.
func (s *site) add(ctx context.Context, d *desk, note string) ([]string, error) {
	ex := s.sessions.Open(d.tokens)
	defer ex.Close()
	ctx = ex.Context(ctx)
	_, there, err := desks.Get(ctx)
	if err != nil {
		return nil, err
	}
	if !there { // a change would begin a new session, whose token nobody gets
		return nil, satchel.ErrEnded
	}
	desk, err := desks.Update(ctx, func(d Desk) Desk {
		if note != "" {
			d.Notes = append(d.Notes, note)
		}
		return d
	})
	if err != nil {
		return nil, err
	}
	_, err = ex.Commit(ctx) // notes the use
	return desk.Notes, err
}
