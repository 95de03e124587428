package redis_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/redis"
)

// fake is a client of no server.
type fake struct {
	rueidis.Client
	do func(ctx context.Context, cmd rueidis.Completed) rueidis.RedisResult
}

// Do is the only method that the store may use, beside the one that builds commands.
func (f fake) Do(ctx context.Context, cmd rueidis.Completed) rueidis.RedisResult {
	return f.do(ctx, cmd)
}

func faked(t *testing.T, do func(ctx context.Context, cmd rueidis.Completed) rueidis.RedisResult) *redis.Store {
	t.Helper()
	nowhere, _ := rueidis.NewClient(rueidis.ClientOption{ // which can build commands all the same
		InitAddress: []string{"nowhere"}, ForceSingleClient: true,
		DialCtxFn: func(context.Context, string, *net.Dialer, *tls.Config) (net.Conn, error) {
			return nil, errors.New("no server")
		},
	})
	if nowhere == nil {
		t.Fatal("no client")
	}
	t.Cleanup(nowhere.Close)
	s, err := redis.New(fake{nowhere, do}, redis.Config{})
	must(t, err)
	return s
}

var rec = core.Record{Revision: 1, Deadline: core.MaxInstant, Body: "body"}

// writes are the methods that change something.
func writes(s *redis.Store) map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"Create":  func(ctx context.Context) error { return s.Create(ctx, "k", rec) },
		"Replace": func(ctx context.Context) error { return s.Replace(ctx, "k", 0, rec) },
		"Touch":   func(ctx context.Context) error { return s.Touch(ctx, "k", 1, 1, 2) },
		"Delete":  func(ctx context.Context) error { return s.Delete(ctx, "k", 1) },
	}
}

// A write whose answer is lost is not sent again, neither by the store nor by the client: it may have taken effect.
func TestWritesAreSentOnce(t *testing.T) {
	broken := &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
	var sent int
	s := faked(t, func(_ context.Context, cmd rueidis.Completed) rueidis.RedisResult {
		sent++
		if cmd.IsRetryable() {
			t.Errorf("the client may send %s again", cmd.Commands()[0])
		}
		return rueidis.NewErrorResult(broken)
	})
	for method, write := range writes(s) {
		sent = 0
		err := write(t.Context())
		if sent != 1 {
			t.Errorf("%s was sent %d times", method, sent)
		}
		var op *net.OpError
		if !errors.As(err, &op) || !strings.HasPrefix(err.Error(), "store/redis: "+strings.ToLower(method)+": ") {
			t.Errorf("%s: %v", method, err)
		}
		for _, answer := range []error{store.ErrNotFound, store.ErrExists, store.ErrConflict, store.ErrFull} {
			if errors.Is(err, answer) {
				t.Errorf("%s takes an outage for an answer: %v", method, err)
			}
		}
	}
}

// A read whose connection broke is sent once more, and not for ever, and not for a caller who has gone.
func TestReadsAreSentTwice(t *testing.T) {
	broken := errors.New("connection reset by peer")
	var sent int
	s := faked(t, func(context.Context, rueidis.Completed) rueidis.RedisResult {
		if sent++; sent == 1 {
			return rueidis.NewErrorResult(broken)
		}
		return rueidis.NewErrorResult(rueidis.Nil)
	})
	if _, err := s.Load(t.Context(), "k"); !errors.Is(err, store.ErrNotFound) || sent != 2 {
		t.Errorf("%v after %d times", err, sent)
	}
	sent = 0
	s = faked(t, func(context.Context, rueidis.Completed) rueidis.RedisResult {
		sent++
		return rueidis.NewErrorResult(broken)
	})
	if _, err := s.Load(t.Context(), "k"); !errors.Is(err, broken) || sent != 2 {
		t.Errorf("%v after %d times", err, sent)
	}
	sent = 0
	ctx, cancel := context.WithCancel(t.Context())
	finished := make(chan struct{})
	s = faked(t, func(ctx context.Context, _ rueidis.Completed) rueidis.RedisResult {
		if sent++; sent == 1 {
			cancel()
			defer close(finished)
		}
		if ctx.Err() == nil {
			t.Error("the call cannot learn that its caller has gone")
		}
		return rueidis.NewErrorResult(broken)
	})
	if _, err := s.Load(ctx, "k"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	<-finished
	eventually(t, "the call ends", func() bool { return s.Forsaken() == 0 })
	if sent != 1 {
		t.Errorf("asked %d times for a caller who had gone", sent)
	}
}

// A shared client hands on the end of another caller's context. It is not this caller's.
func TestAnotherCallersContext(t *testing.T) {
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		s := faked(t, func(context.Context, rueidis.Completed) rueidis.RedisResult { return rueidis.NewErrorResult(end) })
		for method, write := range writes(s) {
			if err := write(t.Context()); err == nil || errors.Is(err, end) {
				t.Errorf("%s: %v", method, err)
			}
		}
	}
}

