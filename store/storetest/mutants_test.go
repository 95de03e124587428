package storetest

import (
	"context"
	"errors"
	"iter"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// edit bends what Create and Replace keep.
func edit(f func(rec core.Record) core.Record) func(b *bent) {
	return func(b *bent) {
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			return b.Memory.Create(ctx, key, f(rec))
		}
		b.replace = func(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
			return b.Memory.Replace(ctx, key, at, f(rec))
		}
	}
}

// rename bends every key.
func rename(f func(key core.Key) core.Key) func(b *bent) {
	return func(b *bent) {
		b.load = func(ctx context.Context, key core.Key) (core.Record, error) { return b.Memory.Load(ctx, f(key)) }
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			return b.Memory.Create(ctx, f(key), rec)
		}
		b.replace = func(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
			return b.Memory.Replace(ctx, f(key), at, rec)
		}
		b.touch = func(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
			return b.Memory.Touch(ctx, f(key), at, seen, deadline)
		}
		b.delete = func(ctx context.Context, key core.Key, at uint64) error { return b.Memory.Delete(ctx, f(key), at) }
	}
}

// fresh reports whether a key was never created through b.
func fresh(b *bent) func(key core.Key) bool {
	var created sync.Map
	inner := b.create
	b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
		created.Store(key, true)
		return inner(ctx, key, rec)
	}
	return func(key core.Key) bool {
		_, ok := created.Load(key)
		return !ok
	}
}

// listing bends what is told of each record, or leaves it out.
func listing(f func(b *bent, n int, l store.Listed) (store.Listed, bool)) func(b *bent) {
	return func(b *bent) {
		b.list = func(ctx context.Context) iter.Seq2[store.Listed, error] {
			return func(yield func(store.Listed, error) bool) {
				n := 0
				for l, err := range b.Memory.List(ctx) {
					keep := true
					if err == nil {
						l, keep = f(b, n, l)
						n++
					}
					if keep && !yield(l, err) {
						return
					}
				}
			}
		}
	}
}

// bendLitter bends what a method answers about garbage.
func bendLitter(method string, answer error) func(b *bent) {
	return func(b *bent) {
		inner := b.litter.answer
		b.litter.answer = func(m string, revision, at uint64) error {
			if m == method {
				return answer
			}
			return inner(m, revision, at)
		}
	}
}

// schedule lets a store sweep by itself, with rests between sweeps and between batches that are made of a pause.
func schedule(rest func(pause time.Duration) time.Duration, limit int, between func(pause time.Duration) time.Duration) func(b *bent) {
	return func(b *bent) {
		b.schedule = func(ctx context.Context, pause time.Duration, now func() time.Time) {
			rests := func(d time.Duration) bool {
				select {
				case <-time.After(d):
					return true
				case <-ctx.Done():
					return false
				}
			}
			for rests(rest(pause)) {
				instant := now().UnixMilli()
				for more := true; more; more = more && rests(between(10*time.Millisecond)) {
					_, more, _ = b.Sweep(ctx, instant, limit)
				}
			}
		}
	}
}

// hiding is a store whose Load does not show what is past its deadline by the clock that the store was handed.
func hiding(bend func(b *bent)) func(b *bent) {
	return func(b *bent) {
		bend(b)
		var clock atomic.Pointer[func() time.Time]
		schedule := b.schedule
		b.schedule = func(ctx context.Context, pause time.Duration, now func() time.Time) {
			clock.Store(&now)
			schedule(ctx, pause, now)
		}
		b.load = func(ctx context.Context, key core.Key) (core.Record, error) {
			rec, err := b.Memory.Load(ctx, key)
			if now := clock.Load(); err == nil && now != nil && (*now)().UnixMilli() >= rec.Deadline {
				return core.Record{}, store.ErrNotFound
			}
			return rec, err
		}
	}
}

func jittered(pause time.Duration) time.Duration { return pause - rand.N(pause/4) }

