package storetest

import (
	"io"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/satchel-go/satchel/core"
)

func guarantees(p *probe) {
	first := p.store.Guarantees()
	same := func() {
		p.Helper()
		if now := p.store.Guarantees(); now != first {
			p.brokenf("Guarantees returned %+v, and %+v before.", now, first)
		}
	}
	same()
	key := p.created(live(1, "body"))
	same()
	p.want("Replace", p.store.Replace(p.ctx, key, 1, live(2, "next")), nil)
	p.want("Delete", p.store.Delete(p.ctx, key, 2), nil)
	p.created(core.Record{Revision: 1, Seen: past, Deadline: past, Body: "dead"})
	same()
}

func closeTwice(p *probe) {
	closer, ok := p.store.(io.Closer)
	if !ok {
		p.Skip("the store is no io.Closer")
	}
	p.created(live(1, "body"))
	for _, which := range []string{"first", "second", "third"} {
		if err := closer.Close(); err != nil {
			p.brokenf("The %s Close returned %s.", which, spell(err))
		}
	}
}

// closeLeak opens, uses and closes a store in a scope of its own, and looks for goroutines that were not there before.
func closeLeak(p *probe) {
	if _, ok := p.store.(io.Closer); !ok {
		p.Skip("the store is no io.Closer")
	}
	before := goleak.IgnoreCurrent()
	inner := &scope{TB: p.TB}
	s := p.open(inner)
	key := p.key()
	p.want("Create", s.Create(p.ctx, key, live(1, "body")), nil)
	p.want("Delete", s.Delete(p.ctx, key, 1), nil)
	err := s.(io.Closer).Close()
	inner.end()
	if err != nil {
		p.brokenf("Close returned %s.", spell(err))
	}
	if err := goleak.Find(before); err != nil {
		p.brokenf("After Close and the test's own clean-up: %v", err)
	}
}

// scope is a test whose clean-up can be run before the test that it belongs to ends.
type scope struct {
	testing.TB
	mu      sync.Mutex
	cleanup []func()
}

// Cleanup registers a function that end calls.
func (s *scope) Cleanup(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cleanup = append(s.cleanup, f)
}

func (s *scope) end() {
	for {
		s.mu.Lock()
		n := len(s.cleanup)
		if n == 0 {
			s.mu.Unlock()
			return
		}
		last := s.cleanup[n-1]
		s.cleanup = s.cleanup[:n-1]
		s.mu.Unlock()
		last()
	}
}
