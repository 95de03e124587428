package main

import (
	"errors"
	"log/slog"
	"net"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/store"
)

// breaking is a listener that cannot accept a second connection.
type breaking struct {
	net.Listener

	accepted bool
}

var errBroken = errors.New("no descriptors left")

func (b *breaking) Accept() (net.Conn, error) {
	if b.accepted {
		return nil, errBroken
	}
	b.accepted = true
	return b.Listener.Accept()
}

// A server that can accept no more hangs up on the clients that it has, and ends, instead of waiting for them to go.
func TestAServerThatCannotAcceptEnds(t *testing.T) {
	kept := store.NewMemory()
	defer kept.Close()
	sessions, err := place(kept, satchel.LogTo(slog.New(slog.DiscardHandler)))
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	client, err := net.Dial("tcp", l.Addr().String())
	must(t, err)
	defer client.Close()
	if err := newServer(sessions).accept(t.Context(), &breaking{Listener: l}); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	if conn, err := net.Dial("tcp", l.Addr().String()); err == nil {
		conn.Close()
		t.Error("it still listens")
	}
}
