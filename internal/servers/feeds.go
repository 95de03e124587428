//go:build unix

package servers

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/satchel-go/satchel/store"
)

// Announcing is a store that announces its changes.
type Announcing interface {
	store.Store
	store.Feed
}

// Cached returns a cache that follows the store inside, whose feed is up.
func Cached(tb testing.TB, s Announcing) *store.Cache {
	tb.Helper()
	cache, err := store.NewCache(s, store.CacheConfig{})
	must(tb, err)
	tb.Cleanup(func() { must(tb, cache.Close()) })
	must(tb, cache.Follow(s))
	Eventually(tb, "the feed is up", func() bool { return cache.Stats().FeedLag > 0 })
	return cache
}

// Listen listens to a feed until the test ends.
func Listen(t *testing.T, feed store.Feed) store.Listener {
	t.Helper()
	l, err := feed.Listen(t.Context())
	must(t, err)
	t.Cleanup(l.Close)
	return l
}

// Hears returns the next announcement.
func Hears(t *testing.T, l store.Listener) store.Announcement {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	a, err := l.Next(ctx)
	must(t, err)
	return a
}

// FeedWaits lets a listener wait in vain, by which it loses nothing.
func FeedWaits(t *testing.T, s Announcing) {
	t.Helper()
	must(t, s.Create(t.Context(), "k", Rec))
	l := Listen(t, s)
	for _, wait := range []time.Duration{0, time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		if a, err := l.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it heard %+v, %v", a, err)
		}
		cancel()
	}
	must(t, s.Delete(t.Context(), "k", 1))
	if a := Hears(t, l); a.Key != "k" {
		t.Errorf("it heard %+v", a)
	}
}

// FeedBreaks cuts a listener off. That is an error of Next, never silence, and no probe is answered.
func FeedBreaks(t *testing.T, l store.Listener, cut func()) {
	t.Helper()
	cut()
	_ = l.Probe(t.Context(), 1) // which may have heard of it already
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	for {
		a, err := l.Next(ctx)
		if a.Probe == 1 {
			t.Fatal("the probe was answered")
		}
		if err != nil {
			break
		}
	}
	if ctx.Err() != nil {
		t.Error("it is silent")
	}
}

// Closes closes a listener, twice, while its server hangs, which it does not wait for.
func Closes(t *testing.T, l store.Listener) {
	t.Helper()
	closed := make(chan struct{})
	go func() {
		l.Close()
		l.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(Patience):
		t.Error("Close waits for a server that hangs")
	}
}
