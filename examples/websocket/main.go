// Command websocket is a desk with notes on it, changed through a WebSocket: a session for each browser, a change for each message,
// and connections that end with their session.
//
//	cd examples/websocket && go run .      # then open http://localhost:8080 in two windows
//
// Read it in this order: socket.go is a connection; upgrade.go is what happens with the cookie when it begins; pages.go are the pages
// beside it. docs/websocket.md in the repository explains why it is so.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/store"
)

// Desk is what a browser has here.
type Desk struct {
	Notes []string `cbor:"1,keyasint"`
}

var desks = satchel.NewKind[Desk]("desk")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	if err := run(ctx, "localhost:8080"); err != nil {
		fmt.Fprintln(os.Stderr, "websocket:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr string) error {
	// On plain http a cookie has to be insecure, by name, and then stays on this machine. With https leave Cookie out.
	sessions, err := satchel.Config{Cookie: cookie.Config{InsecureLoopback: true}}.New(desks.ServerSide(store.NewMemory()))
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: newSite(sessions), ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	fmt.Println("Open http://" + listener.Addr().String())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
