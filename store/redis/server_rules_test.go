//go:build unix

package redis_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/redis"
)

const (
	never = int64(-1) // what PEXPIRETIME answers for a key without time to live
	gone  = int64(-2) // and for none
)

// Redis collects a record Slack after its deadline, wherever that moves, and one that has no deadline never.
func TestCollectedAfterDeadline(t *testing.T) {
	c := start(t).client()
	s, err := redis.New(c, redis.Config{Prefix: "p:", Slack: time.Second})
	must(t, err)
	ctx := t.Context()
	collected := func(after string, want int64) {
		t.Helper()
		if at, err := do(t, c, "PEXPIRETIME", "p:k").AsInt64(); err != nil || at != want {
			t.Errorf("after %s the key is collected at %d (%v), want %d", after, at, err, want)
		}
	}
	const far = int64(4_200_000_000_000)
	must(t, s.Create(ctx, "k", core.Record{Revision: 1, Deadline: far}))
	collected("Create", far+1000)
	must(t, s.Touch(ctx, "k", 1, 5, far+7))
	collected("Touch", far+1007)
	must(t, s.Touch(ctx, "k", 1, 6, far))
	collected("Touch to an earlier deadline", far+1007)
	must(t, s.Replace(ctx, "k", 1, core.Record{Revision: 2, Deadline: far - 5}))
	collected("Replace", far+995)
	must(t, s.Touch(ctx, "k", 2, 7, core.MaxInstant))
	collected("Touch without end", never)
	must(t, s.Replace(ctx, "k", 2, core.Record{Revision: 3, Deadline: far}))
	collected("Replace by one with an end", far+1000)
	must(t, s.Replace(ctx, "k", 3, core.Record{Revision: 4, Deadline: core.MaxInstant}))
	collected("Replace without end", never)
	must(t, s.Delete(ctx, "k", 4))
	collected("Delete", gone)
	must(t, s.Create(ctx, "k", core.Record{Revision: 1, Deadline: core.MaxInstant}))
	collected("Create without end", never)
}

// What is over when it is written is kept without error, and not for ever.
func TestWrittenTooLate(t *testing.T) {
	c := start(t).client()
	s, err := redis.New(c, redis.Config{Slack: time.Second})
	must(t, err)
	ctx := t.Context()
	leaves := func(after string, key core.Key) {
		t.Helper()
		if at, err := do(t, c, "PEXPIRETIME", redis.DefaultPrefix+string(key)).AsInt64(); err != nil || at == never {
			t.Errorf("after %s the key stays for ever (%v)", after, err)
		}
	}
	for _, deadline := range []int64{0, 1, 1_000_000_000_000} {
		must(t, s.Create(ctx, "a", core.Record{Revision: 1, Deadline: deadline}))
		leaves("Create", "a")
		must(t, s.Create(ctx, "b", core.Record{Revision: 1, Deadline: core.MaxInstant}))
		must(t, s.Replace(ctx, "b", 1, core.Record{Revision: 2, Deadline: deadline}))
		leaves("Replace", "b")
		if err := s.Delete(ctx, "b", 2); err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
	}
}

// A server whose clock is ahead of the program's by less than Slack drops nothing that is alive.
func TestSlack(t *testing.T) {
	s := open(t, start(t).client())
	rec := core.Record{Revision: 1, Deadline: time.Now().Add(redis.DefaultSlack / -2).UnixMilli(), Body: "live by a slow clock"}
	must(t, s.Create(t.Context(), "k", rec))
	if kept, err := s.Load(t.Context(), "k"); err != nil || kept != rec {
		t.Errorf("Load: %+v, %v", kept, err)
	}
}

// A touch that moves nothing writes nothing, so no cache hears of it.
func TestTouchOfNothing(t *testing.T) {
	c := start(t).client()
	s := open(t, c)
	must(t, s.Create(t.Context(), "k", core.Record{Revision: 1, Seen: 10, Deadline: core.MaxInstant - 1}))
	dirty := func() string {
		state, err := do(t, c, "INFO", "persistence").ToString()
		must(t, err)
		_, state, _ = strings.Cut(state, "rdb_changes_since_last_save:")
		n, _, _ := strings.Cut(state, "\r\n")
		return n
	}
	before := dirty()
	must(t, s.Touch(t.Context(), "k", 1, 9, core.MaxInstant-2))
	must(t, s.Touch(t.Context(), "k", 1, 10, core.MaxInstant-1))
	if after := dirty(); after != before || before == "" {
		t.Errorf("changes: %s before and %s after", before, after)
	}
}

// listed checks what a listing says of a value that is no record.
func listed(t *testing.T, s store.Lister, key core.Key, revision uint64) {
	t.Helper()
	for l, err := range s.List(t.Context()) {
		must(t, err)
		if l.Name == store.Name(key) && l.Garbled && l.Revision == revision && l.Size == 0 {
			return
		}
	}
	t.Errorf("not listed as garbled, with revision %d", revision)
}