var mutants = []mutant{
	{"load finds what never was", []string{"load-absent", "replace-absent", "touch-absent", "garbled-delete", "peer-load"}, func(b *bent) {
		isFresh := fresh(b)
		b.load = func(ctx context.Context, key core.Key) (core.Record, error) {
			rec, err := b.Memory.Load(ctx, key)
			if errors.Is(err, store.ErrNotFound) && isFresh(key) {
				err = nil
			}
			return rec, err
		}
	}},
	{"seen is lost", []string{"create-load", "replace-load", "touch-monotone", "numbers-wide", "dead-whole", "live-stay"}, edit(func(rec core.Record) core.Record {
		rec.Seen = present
		return rec
	})},
	{"create overwrites", []string{"create-exists", "bodies-empty", "full"}, func(b *bent) {
		b.create = b.force
	}},
	{"create is silent about what exists", []string{"create-exists", "bodies-empty", "full"}, func(b *bent) {
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			if err := b.Memory.Create(ctx, key, rec); !errors.Is(err, store.ErrExists) {
				return err
			}
			return nil
		}
	}},
	{"a deleted key is burnt", []string{"create-again", "dead-whole", "full"}, func(b *bent) {
		isFresh := fresh(b)
		inner := b.create
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			if !isFresh(key) {
				return store.ErrExists
			}
			return inner(ctx, key, rec)
		}
	}},
	{"replace does nothing the second time", []string{"replace-load", "replace-conflict"}, func(b *bent) {
		b.replace = func(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
			if at == 4 {
				return nil
			}
			return b.Memory.Replace(ctx, key, at, rec)
		}
	}},
	{"replace moves no instant back", []string{"replace-as-given", "keys-binary"}, func(b *bent) {
		b.replace = func(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
			kept, err := b.Memory.Load(ctx, key)
			if err != nil {
				return err
			}
			rec.Seen, rec.Deadline = max(rec.Seen, kept.Seen), max(rec.Deadline, kept.Deadline)
			return b.Memory.Replace(ctx, key, at, rec)
		}
	}},
	{"replace accepts any newer revision", []string{"replace-conflict", "numbers-wide"}, func(b *bent) {
		b.replace = func(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
			if kept, err := b.Memory.Load(ctx, key); err == nil && at > kept.Revision {
				at = kept.Revision
			}
			return b.Memory.Replace(ctx, key, at, rec)
		}
	}},
	{"replace creates at revision 0", []string{"replace-absent"}, func(b *bent) {
		b.replace = func(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
			if err := b.Memory.Replace(ctx, key, at, rec); at != 0 || !errors.Is(err, store.ErrNotFound) {
				return err
			}
			return b.Memory.Create(ctx, key, rec)
		}
	}},
	{"replace brings back", []string{"replace-deleted", "peer-load"}, func(b *bent) {
		isFresh := fresh(b)
		b.replace = func(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
			if err := b.Memory.Replace(ctx, key, at, rec); isFresh(key) || !errors.Is(err, store.ErrNotFound) {
				return err
			}
			return b.Memory.Create(ctx, key, rec)
		}
	}},
	{"touch leaves seen", []string{"touch-moves", "touch-monotone", "touch-dead", "numbers-wide", "peer-load"}, func(b *bent) {
		b.touch = func(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
			return b.Memory.Touch(ctx, key, at, min(seen, present), deadline)
		}
	}},
	{"touch raises the revision", []string{"touch-moves", "touch-keeps", "touch-monotone", "keys-binary", "numbers-wide", "peer-load", "full"}, func(b *bent) {
		b.touch = func(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
			if err := b.Memory.Touch(ctx, key, at, seen, deadline); err != nil {
				return err
			}
			rec, err := b.Memory.Load(ctx, key)
			if err != nil {
				return err
			}
			rec.Revision++
			return b.Memory.Replace(ctx, key, at, rec)
		}
	}},
	{"touch moves the deadline back", []string{"touch-monotone"}, func(b *bent) {
		b.touch = func(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
			if err := b.Memory.Touch(ctx, key, at, seen, deadline); err != nil {
				return err
			}
			rec, err := b.Memory.Load(ctx, key)
			if err != nil {
				return err
			}
			rec.Deadline = deadline
			return b.Memory.Replace(ctx, key, at, rec)
		}
	}},
	{"touch revives at the deadline", []string{"touch-dead", "dead-whole"}, func(b *bent) {
		b.touch = func(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
			if rec, err := b.Memory.Load(ctx, key); err == nil && seen == rec.Deadline {
				seen--
			}
			return b.Memory.Touch(ctx, key, at, seen, deadline)
		}
	}},
	{"touch asks for the revision first", []string{"touch-dead"}, func(b *bent) {
		b.touch = func(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
			if rec, err := b.Memory.Load(ctx, key); err == nil && rec.Revision != at {
				return store.ErrConflict
			}
			return b.Memory.Touch(ctx, key, at, seen, deadline)
		}
	}},
	{"touch gives up an instant early", []string{"touch-last"}, func(b *bent) {
		b.touch = func(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
			if rec, err := b.Memory.Load(ctx, key); err == nil && seen == rec.Deadline-1 {
				return store.ErrNotFound
			}
			return b.Memory.Touch(ctx, key, at, seen, deadline)
		}
	}},
	{"touch at any revision", []string{"touch-conflict"}, func(b *bent) {
		b.touch = func(ctx context.Context, key core.Key, _ uint64, seen, deadline int64) error {
			for {
				rec, err := b.Memory.Load(ctx, key)
				if err != nil {
					return err
				}
				if err := b.Memory.Touch(ctx, key, rec.Revision, seen, deadline); !errors.Is(err, store.ErrConflict) {
					return err
				}
			}
		}
	}},
	{"touch of nothing succeeds", []string{"touch-absent"}, func(b *bent) {
		b.touch = func(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
			if err := b.Memory.Touch(ctx, key, at, seen, deadline); !errors.Is(err, store.ErrNotFound) {
				return err
			}
			if _, err := b.Memory.Load(ctx, key); err != nil {
				return nil
			}
			return store.ErrNotFound
		}
	}},
	{"delete does nothing", []string{
		"create-again", "replace-deleted", "touch-absent", "delete-load", "delete-conflict", "delete-absent", "keys-binary", "bodies-empty", "dead-whole", "aliasing", "peer-load", "full",
	}, func(b *bent) {
		b.delete = func(ctx context.Context, key core.Key, _ uint64) error {
			_, err := b.Memory.Load(ctx, key)
			return err
		}
	}},
	{"delete takes the neighbour along", []string{"delete-load", "keys-binary"}, func(b *bent) {
		var newest atomic.Value
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			newest.Store(strings.Clone(string(key)))
			return b.Memory.Create(ctx, key, rec)
		}
		b.delete = func(ctx context.Context, key core.Key, at uint64) error {
			err := b.Memory.Delete(ctx, key, at)
			if err == nil {
				b.remove(ctx, core.Key(newest.Load().(string)))
			}
			return err
		}
	}},
	{"delete at any revision", []string{"delete-conflict"}, func(b *bent) {
		b.delete = func(ctx context.Context, key core.Key, _ uint64) error {
			for {
				rec, err := b.Memory.Load(ctx, key)
				if err != nil {
					return err
				}
				if err := b.Memory.Delete(ctx, key, rec.Revision); !errors.Is(err, store.ErrConflict) {
					return err
				}
			}
		}
	}},
	{"delete of nothing succeeds", []string{"delete-absent"}, func(b *bent) {
		b.delete = func(ctx context.Context, key core.Key, at uint64) error {
			if err := b.Memory.Delete(ctx, key, at); !errors.Is(err, store.ErrNotFound) {
				return err
			}
			return nil
		}
	}},
	{"keys end at a zero byte", []string{"keys-binary"}, rename(func(key core.Key) core.Key {
		before, _, _ := strings.Cut(string(key), "\x00")
		return core.Key(before)
	})},
	{"keys are folded", []string{"keys-binary"}, rename(func(key core.Key) core.Key { return core.Key(strings.ToLower(string(key))) })},
	{"the empty key is refused", []string{"keys-binary"}, func(b *bent) {
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			if key == "" {
				return errors.New("empty key")
			}
			return b.Memory.Create(ctx, key, rec)
		}
	}},
	{"bodies are repaired", []string{"bodies-binary"}, edit(func(rec core.Record) core.Record {
		if len(rec.Body) < 1000 {
			rec.Body = strings.ToValidUTF8(rec.Body, "\uFFFD")
		}
		return rec
	})},
	{"an empty body is no record", []string{"bodies-empty"}, func(b *bent) {
		b.load = func(ctx context.Context, key core.Key) (core.Record, error) {
			rec, err := b.Memory.Load(ctx, key)
			if err == nil && rec.Body == "" {
				return core.Record{}, store.ErrNotFound
			}
			return rec, err
		}
	}},
	{"bodies end at 64 KiB", []string{"bodies-large"}, edit(func(rec core.Record) core.Record {
		rec.Body = rec.Body[:min(len(rec.Body), 1<<16)]
		return rec
	})},
	{"revisions are doubles", []string{"numbers-wide"}, edit(func(rec core.Record) core.Record {
		rec.Revision = uint64(float64(rec.Revision))
		return rec
	})},
	{"instants are seconds", []string{"create-load", "replace-load", "touch-monotone", "numbers-wide", "dead-whole"}, edit(func(rec core.Record) core.Record {
		rec.Seen -= rec.Seen % 1000
		return rec
	})},
	{"the dead are another error", []string{"dead-whole"}, func(b *bent) {
		b.load = func(ctx context.Context, key core.Key) (core.Record, error) {
			rec, err := b.Memory.Load(ctx, key)
			if err == nil && rec.Deadline == past {
				return core.Record{}, errors.New("expired")
			}
			return rec, err
		}
	}},
	{"the newest push out the oldest", []string{"live-stay", "sweep-batches"}, func(b *bent) {
		var mu sync.Mutex
		var order []core.Key
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			mu.Lock()
			defer mu.Unlock()
			if order = append(order, key); len(order) > 64 {
				b.remove(ctx, order[0])
				order = order[1:]
			}
			return b.Memory.Create(ctx, key, rec)
		}
	}},
	{"the long unused go", []string{"live-stay"}, func(b *bent) {
		b.load = func(ctx context.Context, key core.Key) (core.Record, error) {
			rec, err := b.Memory.Load(ctx, key)
			if err == nil && rec.Seen == past {
				return core.Record{}, store.ErrNotFound
			}
			return rec, err
		}
	}},
	{"bodies are borrowed", []string{"aliasing"}, func(b *bent) {
		var bodies sync.Map // of what was created last under a key
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			err := b.Memory.Create(ctx, key, rec)
			if err == nil {
				bodies.Store(strings.Clone(string(key)), rec)
			}
			return err
		}
		b.load = func(ctx context.Context, key core.Key) (core.Record, error) {
			rec, err := b.Memory.Load(ctx, key)
			if lent, ok := bodies.Load(string(key)); ok && err == nil && rec.Revision == lent.(core.Record).Revision {
				rec.Body = lent.(core.Record).Body
			}
			return rec, err
		}
	}},
	{"keys are borrowed", []string{"aliasing"}, func(b *bent) {
		var mu sync.Mutex
		var keys []core.Key
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			err := b.Memory.Create(ctx, key, rec)
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				keys = append(keys, key)
			}
			return err
		}
		b.load = func(ctx context.Context, key core.Key) (core.Record, error) {
			mu.Lock()
			defer mu.Unlock()
			if !slices.Contains(keys, key) {
				return core.Record{}, store.ErrNotFound
			}
			return b.Memory.Load(ctx, key)
		}
	}},
	{"garbage is an absence", []string{"garbled-load", "garbled-kept", "garbled-delete"}, bendLitter("Load", store.ErrNotFound)},
	{"garbage is an outage", []string{"garbled-load", "garbled-kept", "garbled-delete"}, bendLitter("Load", errors.New("cannot decode"))},
	{"garbage gives way to a new record", []string{"garbled-kept"}, bendLitter("Create", nil)},
	{"garbage is replaced", []string{"garbled-kept"}, bendLitter("Replace", nil)},
	{"a touch takes garbage for absent", []string{"garbled-kept"}, bendLitter("Touch", store.ErrNotFound)},
	{"garbage stays for ever", []string{"garbled-delete"}, bendLitter("Delete", store.ErrGarbled)},
	{"garbage is deleted at any revision", []string{"garbled-delete"}, bendLitter("Delete", nil)},
	{"contexts are not looked at", []string{"ended-before"}, func(b *bent) {
		b.load = func(ctx context.Context, key core.Key) (core.Record, error) {
			return b.Memory.Load(context.WithoutCancel(ctx), key)
		}
	}},
	{"an ended context is any error", []string{"ended-before"}, func(b *bent) {
		b.delete = func(ctx context.Context, key core.Key, at uint64) error {
			if ctx.Err() != nil {
				return errors.New("canceled")
			}
			return b.Memory.Delete(context.WithoutCancel(ctx), key, at)
		}
	}},
	{"a context that ends is any error", []string{"ended-during"}, func(b *bent) {
		b.replace = func(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
			if ctx.Err() == nil && ctx.Done() != nil {
				<-ctx.Done()
				return errors.New("connection closed")
			}
			return b.Memory.Replace(ctx, key, at, rec)
		}
	}},
	{"a write is acknowledged and dropped when its context ends", []string{"ended-during"}, func(b *bent) {
		b.touch = func(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
			if ctx.Err() == nil && ctx.Done() != nil {
				<-ctx.Done()
				return nil
			}
			return b.Memory.Touch(ctx, key, at, seen, deadline)
		}
	}},
	{"a stalled engine is waited for", []string{"ended-stalled"}, func(b *bent) {
		if b.role == "stalled" {
			woken := make(chan struct{})
			b.tb.Cleanup(func() { close(woken) })
			b.gate = func(context.Context) error {
				<-woken
				return nil
			}
		}
	}},
	{"an outage is an absence", []string{"outage"}, func(b *bent) {
		if b.role == "down" {
			b.gate = func(context.Context) error { return store.ErrNotFound }
		}
	}},
	{"create in two steps", []string{"race-create"}, func(b *bent) {
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			_, err := b.check(ctx, key, rec.Revision)
			switch {
			case errors.Is(err, store.ErrNotFound):
				return b.force(ctx, key, rec)
			case err == nil || errors.Is(err, store.ErrConflict):
				return store.ErrExists
			}
			return err
		}
	}},
	{"replace in two steps", []string{"race-replace"}, func(b *bent) {
		b.replace = func(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
			if _, err := b.check(ctx, key, at); err != nil {
				return err
			}
			return b.force(ctx, key, rec)
		}
	}},
	{"delete in two steps", []string{"race-delete", "race-delete-replace"}, func(b *bent) {
		b.delete = func(ctx context.Context, key core.Key, at uint64) error {
			if _, err := b.check(ctx, key, at); err != nil {
				return err
			}
			b.remove(context.WithoutCancel(ctx), key)
			return nil
		}
	}},
	{"touch in two steps", []string{"race-touch"}, func(b *bent) {
		b.touch = func(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
			rec, err := b.check(ctx, key, at)
			if (err == nil || errors.Is(err, store.ErrConflict)) && rec.Deadline <= seen {
				return store.ErrNotFound
			}
			if err != nil {
				return err
			}
			rec.Seen, rec.Deadline = max(rec.Seen, seen), max(rec.Deadline, deadline)
			return b.force(ctx, key, rec)
		}
	}},
	{"a peer has a cache", []string{"peer-load"}, func(b *bent) {
		var answers sync.Map
		peer := b.twin()
		peer.load = func(ctx context.Context, key core.Key) (core.Record, error) {
			if rec, ok := answers.Load(string(key)); ok {
				return rec.(core.Record), nil
			}
			rec, err := b.Memory.Load(ctx, key)
			if err == nil {
				answers.Store(string(key), rec)
			}
			return rec, err
		}
		b.peer = func() store.Store { return peer }
	}},
	{"a peer sees no deletion", []string{"peer-load"}, func(b *bent) {
		var gone sync.Map
		b.delete = func(ctx context.Context, key core.Key, at uint64) error {
			rec, _ := b.Memory.Load(ctx, key)
			err := b.Memory.Delete(ctx, key, at)
			if err == nil {
				gone.Store(string(key), rec)
			}
			return err
		}
		peer := b.twin()
		peer.load = func(ctx context.Context, key core.Key) (core.Record, error) {
			if rec, ok := gone.Load(string(key)); ok {
				return rec.(core.Record), nil
			}
			return b.Memory.Load(ctx, key)
		}
		b.peer = func() store.Store { return peer }
	}},
	{"a peer replaces in two steps", []string{"peer-race"}, func(b *bent) {
		peer := b.twin()
		peer.replace = func(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
			if _, err := b.check(ctx, key, at); err != nil {
				return err
			}
			return b.force(ctx, key, rec)
		}
		b.peer = func() store.Store { return peer }
	}},
	{"sweep knows no limit", []string{"sweep-limit", "sweep-batches"}, func(b *bent) {
		b.sweep = func(ctx context.Context, now int64, limit int) (int, bool, error) {
			if limit > 0 {
				limit = 1000
			}
			return b.Memory.Sweep(ctx, now, limit)
		}
	}},
	{"sweep with limit 0 knows no limit", []string{"sweep-limit"}, func(b *bent) {
		b.sweep = func(ctx context.Context, now int64, limit int) (int, bool, error) {
			if limit == 0 {
				limit = 1000
			}
			return b.Memory.Sweep(ctx, now, limit)
		}
	}},
	{"sweep is an instant late", []string{"sweep-deadline", "sweep-more", "sweep-batches"}, func(b *bent) {
		b.sweep = func(ctx context.Context, now int64, limit int) (int, bool, error) {
			return b.Memory.Sweep(ctx, now-1, limit)
		}
	}},
	{"sweep is an instant early", []string{"sweep-deadline", "sweep-count"}, func(b *bent) {
		b.sweep = func(ctx context.Context, now int64, limit int) (int, bool, error) {
			return b.Memory.Sweep(ctx, now+1, limit)
		}
	}},
	{"sweep counts nothing", []string{"sweep-count"}, func(b *bent) {
		b.sweep = func(ctx context.Context, now int64, limit int) (int, bool, error) {
			_, more, err := b.Memory.Sweep(ctx, now, limit)
			return 0, more, err
		}
	}},
	{"sweep gives up at its limit", []string{"sweep-more", "sweep-batches"}, func(b *bent) {
		b.sweep = func(ctx context.Context, now int64, limit int) (int, bool, error) {
			n, _, err := b.Memory.Sweep(ctx, now, limit)
			return n, false, err
		}
	}},
	{"sweep never has enough", []string{"sweep-deadline", "sweep-more", "sweep-apart"}, func(b *bent) {
		b.sweep = func(ctx context.Context, now int64, limit int) (int, bool, error) {
			n, _, err := b.Memory.Sweep(ctx, now, limit)
			return n, true, err
		}
	}},
	{"sweeps have no jitter", []string{"sweep-apart"}, schedule(func(pause time.Duration) time.Duration { return pause }, batch, jittered)},
	{"sweeps come late", []string{"sweep-apart"}, schedule(func(pause time.Duration) time.Duration { return pause + rand.N(pause/4) }, batch, jittered)},
	{"the first sweep is at once", []string{"sweep-apart"}, func(b *bent) {
		first := true
		schedule(func(pause time.Duration) time.Duration {
			if first {
				first = false
				return time.Millisecond
			}
			return jittered(pause)
		}, batch, jittered)(b)
	}},
	{"a sweep is one batch", []string{"sweep-batches"}, schedule(jittered, 1_000_000, jittered)},
	{"a batch is three", []string{"sweep-batches"}, schedule(jittered, 3*batch, jittered)},
	{"a batch is four", []string{"sweep-batches"}, schedule(jittered, 4*batch, jittered)},
	{"hides what is over, and breaks nothing", nil, hiding(func(*bent) {})},
	{"hides what is over, and a batch is three", []string{"sweep-batches"}, hiding(schedule(jittered, 3*batch, jittered))},
	{"batches have no jitter", []string{"sweep-batches"}, schedule(jittered, batch, func(pause time.Duration) time.Duration { return pause })},
	{"list forgets some", []string{"list-whole"}, listing(func(_ *bent, n int, l store.Listed) (store.Listed, bool) { return l, n%100 != 99 })},
	{"list counts more than the body", []string{"list-whole"}, listing(func(_ *bent, _ int, l store.Listed) (store.Listed, bool) {
		l.Size += 21
		return l, true
	})},
	{"list shows keys", []string{"list-whole", "list-gone", "list-reaches", "list-beside"}, func(b *bent) {
		names := map[string]string{}
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			b.mu.Lock()
			names[store.Name(key)] = string(key)
			b.mu.Unlock()
			return b.Memory.Create(ctx, key, rec)
		}
		listing(func(_ *bent, _ int, l store.Listed) (store.Listed, bool) {
			b.mu.Lock()
			l.Name = names[l.Name]
			b.mu.Unlock()
			return l, true
		})(b)
	}},
	{"list has the times of the creation", []string{"list-whole"}, listing(func(_ *bent, _ int, l store.Listed) (store.Listed, bool) {
		l.Seen = min(l.Seen, present)
		return l, true
	})},
	{"list remembers the dead", []string{"list-gone"}, func(b *bent) {
		dead := map[string]store.Listed{}
		b.delete = func(ctx context.Context, key core.Key, at uint64) error {
			b.mu.Lock()
			dead[store.Name(key)] = store.Listed{Revision: at}.Under(b, key)
			b.mu.Unlock()
			return b.Memory.Delete(ctx, key, at)
		}
		b.list = func(ctx context.Context) iter.Seq2[store.Listed, error] {
			return func(yield func(store.Listed, error) bool) {
				for l, err := range b.Memory.List(ctx) {
					if !yield(l, err) {
						return
					}
				}
				b.mu.Lock()
				gone := slices.Collect(maps.Values(dead))
				b.mu.Unlock()
				for _, l := range gone {
					if !yield(l, nil) {
						return
					}
				}
			}
		}
	}},
	{"what is listed is deleted at any revision", []string{"list-reaches"}, listing(func(_ *bent, _ int, l store.Listed) (store.Listed, bool) {
		remove := l.Delete
		l.Delete = func(ctx context.Context, at uint64) error {
			if kept, err := l.Load(ctx); err == nil {
				at = kept.Revision
			}
			return remove(ctx, at)
		}
		return l, true
	})},
	{"what is listed is loaded as it was", []string{"list-reaches"}, listing(func(_ *bent, _ int, l store.Listed) (store.Listed, bool) {
		rec, err := l.Load(context.Background())
		l.Load = func(context.Context) (core.Record, error) { return rec, err }
		return l, true
	})},
	{"list goes on when its caller has left", []string{"list-stops"}, func(b *bent) {
		b.list = func(ctx context.Context) iter.Seq2[store.Listed, error] {
			return func(yield func(store.Listed, error) bool) {
				for l, err := range b.Memory.List(ctx) {
					yield(l, err)
				}
			}
		}
	}},
	{"list locks, and unlocks at its end", []string{"list-stops"}, func(b *bent) {
		lock := make(chan struct{}, 1)
		b.list = func(ctx context.Context) iter.Seq2[store.Listed, error] {
			return func(yield func(store.Listed, error) bool) {
				lock <- struct{}{}
				for l, err := range b.Memory.List(ctx) {
					if !yield(l, err) && err == nil {
						return
					}
				}
				<-lock
			}
		}
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			select {
			case lock <- struct{}{}:
				defer func() { <-lock }()
			case <-ctx.Done():
				return ctx.Err()
			}
			return b.Memory.Create(ctx, key, rec)
		}
	}},
	{"list ends where another writes", []string{"list-beside"}, func(b *bent) {
		var writes atomic.Int64
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			writes.Add(1)
			return b.Memory.Create(ctx, key, rec)
		}
		b.list = func(ctx context.Context) iter.Seq2[store.Listed, error] {
			return func(yield func(store.Listed, error) bool) {
				begun := writes.Load()
				for l, err := range b.Memory.List(ctx) {
					runtime.Gosched()
					if writes.Load() != begun || !yield(l, err) {
						return
					}
				}
			}
		}
	}},
	{"list does not hear its context", []string{"ended-before"}, func(b *bent) {
		b.list = func(ctx context.Context) iter.Seq2[store.Listed, error] {
			return b.Memory.List(context.WithoutCancel(ctx))
		}
	}},
	{"sweep looks and removes in two steps", []string{"sweep-beside"}, func(b *bent) {
		var keys sync.Map
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			keys.Store(core.Key(strings.Clone(string(key))), true)
			return b.Memory.Create(ctx, key, rec)
		}
		b.sweep = func(ctx context.Context, now int64, limit int) (removed int, more bool, err error) {
			if limit < 1 || ctx.Err() != nil {
				return b.Memory.Sweep(ctx, now, limit)
			}
			for key := range keys.Range {
				rec, err := b.check(ctx, key.(core.Key), 0)
				if errors.Is(err, store.ErrNotFound) {
					keys.Delete(key)
				}
				if errors.Is(err, store.ErrConflict) && rec.Deadline <= now {
					if removed == limit {
						return removed, true, nil
					}
					b.remove(ctx, key.(core.Key))
					removed++
				}
			}
			return removed, false, nil
		}
	}},
	{"a full store makes room", []string{"full"}, func(b *bent) {
		var mu sync.Mutex
		var order []core.Key
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			mu.Lock()
			defer mu.Unlock()
			err := b.Memory.Create(ctx, key, rec)
			if errors.Is(err, store.ErrFull) {
				b.remove(ctx, order[0])
				order = order[1:]
				err = b.Memory.Create(ctx, key, rec)
			}
			order = append(order, key)
			return err
		}
	}},
	{"a full store refuses changes", []string{"full"}, func(b *bent) {
		b.replace = func(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
			if b.role == "small" && b.Stats().Records == 20 {
				return store.ErrFull
			}
			return b.Memory.Replace(ctx, key, at, rec)
		}
	}},
	{"guarantees follow the weather", []string{"guarantees"}, func(b *bent) {
		var writes atomic.Int64
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			writes.Add(1)
			return b.Memory.Create(ctx, key, rec)
		}
		b.declare = func() store.Guarantees { return store.Guarantees{CompareAndSwap: true, Shared: writes.Load() > 0} }
	}},
	{"close twice is an error", []string{"close-twice"}, func(b *bent) {
		closed := false
		b.close = func() error {
			if closed {
				return errors.New("closed")
			}
			closed = true
			return b.Memory.Close()
		}
	}},
	{"close leaves a goroutine", []string{"close-leak"}, func(b *bent) {
		stop := make(chan struct{})
		go func() { <-stop }()
		if outer, ok := b.tb.(*scope); ok {
			b.tb = outer.TB // so that it ends after the case, and not with its scope
		}
		b.tb.Cleanup(func() { close(stop) })
	}},
	{"touch fills a short body", []string{"model"}, func(b *bent) {
		b.touch = func(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
			err := b.Memory.Touch(ctx, key, at, seen, deadline)
			if rec, _ := b.Memory.Load(ctx, key); err == nil && len(rec.Body) < 2 {
				rec.Body = "filled"
				return b.force(ctx, key, rec)
			}
			return err
		}
	}},
	{"a delete beside another call is acknowledged before it is done", []string{"histories"}, func(b *bent) {
		var inFlight atomic.Int64
		var late sync.WaitGroup
		b.tb.Cleanup(late.Wait)
		b.load = func(ctx context.Context, key core.Key) (core.Record, error) {
			inFlight.Add(1)
			defer inFlight.Add(-1)
			runtime.Gosched()
			return b.Memory.Load(ctx, key)
		}
		b.delete = func(ctx context.Context, key core.Key, at uint64) error {
			if inFlight.Load() == 0 {
				return b.Memory.Delete(ctx, key, at)
			}
			if _, err := b.check(ctx, key, at); err != nil {
				return err
			}
			late.Go(func() {
				for range 10 {
					runtime.Gosched()
				}
				b.remove(context.WithoutCancel(ctx), key)
			})
			return nil
		}
	}},
	{"who loses a claim and takes back what it created leaves it", []string{"traces"}, func(b *bent) {
		var lost sync.Map // what was created last before a Replace that came too late
		var created atomic.Value
		b.create = func(ctx context.Context, key core.Key, rec core.Record) error {
			created.Store(key)
			return b.Memory.Create(ctx, key, rec)
		}
		b.replace = func(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
			err := b.Memory.Replace(ctx, key, at, rec)
			if last, ok := created.Load().(core.Key); ok && last != key && errors.Is(err, store.ErrConflict) {
				lost.Store(last, true)
			}
			return err
		}
		b.delete = func(ctx context.Context, key core.Key, at uint64) error {
			if _, ok := lost.LoadAndDelete(key); ok {
				_, err := b.check(ctx, key, at)
				return err
			}
			return b.Memory.Delete(ctx, key, at)
		}
	}},
}
