package satcheltest

import (
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/crypto"
)

// Start is the instant at which each Clock stands until it is moved. It is in the past, so what drops records by a real clock, as
// Redis does, drops them at once: see [Place].
var Start = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)

// Clock is a clock that stands still unless a test moves it. The zero value is ready, at Start. Its Now goes into
// [satchel.Config]. Many goroutines may use it at once.
type Clock struct{ since atomic.Int64 } // nanoseconds since Start

// Now returns the instant at which the clock stands. A nil *Clock is the real one.
func (c *Clock) Now() time.Time {
	if c == nil {
		return time.Now()
	}
	return Start.Add(time.Duration(c.since.Load()))
}

// Advance moves the clock on, or back if d is negative.
func (c *Clock) Advance(d time.Duration) { c.since.Add(int64(d)) }

// Set moves the clock to an instant.
func (c *Clock) Set(t time.Time) { c.since.Store(int64(t.Sub(Start))) }

// Entropy returns bytes that look random and are the same for the same label in every run, for [satchel.Config]. Whoever
// knows the label knows every token; and two nodes over one store need two labels. Many goroutines may read it at once;
// who gets which bytes is then chance.
func Entropy(label string) io.Reader {
	return &entropy{from: rand.NewChaCha8(sha256.Sum256([]byte("satcheltest entropy " + label)))}
}

type entropy struct {
	mu   sync.Mutex
	from *rand.ChaCha8
}

func (e *entropy) Read(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.from.Read(p)
}

// Keys is where a test's client-side kinds have their keys from: one keyring, the same in every test and every run. Its
// secret stands in this package, so it protects nothing.
func Keys(t testing.TB) satchel.Keys {
	t.Helper()
	secret := sha256.Sum256([]byte("satcheltest key"))
	key, err := crypto.NewKey("test", crypto.Primary, secret[:])
	if err != nil {
		t.Fatalf("satcheltest: %v", err)
	}
	ring, err := crypto.NewKeyring(key)
	if err != nil {
		t.Fatalf("satcheltest: %v", err)
	}
	return satchel.FixedKeys(ring)
}
