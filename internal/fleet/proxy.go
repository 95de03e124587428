//go:build unix

package fleet

import (
	"context"
	"net"
	"sync"
	"testing"
)

// Proxy stands between a node and its server, on sockets of this machine, and can keep them apart.
type Proxy struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	open     sync.Cond // signals that it is not cut any more, or closed
	cut      bool
	closed   bool
	conns    map[net.Conn]struct{}
	working  sync.WaitGroup
}

// NewProxy listens on the socket from, and connects who comes to the socket to, until the test ends.
func NewProxy(tb testing.TB, from, to string) *Proxy {
	tb.Helper()
	l, err := new(net.ListenConfig).Listen(tb.Context(), "unix", from)
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{listener: l, to: to, conns: map[net.Conn]struct{}{}}
	p.open.L = &p.mu
	p.working.Go(p.accept)
	tb.Cleanup(func() {
		p.mu.Lock()
		p.closed = true
		p.open.Broadcast()
		p.mu.Unlock()
		_ = l.Close()
		p.Drop()
		p.working.Wait()
	})
	return p
}

// Cut lets nothing through any more, and says so to nobody: what is sent waits.
func (p *Proxy) Cut() { p.set(true) }

// Heal lets everything through, beginning with what has waited.
func (p *Proxy) Heal() { p.set(false) }

func (p *Proxy) set(cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = cut
	p.open.Broadcast()
}

// Drop closes all connections. New ones can be made.
func (p *Proxy) Drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *Proxy) accept() {
	for {
		from, err := p.listener.Accept()
		if err != nil {
			return
		}
		to, err := new(net.Dialer).DialContext(context.Background(), "unix", p.to)
		if err != nil {
			_ = from.Close()
			continue
		}
		p.mu.Lock()
		p.conns[from], p.conns[to] = struct{}{}, struct{}{}
		if p.closed {
			_, _ = from.Close(), to.Close()
		}
		p.mu.Unlock()
		p.working.Go(func() { p.carry(from, to) })
		p.working.Go(func() { p.carry(to, from) })
	}
}

// carry carries what comes from one to the other, as long as both are there.
func (p *Proxy) carry(from, to net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		p.wait()
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	p.mu.Lock()
	delete(p.conns, from)
	p.mu.Unlock()
	_, _ = from.Close(), to.Close()
}

func (p *Proxy) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.cut && !p.closed {
		p.open.Wait()
	}
}
