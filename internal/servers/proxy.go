//go:build unix

package servers

import (
	"context"
	"net"
	"path/filepath"
	"sync"
	"testing"
)

// Proxy stands between two programs of this machine, such as a node and its server, or a replica and its primary, and can keep them apart.
type Proxy struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	open     sync.Cond // signals that it is not cut any more, or closed
	cut      bool
	closed   bool
	conns    map[*link]struct{}
	working  sync.WaitGroup
}

// NewProxy listens at from and connects who comes there to what listens at to, until the test ends. An address is the path of a socket, or
// host:port of TCP, with the port 0 for a free one.
func NewProxy(tb testing.TB, from, to string) *Proxy {
	tb.Helper()
	l, err := new(net.ListenConfig).Listen(tb.Context(), network(from), from)
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{listener: l, to: to, conns: map[*link]struct{}{}}
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

func network(address string) string {
	if filepath.IsAbs(address) {
		return "unix"
	}
	return "tcp"
}

// Address is where it listens, as a Dial takes it.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

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

// Vanish leaves each connection half open for good, as if the machine at its other end were gone: nothing comes through it any more, not even
// that it is over. New ones can be made.
func (p *Proxy) Vanish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.gone = true
	}
}

// Drop closes all connections. New ones can be made.
func (p *Proxy) Drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.close()
	}
}

// link is one connection through the proxy.
type link struct {
	from, to net.Conn
	gone     bool // guarded by the proxy
}

func (c *link) close() { _, _ = c.from.Close(), c.to.Close() }

func (p *Proxy) accept() {
	for {
		from, err := p.listener.Accept()
		if err != nil {
			return
		}
		to, err := new(net.Dialer).DialContext(context.Background(), network(p.to), p.to)
		if err != nil {
			_ = from.Close()
			continue
		}
		c := &link{from: from, to: to}
		p.mu.Lock()
		p.conns[c] = struct{}{}
		if p.closed {
			c.close()
		}
		p.mu.Unlock()
		p.working.Go(func() { p.carry(c, from, to) })
		p.working.Go(func() { p.carry(c, to, from) })
	}
}

// carry carries what comes from one end to the other, as long as both are there.
func (p *Proxy) carry(c *link, from, to net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		p.wait(c)
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
	delete(p.conns, c)
	p.mu.Unlock()
	c.close()
}

func (p *Proxy) wait(c *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for (p.cut || c.gone) && !p.closed {
		p.open.Wait()
	}
}
