package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"

	"github.com/satchel-go/satchel/store"
)

var storeList = command{
	name: "store list", args: "URL", short: "List the records of a store",
	long: `
Each line is a record: its name, revision, when it was last used, from when on it may be dropped, the size of its body, and what it
is: live, over (past its deadline) or garbled (it cannot be read). A name is the SHA-256 of the record's key, so that the list is
worth nothing to a thief; satchel token inspect says what the name of a token's record is. With -json each line is an object.
` + aboutURLs,
	examples: []string{"satchel store list dir:/var/lib/shop/sessions", "satchel store list -over -json redis://localhost/0?prefix=shop:"},
	begin: func(t *tool, flags *flag.FlagSet) func(context.Context, []string) error {
		limit := flags.Int("limit", 0, "end after `N` records, 0 for no limit")
		over := flags.Bool("over", false, "list only those past their deadline")
		asJSON := jsonFlag(flags)
		return func(ctx context.Context, args []string) error {
			return t.listed(ctx, args, func(all iter.Seq2[store.Listed, error], p *progress) error {
				now, n := t.now().UnixMilli(), 0
				for l, err := range all {
					if err != nil {
						return err
					}
					state := stateOf(l, now)
					if *over && state != "over" {
						continue
					}
					if t.screen {
						p.end() // or the record would stand behind it, on one line
					}
					if err := t.showListed(*asJSON, l, state); err != nil {
						return err
					}
					if n++; n == *limit {
						return nil
					}
				}
				return nil
			})
		}
	},
}

// listed opens a store and hands over its listing, with progress.
func (t *tool) listed(ctx context.Context, args []string, do func(all iter.Seq2[store.Listed, error], p *progress) error) error {
	o, rest, err := t.openStore(ctx, args)
	if err != nil {
		return err
	}
	defer o.close()
	if len(rest) > 0 {
		return misused("it takes one URL, and was given more")
	}
	lister, ok := o.Store.(store.Lister)
	if !ok {
		return errors.New("this store cannot list what it has")
	}
	p := t.progress("records looked at")
	defer p.end()
	return do(func(yield func(store.Listed, error) bool) {
		for l, err := range lister.List(ctx) {
			if err == nil {
				p.add(1)
			}
			if !yield(l, err) {
				return
			}
		}
	}, p)
}

func stateOf(l store.Listed, now int64) string {
	switch {
	case l.Garbled:
		return "garbled"
	case l.Deadline <= now:
		return "over"
	}
	return "live"
}

func (t *tool) showListed(asJSON bool, l store.Listed, state string) error {
	if !asJSON {
		_, err := fmt.Fprintf(t.out, "%s %6d  %-24s  %-24s %7d  %s\n",
			l.Name, l.Revision, instant(l.Seen), instant(l.Deadline), l.Size, state)
		return err
	}
	return t.show(true, []field{
		{"name", l.Name},
		{"revision", l.Revision},
		{"seen", instant(l.Seen)},
		{"deadline", instant(l.Deadline)},
		{"size", l.Size},
		{"state", state},
	})
}

var storeStats = command{
	name: "store stats", args: "URL", short: "Count the records of a store",
	long: `
It goes through all of them. An engine may list a record twice while it moves its tables, so the counts of a busy Redis are about
right.
` + aboutURLs,
	examples: []string{"satchel store stats dir:/var/lib/shop/sessions", "SATCHEL_STORE=postgres://localhost/shop satchel store stats -json"},
	begin: func(t *tool, flags *flag.FlagSet) func(context.Context, []string) error {
		asJSON := jsonFlag(flags)
		return func(ctx context.Context, args []string) error {
			var s stats
			err := t.listed(ctx, args, func(all iter.Seq2[store.Listed, error], _ *progress) error {
				now := t.now().UnixMilli()
				for l, err := range all {
					if err != nil {
						return err
					}
					s.add(l, now)
				}
				return nil
			})
			if err != nil {
				return err
			}
			return t.show(*asJSON, []field{
				{"records", s.records},
				{"live", s.live},
				{"over", s.over},
				{"garbled", s.garbled},
				{"bytes", s.bytes},
				{"largest", s.largest},
				{"last used", instant(s.seen)},
				{"next deadline", instant(s.next)},
			})
		}
	},
}

// stats is what a listing comes to.
type stats struct {
	records, live, over, garbled int
	bytes                        int64 // of bodies
	largest                      int
	seen, next                   int64 // the latest use, and the earliest deadline of the live
}

func (s *stats) add(l store.Listed, now int64) {
	s.records++
	switch stateOf(l, now) {
	case "garbled":
		s.garbled++
		return
	case "over":
		s.over++
	default:
		s.live++
		if s.next == 0 || l.Deadline < s.next {
			s.next = l.Deadline
		}
	}
	s.bytes += int64(l.Size)
	s.largest, s.seen = max(s.largest, l.Size), max(s.seen, l.Seen)
}

var storeSweep = command{
	name: "store sweep", args: "URL", short: "Remove the records that are past their deadline",
	long: `
It works in batches, beside the programs that use the store. Redis and Valkey drop records by themselves, so there is nothing to
sweep in them.
` + aboutURLs,
	examples: []string{"satchel store sweep dir:/var/lib/shop/sessions"},
	begin: func(t *tool, flags *flag.FlagSet) func(context.Context, []string) error {
		batch := flags.Int("batch", 1000, "remove `N` records at a time")
		asJSON := jsonFlag(flags)
		return func(ctx context.Context, args []string) error {
			if *batch < 1 {
				return misused("-batch is %d, less than 1", *batch)
			}
			o, rest, err := t.openStore(ctx, args)
			if err != nil {
				return err
			}
			defer o.close()
			if len(rest) > 0 {
				return misused("it takes one URL, and was given more")
			}
			sweeper, ok := o.Store.(store.Sweeper)
			if !ok {
				return t.show(*asJSON, []field{{"removed", 0}, {"note", "this engine drops records by itself"}})
			}
			p := t.progress("records removed")
			defer p.end()
			now, removed := t.now().UnixMilli(), 0
			for more := true; more; {
				var n int
				n, more, err = sweeper.Sweep(ctx, now, *batch)
				removed += n
				p.add(n)
				if err != nil {
					return fmt.Errorf("after %d records: %w", removed, err)
				}
			}
			return t.show(*asJSON, []field{{"removed", removed}})
		}
	},
}
