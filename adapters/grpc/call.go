package satchelgrpc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// call is one call's exchange, and the moment at which its header leaves.
type call struct {
	adapter   *Adapter
	exchange  *satchel.Exchange
	ctx       context.Context //nolint:containedctx // the call is the context's
	setHeader func(metadata.MD) error

	mu        sync.Mutex
	committed bool
	failed    error
}

// errInterrupted is what came of a commit that panicked: nothing of the call's may look as if it had been done.
var errInterrupted = Status(errors.New("satchelgrpc: the commit did not end"))

// commit commits the exchange at the first call, into the header, and returns what came of it at every one, also where the
// handler has recovered from its panic.
func (c *call) commit() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.committed {
		return c.failed
	}
	c.committed, c.failed = true, errInterrupted
	outcomes, err := c.exchange.Commit(c.ctx)
	md := metadata.MD{}
	for _, o := range outcomes {
		switch o.Action {
		case core.SendToken:
			if !sendable(o.Token) {
				err = errors.Join(err, fmt.Errorf("satchelgrpc: kind %q: its token is no text for metadata", o.Transport.Kind))
				continue
			}
			md.Set(Key(o.Transport), string(o.Token))
		case core.SendClear:
			md.Set(Key(o.Transport), "")
		}
	}
	if len(md) > 0 && c.setHeader != nil {
		err = errors.Join(err, c.setHeader(md))
	}
	c.failed = nil
	if err != nil {
		c.failed = Status(err)
	}
	return c.failed
}

// sendable reports whether a value arrives as it was sent: printable ASCII, without blanks at its ends. Tokens of foreign kinds may be
// anything.
func sendable(t core.Token) bool {
	for i := range len(t) {
		if c := t[i]; c < ' ' || c > '~' || c == ' ' && (i == 0 || i == len(t)-1) {
			return false
		}
	}
	return true
}

// without returns a handler's metadata without what it says under the keys of kinds: of one key one value is sent.
func (a *Adapter) without(md metadata.MD) metadata.MD {
	var out metadata.MD
	for key := range md {
		if a.keys[strings.ToLower(key)] {
			if out == nil {
				out = md.Copy()
			}
			delete(out, key)
		}
	}
	if out == nil {
		return md
	}
	return out
}

// unaryStream is what grpc.SetHeader and grpc.SendHeader find in a handler's context.
type unaryStream struct {
	grpc.ServerTransportStream

	call *call
}

// SetHeader lets the handler have its own word on what is its own.
func (s unaryStream) SetHeader(md metadata.MD) error {
	return s.ServerTransportStream.SetHeader(s.call.adapter.without(md))
}

// SendHeader commits, and then lets the header go.
func (s unaryStream) SendHeader(md metadata.MD) error {
	if err := s.call.commit(); err != nil {
		return err
	}
	return s.ServerTransportStream.SendHeader(s.call.adapter.without(md))
}

// stream is a call's stream as its handler has it.
type stream struct {
	grpc.ServerStream

	call *call
	ctx  context.Context //nolint:containedctx // which ServerStream has it for
}

// Context returns the context in which kinds work.
func (s *stream) Context() context.Context { return s.ctx }

// SetHeader lets the handler have its own word on what is its own.
func (s *stream) SetHeader(md metadata.MD) error {
	return s.ServerStream.SetHeader(s.call.adapter.without(md))
}

// SendHeader commits, and then lets the header go.
func (s *stream) SendHeader(md metadata.MD) error {
	if err := s.call.commit(); err != nil {
		return err
	}
	return s.ServerStream.SendHeader(s.call.adapter.without(md))
}

// SendMsg commits before the first message, with which the header leaves.
func (s *stream) SendMsg(m any) error {
	if err := s.call.commit(); err != nil {
		return err
	}
	return s.ServerStream.SendMsg(m)
}
