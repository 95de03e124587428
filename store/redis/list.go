package redis

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

var _ store.Lister = (*Store)(nil)

// listAtOnce is about how many keys one SCAN gives.
const listAtOnce = 256

// List implements [store.Lister] by SCAN, on every master of a cluster, which must be allowed on the prefix for it. A record is
// listed twice where Redis moves its table of keys meanwhile. Of values it fetches 21 bytes each.
func (s *Store) List(ctx context.Context) iter.Seq2[store.Listed, error] {
	return func(yield func(store.Listed, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(store.Listed{}, failed(ctx, "list", err))
			return
		}
		for _, node := range s.client.Nodes() {
			for cursor, more := uint64(0), true; more; more = cursor != 0 {
				page, next, err := s.page(ctx, node, cursor)
				if err != nil {
					yield(store.Listed{}, failed(ctx, "list", err))
					return
				}
				for _, l := range page {
					if !yield(l, nil) {
						return
					}
				}
				cursor = next
			}
		}
	}
}

// page lists what one SCAN of a node gives, and returns where the next begins. A replica has none: its master lists.
func (s *Store) page(ctx context.Context, node rueidis.Client, cursor uint64) (page []store.Listed, next uint64, err error) {
	type found struct {
		names  []string
		next   uint64
		values []rueidis.RedisResult
	}
	f, err := call(ctx, &s.calls, func(ctx context.Context) (found, error) {
		if cursor == 0 && replica(ctx, node) {
			return found{}, nil
		}
		scan := node.B().Arbitrary("SCAN").Args(
			strconv.FormatUint(cursor, 10), "MATCH", s.prefix+"*", "COUNT", strconv.Itoa(listAtOnce)).Build()
		entry, err := node.Do(ctx, scan).AsScanEntry()
		if err != nil || len(entry.Elements) == 0 {
			return found{next: entry.Cursor}, err
		}
		heads := make([]rueidis.Completed, 0, looks*len(entry.Elements))
		for _, name := range entry.Elements {
			heads = append(heads, s.client.B().Arbitrary("GETRANGE").Keys(name).Args("0", strconv.Itoa(headSize-1)).Build(),
				s.client.B().Arbitrary("STRLEN").Keys(name).Build(), s.client.B().Arbitrary("EXISTS").Keys(name).Build())
		}
		return found{entry.Elements, entry.Cursor, s.client.DoMulti(ctx, heads...)}, nil
	})
	if err != nil {
		return nil, 0, err
	}
	if len(f.values) != looks*len(f.names) {
		return nil, 0, fmt.Errorf("%d answers to %d commands", len(f.values), looks*len(f.names))
	}
	for i, name := range f.names {
		l, kept, err := head(f.values[looks*i], f.values[looks*i+1], f.values[looks*i+2])
		if err != nil {
			return nil, 0, err
		}
		if kept {
			page = append(page, l.Under(s, core.Key(strings.TrimPrefix(name, s.prefix))))
		}
	}
	return page, f.next, nil
}

// looks are the commands for one key.
const looks = 3

// head reads a value's first bytes and its length. There is nothing where the key went meanwhile; an empty value is garbled.
func head(first, length, exists rueidis.RedisResult) (l store.Listed, kept bool, err error) {
	text, err := first.ToString()
	if says(err, wrongType) {
		return store.Listed{Garbled: true}, true, nil
	}
	size, err2 := length.AsInt64()
	if says(err2, wrongType) { // it was changed in between
		return store.Listed{Garbled: true}, true, nil
	}
	there, err3 := exists.AsInt64()
	if err := errors.Join(err, err2, err3); err != nil || there == 0 {
		return store.Listed{}, false, err
	}
	rec, ok := decode(text)
	l = store.Listed{Revision: rec.Revision, Garbled: !ok}
	if ok {
		l.Seen, l.Deadline, l.Size = rec.Seen, rec.Deadline, int(max(size-headSize, 0))
	}
	return l, true, nil
}

// replica reports whether a node says that it is one. Where it may not be asked it is taken for a master.
func replica(ctx context.Context, node rueidis.Client) bool {
	role, err := node.Do(ctx, node.B().Arbitrary("ROLE").Build()).ToArray()
	if err != nil || len(role) == 0 {
		return false
	}
	name, err := role[0].ToString()
	return err == nil && name != "master"
}
