package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// calls is how a store reaches its client.
//
// A client that is handed its caller's context does not always return when that ends: rueidis looks away while it reads an answer
// under a deadline, while a connection is made, and when its queue is full. And whoever makes a connection does so for all who wait
// for it, who fail with the context of the first. All this happens only where a server is slow or gone. So as long as every
// call is answered, and they are few at once, each runs on its caller's goroutine, under its context without the deadline. For half
// a minute after that was not so, each runs beside its caller, who leaves when the context ends.
type calls struct {
	doubt    atomic.Int64 // until when the client is in doubt, in Unix nanoseconds; 0 for not at all
	direct   atomic.Int64 // calls on their callers' goroutines
	forsaken atomic.Int64 // calls that run on though their callers have gone
}

const (
	// doubted is longer than a client takes by default to give up a connection and to make another.
	doubted = 30 * time.Second
	// maxDirect is half the smallest queue that rueidis advises. A crowd may fill the queue, so it runs beside.
	maxDirect = 128
	// maxForsaken limits what a server that hangs can cost: a goroutine each, with what it was to write.
	maxForsaken = 8192
)

var errHung = errors.New("the server does not answer, and too many calls wait for it")

// call runs f, which asks the client, and returns when it is done or ctx ends.
func call[T any](ctx context.Context, c *calls, f func(context.Context) (T, error)) (T, error) {
	if err := ctx.Err(); err != nil {
		var none T
		return none, err
	}
	if ctx.Done() == nil {
		return f(ctx)
	}
	if !c.inDoubt() {
		running := c.direct.Add(1)
		defer c.direct.Add(-1)
		if running <= maxDirect {
			value, err := f(undated{ctx})
			if lost(err) {
				c.startDoubt()
			}
			return value, err
		}
		c.startDoubt()
	}
	return beside(ctx, c, f)
}

// beside runs f beside its caller, who leaves when ctx ends.
func beside[T any](ctx context.Context, c *calls, f func(context.Context) (T, error)) (T, error) {
	var none T
	if c.forsaken.Load() >= maxForsaken {
		return none, errHung
	}
	type outcome struct {
		value T
		err   error
	}
	met := make(chan outcome) // not buffered: the two either meet here, or both go by ctx
	go func() {
		value, err := f(unhurried{ctx})
		select {
		case met <- outcome{value, err}:
		case <-ctx.Done():
			c.forsaken.Add(-1)
		}
	}()
	select {
	case o := <-met:
		if lost(o.err) {
			c.startDoubt()
		}
		return o.value, o.err
	case <-ctx.Done():
		c.forsaken.Add(1)
		c.startDoubt()
		return none, ctx.Err()
	}
}

func (c *calls) startDoubt() { c.doubt.Store(time.Now().Add(doubted).UnixNano()) }

func (c *calls) inDoubt() bool {
	until := c.doubt.Load()
	if until == 0 {
		return false
	}
	if time.Now().UnixNano() < until {
		return true
	}
	c.doubt.CompareAndSwap(until, 0)
	return false
}

// undated is a context that ends when it does without saying so before: rueidis does not listen for the end of one that has a deadline.
type undated struct{ context.Context }

// Deadline says that there is none.
func (undated) Deadline() (time.Time, bool) { return time.Time{}, false }

// unhurried is a context that says that it has ended, and does not call for it: who works under it finishes the step at hand, and
// begins no other. It has the values of the context inside, which traces need.
type unhurried struct{ context.Context }

// Deadline says that there is none.
func (unhurried) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done never is.
func (unhurried) Done() <-chan struct{} { return nil }

// lost reports whether there was no answer from the server, so that the same may be asked again.
func lost(err error) bool {
	var answer *rueidis.RedisError
	return err != nil && !errors.As(err, &answer)
}

// What a server says where it refuses. Older ones say it behind the place in the script.
const (
	wrongType = "WRONGTYPE "
	noMemory  = "OOM command not allowed"
	noScript  = "NOSCRIPT "
)

// says reports whether err is an answer of the server's with those words.
func says(err error, words string) bool {
	answer, ok := rueidis.IsRedisErr(err)
	return ok && strings.Contains(answer.Error(), words)
}

// failed wraps an error once, with what was tried. That a context has ended is only said of the caller's own: a client that is shared
// hands on the end of others as well.
func failed(ctx context.Context, method string, err error) error {
	if ctx.Err() == nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return fmt.Errorf("store/redis: %s: another caller's connection failed: %v", method, err) //nolint:errorlint // hidden on purpose
	}
	return fmt.Errorf("store/redis: %s: %w", method, err)
}
