package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Config is what a Store may be told. The zero value is the safe default.
type Config struct {
	// Prefix begins every key in Redis: 1 to 64 letters, digits and characters of ".:_-/"; "" is DefaultPrefix. Stores over
	// one database share their records if they have one prefix. They are strangers if neither's prefix begins with the
	// other's.
	Prefix string

	// Slack is how much later than its deadline Redis may collect a record, in whole milliseconds; 0 is DefaultSlack. It must
	// be more than the clock of a Redis server can ever be ahead of a program's, or live records are dropped. It costs the
	// memory of the records that ended within it.
	Slack time.Duration
}

// The Config of a Store that sets nothing.
const (
	DefaultPrefix = "satchel:"
	DefaultSlack  = 10 * time.Minute
)

// Store is a [store.Store] in Redis or Valkey. It has no Close: the client is its owner's, and so is the end of what still runs
// on it.
type Store struct {
	client rueidis.Client
	prefix string
	slack  int64 // milliseconds
	calls  calls
}

var _ store.Store = (*Store)(nil)

// New returns a Store that uses client, or an error that lists everything wrong. It asks the server nothing.
func New(client rueidis.Client, c Config) (*Store, error) {
	s := &Store{client: client, prefix: c.Prefix, slack: c.Slack.Milliseconds()}
	var wrong []error
	if client == nil {
		wrong = append(wrong, errors.New("store/redis: no client"))
	}
	if s.prefix == "" {
		s.prefix = DefaultPrefix
	}
	wrong = append(wrong, checkPrefix(s.prefix))
	switch {
	case c.Slack == 0:
		s.slack = DefaultSlack.Milliseconds()
	case s.slack < 1:
		wrong = append(wrong, fmt.Errorf("store/redis: Slack is %v, less than a millisecond", c.Slack))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	s.calls.startDoubt() // because the client may have connections yet to make
	return s, nil
}

// maxPrefix limits what every key repeats.
const maxPrefix = 64

// checkPrefix refuses what has a meaning elsewhere: braces name a cluster's slot, and with other signs a prefix would be a pattern to
// SCAN and to the rules of an ACL.
func checkPrefix(prefix string) error {
	const may = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:_-/"
	if len(prefix) > maxPrefix {
		return fmt.Errorf("store/redis: Prefix has %d characters, more than %d", len(prefix), maxPrefix)
	}
	for _, r := range prefix {
		if !strings.ContainsRune(may, r) {
			return fmt.Errorf("store/redis: Prefix has %q, which is no letter, digit or one of .:_-/", r)
		}
	}
	return nil
}

// Guarantees declares compare-and-swap, several processes, a feed, and that records outlive the program. It promises nothing about a
// failover. What else records survive the server's settings say, which the package's comment explains.
func (*Store) Guarantees() store.Guarantees {
	return store.Guarantees{CompareAndSwap: true, Durability: store.Process, Shared: true, Feed: true}
}

// Load implements [store.Store].
func (s *Store) Load(ctx context.Context, key core.Key) (core.Record, error) {
	name := s.name(key)
	value, err := call(ctx, &s.calls, func(ctx context.Context) (string, error) {
		value, err := s.get(ctx, name)
		if lost(err) && ctx.Err() == nil {
			value, err = s.get(ctx, name)
		}
		return value, err
	})
	switch {
	case rueidis.IsRedisNil(err):
		return core.Record{}, store.ErrNotFound
	case says(err, wrongType):
		return core.Record{}, store.ErrGarbled
	case err != nil:
		return core.Record{}, failed(ctx, "load", err)
	}
	rec, ok := decode(value)
	if !ok {
		return rec, store.ErrGarbled
	}
	return rec, nil
}

// get asks for a value by a command that the client does not know for a reading one, because its SendToReplicas may send those to a
// server that has not heard of the last write.
func (s *Store) get(ctx context.Context, name string) (string, error) {
	return s.client.Do(ctx, s.client.B().Arbitrary("GET").Keys(name).Build()).ToString()
}

// Create implements [store.Store].
func (s *Store) Create(ctx context.Context, key core.Key, rec core.Record) error {
	value, err := encode(rec)
	if err != nil {
		return failed(ctx, "create", err)
	}
	name := s.name(key)
	_, err = call(ctx, &s.calls, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.client.Do(ctx, s.setNew(name, value, rec.Deadline)).Error()
	})
	switch {
	case err == nil:
		return nil
	case rueidis.IsRedisNil(err):
		return store.ErrExists
	case says(err, noMemory):
		return store.ErrFull
	}
	return failed(ctx, "create", err)
}

func (s *Store) setNew(name, value string, deadline int64) rueidis.Completed {
	set := s.client.B().Set().Key(name).Value(value).Nx()
	if deadline == core.MaxInstant {
		return set.Build()
	}
	return set.PxatMillisecondsTimestamp(deadline + s.slack).Build()
}

// Replace implements [store.Store].
func (s *Store) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	value, err := encode(rec)
	if err != nil {
		return failed(ctx, "replace", err)
	}
	return s.run(ctx, "replace", replaceScript, key, spellRevision(at), value, s.collect(rec.Deadline))
}

// Touch implements [store.Store].
func (s *Store) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	if err := checkInstants(seen, deadline); err != nil {
		return failed(ctx, "touch", err)
	}
	return s.run(ctx, "touch", touchScript, key, spellRevision(at), spellInstant(seen), spellInstant(deadline), s.collect(deadline))
}

// Delete implements [store.Store].
func (s *Store) Delete(ctx context.Context, key core.Key, at uint64) error {
	return s.run(ctx, "delete", deleteScript, key, spellRevision(at))
}

// name returns the key in Redis. It is built anew, so that what the client still holds when a call has returned is not its caller's.
func (s *Store) name(key core.Key) string { return s.prefix + string(key) }
