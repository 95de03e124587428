// Command shop is a small web shop that shows how an application uses Satchel.
//
//	go run ./examples/shop                  on net/http
//	go run ./examples/shop -adapter fiber   or on fiber, or chi: the same pages
//
// Read it in this order: sessions.go declares four kinds of session and says where each lives; cart.go and prefs.go are
// the values that they hold; pages.go, sign.go, devices.go, flash.go and api.go use them; fail.go is what happens when a store is
// down; travels.go shows what the browser holds of it all; routes.go lists the pages, and serve_nethttp.go and serve_fiber.go
// put them behind a framework; folder.go is where the shop keeps its sessions, so that they are there when it is started
// again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// run is the whole program, until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args, out)
	if err != nil {
		return err
	}
	made, err := satchel.MakeKeyFile(o.keys)
	if err != nil {
		return err
	}
	if made {
		fmt.Fprintln(out, "Made a new key file:", o.keys)
	} else {
		fmt.Fprintln(out, "Using the key file:", o.keys)
	}

	kept, err := keep(o, out) // the store of server-side sessions: a folder, or memory
	if err != nil {
		return err
	}
	defer kept.Close()

	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: o.level}))
	sessions, err := place(satchel.Config{Observer: satchel.LogTo(log)}, kept, satchel.KeysFromFile(o.keys), o.https)
	if err != nil {
		return err
	}
	return serve(ctx, o.addr, adapters[o.adapter](&shop{o, sessions, log}), out)
}

// server is what a framework serves the shop with.
type server interface {
	Serve(l net.Listener) error
	Shutdown(ctx context.Context) error
	Close() error
}

// adapters are the frameworks that the shop can be served with.
var adapters = map[string]func(s *shop) server{"nethttp": newNetHTTP, "chi": newChi, "fiber": newFiber}

type options struct {
	addr     string
	adapter  string
	keys     string
	sessions string // the folder; nothing if memory is true
	memory   bool
	https    bool
	level    slog.Level
}

func parse(args []string, out io.Writer) (options, error) {
	o := options{level: slog.LevelInfo}
	flags := flag.NewFlagSet("shop", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&o.addr, "addr", "localhost:8080", "listen on `HOST:PORT`")
	flags.StringVar(&o.adapter, "adapter", "nethttp", "serve by `nethttp`, chi or fiber")
	flags.StringVar(&o.keys, "keys", "", "keep the keys in `FILE` (default: satchel-shop/keys in your configuration directory)")
	flags.StringVar(&o.sessions, "sessions", "", "keep sessions in the folder `DIR`, for nothing else (default: sessions, beside the key file)")
	flags.BoolVar(&o.memory, "memory", false, "keep sessions in memory instead, until the shop closes")
	flags.BoolVar(&o.https, "https", false, "browsers reach the shop by https, through a proxy: cookies as they should be")
	verbose := flags.Bool("v", false, "log everything that happens to sessions")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if *verbose {
		o.level = slog.LevelDebug
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0))
	}
	if adapters[o.adapter] == nil {
		return o, fmt.Errorf("-adapter %s: there are nethttp, chi and fiber", o.adapter)
	}
	if !o.https && !cookie.LoopbackHost(o.addr) {
		return o, fmt.Errorf("-addr %s: without https the shop is for this machine only, as in -addr localhost:8080", o.addr)
	}
	if o.memory && o.sessions != "" {
		return o, errors.New("-memory and -sessions: sessions are kept in one place")
	}
	if o.keys == "" {
		var err error
		if o.keys, err = defaultKeys(); err != nil {
			return o, err
		}
	}
	if !o.memory && o.sessions == "" {
		o.sessions = filepath.Join(filepath.Dir(o.keys), "sessions")
	}
	return o, nil
}

// serve answers requests until ctx ends, and then finishes those that it has begun.
func serve(ctx context.Context, addr string, server server, out io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	fmt.Fprintf(out, "The shop is open: http://%s\nPress Ctrl-C to close it.\n", shown(addr, listener.Addr()))

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	fmt.Fprintln(out, "Closing.")
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(limit); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}

// shown returns the address as it was asked for, with the port that was given where it asked for any.
func shown(asked string, given net.Addr) string {
	host, _, err := net.SplitHostPort(asked)
	_, port, err2 := net.SplitHostPort(given.String())
	if err != nil || err2 != nil {
		return given.String()
	}
	return net.JoinHostPort(host, port)
}
