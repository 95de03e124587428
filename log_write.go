package satchel

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// write makes f of the log the log, again and again until nobody else changed it meanwhile. This node's copy has it then.
func (e *endings) write(ctx context.Context, policy *core.Policy, clock func() int64, t tries, f func(core.Log) (core.Log, error)) error {
	for {
		now := clock()
		log, kept, err := e.read(ctx, policy, now)
		if err != nil {
			return unavailable(err)
		}
		at := kept.Revision
		if log, err = f(log.Swept(now)); err != nil {
			return err
		}
		added := log.Endings // with those that are in a segment from now on
		if len(added) > core.MaxEndings {
			log, err = e.shelve(ctx, policy, now, log)
		}
		if err == nil {
			record := log.Record(at+1, now)
			if at == 0 {
				err = e.store.Create(ctx, policy.LogKey(), record)
			} else {
				err = e.store.Replace(ctx, policy.LogKey(), at, record)
			}
		}
		switch {
		case err == nil:
			e.mu.Lock()
			e.everyone = max(e.everyone, log.Everyone)
			e.add(added)
			e.mu.Unlock()
			return nil
		case !contended(err):
			return unavailable(err)
		case !t.again(ctx):
			return unavailable(fmt.Errorf("%w: the log of endings", ErrConflict))
		}
	}
}

// anew writes a log that ends everyone, and so is never over, as it is, once it has been the same for half of the longest life: for a store that
// seals what it keeps does so under the key of that day, and the old one is to become free. Others may do it as well, and nothing depends on it.
func (e *endings) anew(ctx context.Context, policy *core.Policy, now int64, log core.Log, record core.Record) {
	_, longest := policy.Lifetime().Bounds()
	if log.Everyone == 0 || now-record.Seen < longest/2 {
		return
	}
	_ = e.store.Replace(ctx, policy.LogKey(), record.Revision, log.Swept(now).Record(record.Revision+1, now))
}

// contended reports whether a write met another one.
func contended(err error) bool {
	return errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrNotFound)
}

// shelve moves the log's endings into a segment. Should the log not be written then, they are in both, which does no harm.
func (e *endings) shelve(ctx context.Context, policy *core.Policy, now int64, log core.Log) (core.Log, error) {
	segment := core.Segment{Number: 1}
	if n := len(log.Segments); n > 0 {
		segment = log.Segments[n-1]
	}
	all, at, err := e.segment(ctx, policy, segment.Number)
	if err != nil {
		return log, err
	}
	if all = core.SweptEndings(all, now); len(all)+len(log.Endings) > core.MaxSegment {
		segment = core.Segment{Number: segment.Number + 1}
		if all, at, err = e.segment(ctx, policy, segment.Number); err != nil {
			return log, err
		}
	}
	for _, x := range log.Endings {
		if !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	record := core.SegmentRecord(all, at+1, now)
	key := policy.SegmentKey(segment.Number)
	if at == 0 {
		err = e.store.Create(ctx, key, record)
	} else {
		err = e.store.Replace(ctx, key, at, record)
	}
	if err != nil {
		return log, err
	}
	segment.Revision = at + 1
	for _, x := range all {
		segment.Until = max(segment.Until, x.Until)
	}
	log.Segments = append(slices.DeleteFunc(log.Segments, func(s core.Segment) bool { return s.Number == segment.Number }), segment)
	log.Endings = nil
	return log, nil
}
