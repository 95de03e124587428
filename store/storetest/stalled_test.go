package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
)

// A method that is said to need nothing of what stalls is held to that, and all others still are to theirs.
func TestUnstalled(t *testing.T) {
	reads := func(b *bent) { // as a store does whose readers take no lock
		b.load, b.list = b.Memory.Load, b.Memory.List
		stall := b.gate
		b.gate = func(context.Context) error { return nil }
		b.create = func(ctx context.Context, _ core.Key, _ core.Record) error { return stall(ctx) }
		b.replace = func(ctx context.Context, _ core.Key, _ uint64, _ core.Record) error { return stall(ctx) }
		b.touch = func(ctx context.Context, _ core.Key, _ uint64, _, _ int64) error { return stall(ctx) }
		b.delete = func(ctx context.Context, _ core.Key, _ uint64) error { return stall(ctx) }
		b.sweep = func(ctx context.Context, _ int64, _ int) (int, bool, error) { return 0, true, stall(ctx) }
	}
	for name, c := range map[string]struct {
		bend      func(b *bent)
		unstalled []string
		says      string // nothing: it is sound
	}{
		"readers go on":                      {reads, []string{"Load", "List"}, ""},
		"readers go on, which nobody said":   {reads, []string{"List"}, "Load returned ErrNotFound, want one that wraps"},
		"all wait":                           {func(*bent) {}, nil, ""},
		"readers wait, who are said not to":  {func(*bent) {}, []string{"Load", "List"}, "Load returned the error"},
		"readers wait, whatever their limit": {func(b *bent) { reads(b); b.load = hangs(b) }, []string{"Load", "List"}, "Load was still running"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			m := mutant{name: name, bend: c.bend}
			r := &recorder{scope: scope{TB: t}, name: "ended-stalled"}
			config := Config{Patience: 50 * time.Millisecond, Stalled: m.open("stalled"), Unstalled: c.unstalled}
			var done sync.WaitGroup
			done.Go(func() {
				defer r.end()
				config.check(r, named("ended-stalled"), mutant{bend: func(*bent) {}}.open(""))
			})
			done.Wait()
			if said := r.log.String(); r.Failed() != (c.says != "") || !strings.Contains(said, c.says) {
				t.Errorf("it says %q, want %q", said, c.says)
			}
		})
	}
}

// hangs is a Load that looks at no context.
func hangs(b *bent) func(context.Context, core.Key) (core.Record, error) {
	woken := make(chan struct{})
	b.tb.Cleanup(func() { close(woken) })
	return func(context.Context, core.Key) (core.Record, error) {
		<-woken
		return core.Record{}, nil
	}
}

func named(name string) ruleCase {
	for _, one := range cases {
		if one.name == name {
			return one
		}
	}
	panic(fmt.Sprintf("no case is named %q", name))
}