// What is no record of this layout is neither absent nor overwritten. It can be deleted at its revision if it has one, which every
// layout spells alike, but no text has.
func TestGarbled(t *testing.T) {
	c := start(t).client()
	s := open(t, c)
	ctx := t.Context()
	const head = "\x00\x00\x00\x00\x00\x00\x00\x05"
	name := redis.DefaultPrefix + "k"
	for value, revision := range map[string]uint64{
		"": 0, "x": 0, "a foreign value, long enough to be a record": 0, "\x00" + head + "0123456789abcdef": 0, " " + head + "0123456789abcdef": 0,
		"\x02" + head[:7]: 0, "\x02" + head: 5, "\x02" + head + " something that is not known today": 5, "\x1f" + head + "0123456789abcdef": 5,
		"\x01" + head + "cut short": 5,
	} {
		do(t, c, "SET", name, value)
		listed(t, s, "k", revision)
		loaded, err := s.Load(ctx, "k")
		if !errors.Is(err, store.ErrGarbled) || loaded != (core.Record{Revision: revision}) {
			t.Errorf("Load of %q: %+v, %v", value, loaded, err)
		}
		after := core.Record{Revision: 6, Deadline: core.MaxInstant}
		for method, got := range map[string]struct{ err, want error }{
			"Create":  {s.Create(ctx, "k", after), store.ErrExists},
			"Replace": {s.Replace(ctx, "k", 5, after), store.ErrGarbled},
			"Touch":   {s.Touch(ctx, "k", 5, 1, 2), store.ErrGarbled},
		} {
			if !errors.Is(got.err, got.want) {
				t.Errorf("%s of %q: %v", method, value, got.err)
			}
		}
		another, atRevision := store.ErrConflict, error(nil)
		if revision == 0 {
			another, atRevision = store.ErrGarbled, store.ErrGarbled
		}
		if err := s.Delete(ctx, "k", 4); !errors.Is(err, another) {
			t.Errorf("Delete of %q at another revision: %v", value, err)
		}
		if kept, err := do(t, c, "GET", name).ToString(); err != nil || kept != value {
			t.Errorf("%q became %q, %v", value, kept, err)
		}
		if err := s.Delete(ctx, "k", 5); !errors.Is(err, atRevision) {
			t.Errorf("Delete of %q: %v", value, err)
		}
	}
}

// A key that is no string is another program's.
func TestGarbledType(t *testing.T) {
	c := start(t).client()
	s := open(t, c)
	ctx := t.Context()
	do(t, c, "RPUSH", redis.DefaultPrefix+"k", "element")
	listed(t, s, "k", 0)
	_, loaded := s.Load(ctx, "k")
	for method, err := range map[string]error{
		"Load": loaded, "Replace": s.Replace(ctx, "k", 0, core.Record{Revision: 1}),
		"Touch": s.Touch(ctx, "k", 0, 1, 2), "Delete": s.Delete(ctx, "k", 0),
	} {
		if !errors.Is(err, store.ErrGarbled) {
			t.Errorf("%s: %v", method, err)
		}
	}
	if err := s.Create(ctx, "k", core.Record{Revision: 1, Deadline: core.MaxInstant}); !errors.Is(err, store.ErrExists) {
		t.Error("Create:", err)
	}
	if n, err := do(t, c, "LLEN", redis.DefaultPrefix+"k").AsInt64(); err != nil || n != 1 {
		t.Error("the list has", n, err)
	}
}

// A full server that evicts nothing refuses the new, and what it has can be read and ended.
func TestFull(t *testing.T) {
	c := start(t, "--maxmemory-policy", "noeviction").client()
	s := open(t, c)
	ctx := t.Context()
	rec := core.Record{Revision: 1, Deadline: core.MaxInstant, Body: "body"}
	must(t, s.Create(ctx, "k", rec))
	must(t, s.Delete(ctx, "k", 1)) // so that the script is known
	must(t, s.Create(ctx, "k", rec))
	do(t, c, "CONFIG", "SET", "maxmemory", "1")
	if err := s.Create(ctx, "new", rec); !errors.Is(err, store.ErrFull) {
		t.Error("Create:", err)
	}
	for method, err := range map[string]error{
		"Replace": s.Replace(ctx, "k", 1, core.Record{Revision: 2, Deadline: core.MaxInstant}),
		"Touch":   s.Touch(ctx, "k", 1, 1, core.MaxInstant),
	} {
		if !errors.Is(err, store.ErrFull) {
			t.Errorf("%s: %v", method, err)
		}
	}
	if kept, err := s.Load(ctx, "k"); err != nil || kept != rec {
		t.Error("Load:", kept, err)
	}
	must(t, s.Delete(ctx, "k", 1))
}

// A client that sends reading commands to replicas still loads what was written last.
func TestReplicasAreNotRead(t *testing.T) {
	behind := start(t) // a replica that has not heard of anything
	c := start(t).client(func(o *rueidis.ClientOption) {
		o.ForceSingleClient = false
		o.Standalone.ReplicaAddress = []string{behind.socket()}
		o.SendToReplicas = func(cmd rueidis.Completed) bool { return cmd.IsReadOnly() }
	})
	s := open(t, c)
	rec := core.Record{Revision: 1, Deadline: core.MaxInstant, Body: "body"}
	must(t, s.Create(t.Context(), "k", rec))
	if kept, err := s.Load(t.Context(), "k"); err != nil || kept != rec {
		t.Error("Load:", kept, err)
	}
	err := c.Do(context.Background(), c.B().Get().Key(redis.DefaultPrefix+"k").Build()).Error()
	if !rueidis.IsRedisNil(err) {
		t.Error("the client reads no replica, so that this test shows nothing:", err)
	}
}

// Stores of two prefixes are strangers.
func TestPrefixes(t *testing.T) {
	c := start(t).client()
	ctx := t.Context()
	for _, prefix := range []string{"", "shop:", "chat:"} {
		s, err := redis.New(c, redis.Config{Prefix: prefix})
		must(t, err)
		if _, err := s.Load(ctx, "k"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q sees another's record: %v", prefix, err)
		}
		must(t, s.Create(ctx, "k", core.Record{Revision: 1, Deadline: core.MaxInstant}))
	}
	names, err := do(t, c, "KEYS", "*").AsStrSlice()
	must(t, err)
	for _, want := range []string{"satchel:k", "shop:k", "chat:k"} {
		if !strings.Contains(strings.Join(names, " "), want) {
			t.Errorf("no key %q in %q", want, names)
		}
	}
}
