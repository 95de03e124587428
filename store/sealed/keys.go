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

// handed is the last ring that there was, the instant at which one was asked for last, and why that failed, if it did.
type handed struct {
	ring *crypto.Keyring
	at   time.Time
	err  error
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
	k.last.Store(&handed{ring: ring, at: k.config.Now()})
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
		return k.ask(ctx).ring
	default:
		return last.ring
	}
}

// another returns the ring that may know a key which the one that was tried does not, and why there may be more keys than it has: the
// source could not be asked. Without an error a key that it does not know is one that nobody knows.
func (k *keys) another(ctx context.Context, tried *crypto.Keyring) (*crypto.Keyring, error) {
	select {
	case k.asking <- struct{}{}:
		defer func() { <-k.asking }()
	case <-ctx.Done():
		return tried, ctx.Err()
	}
	last := k.last.Load()
	if (last.ring == tried || last.err != nil) && k.config.Now().Sub(last.at) >= hastily {
		last = k.ask(ctx)
	}
	return last.ring, last.err
}

// ask asks for a ring, and returns the last one, and why, if that fails. Only one goroutine is here at a time.
func (k *keys) ask(ctx context.Context) *handed {
	ring, err := k.config.Keys(ctx)
	if err == nil && ring == nil {
		err = errNoRing
	}
	if err != nil {
		ring = k.last.Load().ring
	}
	now := &handed{ring, k.config.Now(), err}
	if ended := ctx.Err(); ended != nil && err != nil { // then somebody else is to ask
		now.err = ended
		return now
	}
	if err != nil && k.config.KeysFailed != nil {
		k.config.KeysFailed(err)
	}
	k.last.Store(now)
	return now
}