// With a client that hangs every call returns when its context ends, and how many run on is limited. When the client answers
// again, so does the store.
func TestHangingClient(t *testing.T) {
	var sent atomic.Int64
	hang := make(chan struct{})
	s := faked(t, func(ctx context.Context, _ rueidis.Completed) rueidis.RedisResult {
		sent.Add(1)
		if _, ok := ctx.Deadline(); ok || ctx.Done() != nil {
			t.Error("the client can see when the caller goes, and may end what others wait for")
		}
		<-hang
		return rueidis.NewErrorResult(rueidis.Nil)
	})
	gone, cancel := context.WithCancel(t.Context())
	calls := make(chan error)
	for range redis.MaxForsaken {
		go func() {
			_, err := s.Load(gone, "k")
			calls <- err
		}()
	}
	eventually(t, "all are sent", func() bool { return sent.Load() == redis.MaxForsaken })
	cancel()
	for range redis.MaxForsaken {
		if err := <-calls; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for method, write := range writes(s) {
		if err := write(ctx); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", method, err)
		}
	}
	if n := sent.Load(); n != redis.MaxForsaken {
		t.Errorf("%d calls were sent", n)
	}
	close(hang)
	eventually(t, "the calls end", func() bool { return s.Forsaken() == 0 })
	if _, err := s.Load(ctx, "k"); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}

// As long as every call is answered the client is trusted with the caller's own context, without its deadline. One lost answer, a caller
// who leaves, or a crowd ends that.
func TestTrust(t *testing.T) {
	var answer error
	var seen context.Context
	inside, leave := make(chan struct{}), make(chan struct{})
	s := faked(t, func(ctx context.Context, _ rueidis.Completed) rueidis.RedisResult {
		seen = ctx //nolint:fatcontext // it is looked at, and not used
		return rueidis.NewErrorResult(answer)
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	load := func(s *redis.Store, wantDirect, wantDoubt bool) {
		t.Helper()
		_, err := s.Load(ctx, "k")
		if _, dated := seen.Deadline(); dated || seen.Done() != nil != wantDirect || s.InDoubt() != wantDoubt {
			t.Errorf("%v: deadline %v, done %v, in doubt %v", err, dated, seen.Done() != nil, s.InDoubt())
		}
	}
	answer = rueidis.Nil
	load(s, false, true) // new
	s.Trust()
	load(s, true, false)
	answer = errors.New("connection reset by peer")
	load(s, true, true)
	load(s, false, true)

	// A call that began in doubt, and is not answered, prolongs it.
	for _, lost := range []error{errors.New("connection reset by peer"), rueidis.Nil} {
		leaving, leave := context.WithCancel(t.Context())
		var s *redis.Store
		s = faked(t, func(ctx context.Context, _ rueidis.Completed) rueidis.RedisResult {
			s.Trust() // as if half a minute had gone by
			if lost == rueidis.Nil {
				leave()
				eventually(t, "the caller has left", func() bool { return ctx.Err() != nil && s.Forsaken() > 0 })
			}
			return rueidis.NewErrorResult(lost)
		})
		if err := s.Delete(leaving, "k", 1); !s.InDoubt() {
			t.Error("trusted after", err)
		}
		leave()
		eventually(t, "the call ends", func() bool { return s.Forsaken() == 0 })
	}

	crowd := faked(t, func(_ context.Context, _ rueidis.Completed) rueidis.RedisResult {
		inside <- struct{}{}
		<-leave
		return rueidis.NewErrorResult(rueidis.Nil)
	})
	crowd.Trust()
	done := make(chan error)
	enter := func(n int) {
		for range n {
			go func() {
				_, err := crowd.Load(ctx, "k")
				done <- err
			}()
			<-inside
		}
	}
	enter(redis.MaxDirect)
	if crowd.InDoubt() {
		t.Error("in doubt though no queue can be full")
	}
	enter(1)
	if !crowd.InDoubt() {
		t.Error("a crowd is trusted to find room in the client's queue")
	}
	close(leave)
	for range redis.MaxDirect + 1 {
		if err := <-done; !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
	}
	crowd.Trust()
	enter(1) // those who have left are not counted
	if err := <-done; crowd.InDoubt() {
		t.Error("still a crowd", err)
	}
}

func TestConfig(t *testing.T) {
	for prefix, wrong := range map[string]string{
		"": "", "a": "", "App-1_x.y:/": "", strings.Repeat("p", 64): "",
		strings.Repeat("p", 65): "65 characters", "{a}": `'{'`, "a*": `'*'`, "a b": `' '`, "é": `'é'`, "\x00": `'\x00'`, "\xff": `'�'`,
	} {
		_, err := redis.New(fake{}, redis.Config{Prefix: prefix})
		if (err == nil) != (wrong == "") || err != nil && !strings.Contains(err.Error(), wrong) {
			t.Errorf("%q: %v", prefix, err)
		}
	}
	_, err := redis.New(nil, redis.Config{Prefix: "?", Slack: -1})
	for _, wrong := range []string{"no client", `'?'`, "-1ns"} {
		if err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("no word of %s in: %v", wrong, err)
		}
	}
}
