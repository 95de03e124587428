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

// maxForsaken limits the calls that run on though their caller has gone, each with its goroutine and what it was to write.
const maxForsaken = 1024

var errHung = errors.New("the server does not answer, and too many calls wait for it")

// beside runs f beside its caller, who waits until it is done or ctx ends.
//
// A client that is handed ctx itself does not always return when it ends: rueidis looks away while it reads an answer under a
// deadline, while another caller dials, and when its queue is full. Nor would it be good: whoever dials does so for all who
// wait for the connection, and all would fail with the context of the first.
func beside[T any](ctx context.Context, forsaken *atomic.Int64, f func(context.Context) (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	if ctx.Done() == nil {
		return f(ctx)
	}
	if forsaken.Load() >= maxForsaken {
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
			forsaken.Add(-1)
		}
	}()
	select {
	case o := <-met:
		return o.value, o.err
	case <-ctx.Done():
		forsaken.Add(1)
		return none, ctx.Err()
	}
}

// unhurried is a context that says when it has ended, and does not call for it: who works under it finishes the step at hand, and begins
// no other. It has the values of the context inside, which traces need.
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

// begins reports whether err is an answer of the server's that begins with that word.
func begins(err error, word string) bool {
	answer, ok := rueidis.IsRedisErr(err)
	return ok && strings.HasPrefix(answer.Error(), word)
}

// failed wraps an error once, with what was tried. That a context has ended is only said of the caller's own: a client that is shared
// hands on the end of others as well.
func failed(ctx context.Context, method string, err error) error {
	if ctx.Err() == nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return fmt.Errorf("store/redis: %s: another caller's connection failed: %v", method, err) //nolint:errorlint // hidden on purpose
	}
	return fmt.Errorf("store/redis: %s: %w", method, err)
}
