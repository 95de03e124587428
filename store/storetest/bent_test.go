package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// bent is a Memory of which single methods are replaced. gate comes before each of them.
type bent struct {
	*store.Memory
	tb     testing.TB
	mu     sync.Mutex // for what a mutant remembers
	role   string     // "", or what Config opens: "small", "down", "stalled"
	litter *litter
	peer   func() store.Store // another on the same records

	gate    func(ctx context.Context) error
	load    func(ctx context.Context, key core.Key) (core.Record, error)
	create  func(ctx context.Context, key core.Key, rec core.Record) error
	replace func(ctx context.Context, key core.Key, at uint64, rec core.Record) error
	touch   func(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error
	delete  func(ctx context.Context, key core.Key, at uint64) error
	sweep   func(ctx context.Context, now int64, limit int) (int, bool, error)
	list    func(ctx context.Context) iter.Seq2[store.Listed, error]
	declare func() store.Guarantees
	close   func() error

	schedule func(ctx context.Context, pause time.Duration, now func() time.Time) // of one that sweeps by itself
}

// mutant breaks one rule. breaks names the cases that must report it, in the order of the kit.
type mutant struct {
	name   string
	breaks []string
	bend   func(b *bent)
}

var errDown = errors.New("the engine is down")

func (m mutant) open(role string) func(testing.TB) store.Store {
	return func(tb testing.TB) store.Store {
		config := store.MemoryConfig{}
		if role == "small" {
			config.MaxRecords = 20
		}
		memory, err := config.New()
		if err != nil {
			tb.Fatal(err)
		}
		b := &bent{
			Memory: memory, tb: tb, role: role, litter: newLitter(), load: memory.Load, create: memory.Create, replace: memory.Replace, touch: memory.Touch,
			delete: memory.Delete, sweep: memory.Sweep, list: memory.List, declare: memory.Guarantees, close: memory.Close,
		}
		b.peer = func() store.Store { return b }
		b.schedule = func(ctx context.Context, pause time.Duration, now func() time.Time) {
			if err := store.Sweeping(ctx, b, store.SweepConfig{Every: pause, Limit: batch, Now: now}); err != nil {
				tb.Error(err)
			}
		}
		switch role {
		case "down":
			b.gate = func(context.Context) error { return errDown }
		case "stalled":
			b.gate = func(ctx context.Context) error {
				<-ctx.Done()
				return fmt.Errorf("stalled: %w", ctx.Err())
			}
		default:
			b.gate = func(context.Context) error { return nil }
		}
		m.bend(b)
		return b
	}
}

// batch is how many records one that sweeps by itself removes without a rest.
const batch = 50

// sweeping opens a store that sweeps by itself, until the test ends.
func (m mutant) sweeping(tb testing.TB, pause time.Duration, now func() time.Time) store.Store {
	tb.Helper()
	b := m.open("")(tb).(*bent)
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { b.schedule(ctx, pause, now) })
	tb.Cleanup(func() {
		cancel()
		done.Wait()
	})
	return b
}

// twin returns another store on the same records.
func (b *bent) twin() *bent {
	return &bent{
		Memory: b.Memory, tb: b.tb, role: b.role, litter: b.litter, gate: b.gate, load: b.load, create: b.create, replace: b.replace, touch: b.touch,
		delete: b.delete, sweep: b.sweep, list: b.list, declare: b.declare, close: b.close,
	}
}

func (b *bent) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if err := b.gate(ctx); err != nil {
		return core.Record{}, err
	}
	if revision, met, err := b.litter.meet("Load", key, 0); met && ctx.Err() == nil {
		return core.Record{Revision: revision}, err
	}
	return b.load(ctx, key)
}

func (b *bent) Create(ctx context.Context, key core.Key, rec core.Record) error {
	if err := b.gate(ctx); err != nil {
		return err
	}
	if _, met, err := b.litter.meet("Create", key, 0); met && err != nil {
		return err
	}
	return b.create(ctx, key, rec)
}

func (b *bent) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if err := b.gate(ctx); err != nil {
		return err
	}
	if _, met, err := b.litter.meet("Replace", key, at); met && err != nil {
		return err
	} else if met {
		return b.create(ctx, key, rec)
	}
	return b.replace(ctx, key, at, rec)
}

func (b *bent) Touch(ctx context.Context, key core.Key, at uint64, seen, deadline int64) error {
	if err := b.gate(ctx); err != nil {
		return err
	}
	if _, met, err := b.litter.meet("Touch", key, at); met {
		return err
	}
	return b.touch(ctx, key, at, seen, deadline)
}

func (b *bent) Delete(ctx context.Context, key core.Key, at uint64) error {
	if err := b.gate(ctx); err != nil {
		return err
	}
	if _, met, err := b.litter.meet("Delete", key, at); met {
		return err
	}
	return b.delete(ctx, key, at)
}

func (b *bent) Sweep(ctx context.Context, now int64, limit int) (int, bool, error) {
	if err := b.gate(ctx); err != nil {
		return 0, false, err
	}
	return b.sweep(ctx, now, limit)
}

func (b *bent) List(ctx context.Context) iter.Seq2[store.Listed, error] {
	if err := b.gate(ctx); err != nil {
		return func(yield func(store.Listed, error) bool) { yield(store.Listed{}, err) }
	}
	return b.list(ctx)
}

func (b *bent) Guarantees() store.Guarantees { return b.declare() }
func (b *bent) Close() error                 { return b.close() }

// force keeps rec whatever is there: the blind write that the contract does not have.
func (b *bent) force(ctx context.Context, key core.Key, rec core.Record) error {
	for {
		kept, err := b.Memory.Load(ctx, key)
		switch {
		case err == nil:
			err = b.Memory.Replace(ctx, key, kept.Revision, rec)
		case errors.Is(err, store.ErrNotFound):
			err = b.Memory.Create(ctx, key, rec)
		}
		if err == nil || !answered(err) || errors.Is(err, store.ErrFull) {
			return err
		}
	}
}

// remove removes what is there, of whatever revision.
func (b *bent) remove(ctx context.Context, key core.Key) {
	for {
		kept, err := b.Memory.Load(ctx, key)
		if err != nil || b.Memory.Delete(ctx, key, kept.Revision) == nil {
			return
		}
	}
}

// check is the condition of a write, as a step of its own, with a gap after it in which others run.
func (b *bent) check(ctx context.Context, key core.Key, at uint64) (core.Record, error) {
	kept, err := b.Memory.Load(ctx, key)
	if err == nil && kept.Revision != at {
		err = store.ErrConflict
	}
	for range 100 {
		runtime.Gosched()
	}
	return kept, err
}
