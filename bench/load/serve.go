package load

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel/bench/peers"
)

// Site is one server that can be loaded.
type Site struct {
	Via, Name string // a framework, and a contender
	Client    bool   // its sessions live in the client
	http      func() peers.HTTP
	fiber     func() peers.Fiber
}

// Sites are all servers, the bare one of each framework first.
func Sites() []Site {
	chi := func(h func() peers.HTTP) func() peers.HTTP { return func() peers.HTTP { return peers.OnChi(h()) } }
	return []Site{
		{Via: "nethttp", Name: "bare", http: peers.Bare},
		{Via: "nethttp", Name: "floor-server", http: peers.FloorServer},
		{Via: "nethttp", Name: "satchel-server", http: peers.SatchelServer},
		{Via: "nethttp", Name: "scs", http: peers.SCS},
		{Via: "nethttp", Name: "scs-cbor", http: peers.SCSCBOR},
		{Via: "nethttp", Name: "floor-client", Client: true, http: peers.FloorClient},
		{Via: "nethttp", Name: "satchel-client", Client: true, http: peers.SatchelClient},
		{Via: "nethttp", Name: "gorilla-cookie", Client: true, http: peers.Gorilla},
		{Via: "nethttp", Name: "jwt", Client: true, http: peers.JWT},
		{Via: "chi", Name: "bare", http: chi(peers.Bare)},
		{Via: "chi", Name: "satchel-server", http: chi(peers.SatchelServer)},
		{Via: "chi", Name: "satchel-client", Client: true, http: chi(peers.SatchelClient)},
		{Via: "fiber", Name: "bare", fiber: peers.FiberBare},
		{Via: "fiber", Name: "satchel-server", fiber: peers.FiberSatchelServer},
		{Via: "fiber", Name: "satchel-client", Client: true, fiber: peers.FiberSatchelClient},
		{Via: "fiber", Name: "fiber-session", fiber: peers.FiberSession},
	}
}

// Serve serves the site of that name on a loopback port, writes its address to w, and returns when ctx ends.
func Serve(ctx context.Context, via, name string, w io.Writer) error {
	all := Sites()
	i := slices.IndexFunc(all, func(s Site) bool { return s.Via == via && s.Name == name })
	if i < 0 {
		return fmt.Errorf("load: there is no %s on %s", name, via)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w, l.Addr()); err != nil {
		return err
	}
	failed := make(chan error, 1)
	if s := all[i]; s.fiber != nil {
		app := s.fiber().App
		go func() { failed <- app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true}) }()
	} else {
		server := &http.Server{Handler: s.http().Mux(), ReadHeaderTimeout: time.Minute}
		go func() { failed <- server.Serve(l) }()
	}
	select {
	case err = <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}
