package sealed

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/satchel-go/satchel/crypto"
)

const (
	defaultRefresh = 30 * time.Second
	hastily        = time.Second // between two questions for a key that nobody knows
)

// keys remembers the ring of the moment. Whoever needs one while it is asked for goes on with the last.
type keys struct {
	config Config
	asking chan struct{} // whoever has put something in asks
	last   atomic.Pointer[handed]
}

// handed is a ring and the instant at which it was asked for.
type handed struct {
	ring *crypto.Keyring
	at   time.Time
}

func newKeys(c Config) *keys {
	if c.Refresh == 0 {
		c.Refresh = defaultRefresh
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &keys{config: c, asking: make(chan struct{}, 1)}
}

var errNoRing = errors.New("no keyring")

func (k *keys) begin(ctx context.Context) error {
	ring, err := k.config.Keys(ctx)
	if err == nil && ring == nil {
		err = errNoRing
	}
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	k.last.Store(&handed{ring, k.config.Now()})
	return nil
}

// ring returns the ring of the moment.
func (k *keys) ring(ctx context.Context) *crypto.Keyring {
	last := k.last.Load()
	if k.config.Now().Sub(last.at) < k.config.Refresh {
		return last.ring
	}
	select {
	case k.asking <- struct{}{}:
		defer func() { <-k.asking }()
		return k.ask(ctx)
	default:
		return last.ring
	}
}

// another asks for a ring that may know more than the one that was tried, and reports whether there is one.
func (k *keys) another(ctx context.Context, tried *crypto.Keyring) (*crypto.Keyring, bool) {
	select {
	case k.asking <- struct{}{}:
		defer func() { <-k.asking }()
	case <-ctx.Done():
		return tried, false
	}
	last := k.last.Load()
	if last.ring == tried && k.config.Now().Sub(last.at) >= hastily {
		last = &handed{ring: k.ask(ctx)}
	}
	return last.ring, last.ring != tried
}

// ask asks for a ring, and returns the last one if that fails. Only one goroutine is here at a time.
func (k *keys) ask(ctx context.Context) *crypto.Keyring {
	last := k.last.Load()
	ring, err := k.config.Keys(ctx)
	if err == nil && ring == nil {
		err = errNoRing
	}
	if err != nil {
		ring = last.ring
		if k.config.KeysFailed != nil && ctx.Err() == nil {
			k.config.KeysFailed(err)
		}
	}
	if ctx.Err() == nil { // else somebody else is to ask
		k.last.Store(&handed{ring, k.config.Now()})
	}
	return ring
}
