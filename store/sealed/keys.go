package sealed

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/satchel-go/satchel/crypto"
)

const (
	defaultRefresh = 30 * time.Second
	hastily        = time.Second // between two questions for a key that nobody knows
	maxSought      = 1 << 10     // as many ids as no ring of the time can have; whoever makes up more waits longer
)

// keys remembers the ring of the moment. Whoever needs one while it is asked for goes on with the last.
type keys struct {
	config Config
	asking chan struct{} // whoever has put something in asks
	last   atomic.Pointer[handed]

	// The ids of keys that records came under and no ring had, each with how many questions had been put when such a record was first
	// read: the answer to a later one says of it that nobody knows it. It is for whoever asks.
	sought map[string]uint64
	asked  atomic.Uint64
}

// handed is the last ring that there was, the instant at which one was asked for last and the so-manieth question that was, and why it
// failed, if it did.
type handed struct {
	ring *crypto.Keyring
	at   time.Time
	turn uint64 // 0 before anything was missed
	err  error
}

func newKeys(c Config) *keys {
	if c.Refresh == 0 {
		c.Refresh = defaultRefresh
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &keys{config: c, asking: make(chan struct{}, 1), sought: map[string]uint64{}}
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

// errUnheard is an outage: the source was asked within the last second, and before anybody missed this key. It may have got it since.
var errUnheard = errors.New("the source is yet to be asked for a key")

// another returns the ring that may know the key of the id which the one that was tried does not, and why there may be more keys than
// it has: the source could not be asked, or was not yet. Without an error a key that it does not know is one that nobody knows. The
// record was read when so many questions had been put.
func (k *keys) another(ctx context.Context, tried *crypto.Keyring, id string, asked uint64) (*crypto.Keyring, error) {
	select {
	case k.asking <- struct{}{}:
		defer func() { <-k.asking }()
	case <-ctx.Done():
		return tried, ctx.Err()
	}
	since := k.seek(id, asked)
	last := k.last.Load()
	if (last.ring == tried || last.err != nil) && (last.turn == 0 || k.config.Now().Sub(last.at) >= hastily) {
		last = k.ask(ctx)
	}
	if last.err == nil && last.turn <= since {
		return last.ring, errUnheard
	}
	return last.ring, last.err
}

// seek notes that a key is missed when so many questions have been put, and returns how many had been when that was first so.
func (k *keys) seek(id string, asked uint64) uint64 {
	since, ok := k.sought[id]
	if ok {
		return min(since, asked)
	}
	if len(k.sought) == maxSought {
		clear(k.sought)
	}
	k.sought[strings.Clone(id)] = asked // of a body, which is not to stay
	return asked
}

// ask asks for a ring, and returns the last one, and why, if that fails. Only one goroutine is here at a time.
func (k *keys) ask(ctx context.Context) *handed {
	turn := k.asked.Add(1)
	ring, err := k.config.Keys(ctx)
	if err == nil && ring == nil {
		err = errNoRing
	}
	if err != nil {
		ring = k.last.Load().ring
	}
	now := &handed{ring, k.config.Now(), turn, err}
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
