package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/store"
)

// server is the chat: connections, and the sessions that they speak for.
type server struct {
	sessions *satchel.Sessions
	hub      *hub
	serving  sync.WaitGroup // connections
	watching sync.WaitGroup // their watches
}

// serve keeps sessions in a folder and accepts connections until ctx ends.
func serve(ctx context.Context, addr, folder string, out io.Writer) error {
	kept, err := store.DirectoryConfig{Path: folder, SweepEvery: time.Minute}.New()
	if err != nil {
		return err
	}
	defer kept.Close()
	sessions, err := place(kept, satchel.LogTo(slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelWarn}))))
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "The chat is open:", listener.Addr())
	return newServer(sessions).accept(ctx, listener)
}

func newServer(s *satchel.Sessions) *server { return &server{sessions: s, hub: newHub()} }

// accept serves connections until ctx ends or it can accept no more, and returns when all have ended.
func (s *server) accept(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	defer s.watching.Wait()
	defer s.serving.Wait()
	defer cancel() // first of all, so that connections end
	for {
		n, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return errors.Join(err, l.Close())
		}
		c := newConn(s, n)
		s.serving.Go(func() { c.serve(ctx) })
	}
}
