package storetest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// traces replays what sessions ask of a store, each trace under keys of its own, and with a Config.Peer the actors on different stores. Of a
// slow engine, with fewer than ten rounds, so many tenths of them have to do.
func traces(p *probe) {
	all, err := readTraces(tracesPage)
	if err != nil {
		p.Fatal(err)
	}
	nodes := []store.Store{p.store}
	if p.config.Peer != nil {
		nodes = append(nodes, p.config.Peer(p, p.store))
	}
	for i, trace := range all {
		if i%10 < p.config.Rounds {
			p.replay(i, trace, nodes)
		}
	}
}

// aTrace is how much later each trace takes place than the one before, so that time never goes back. All are in a time of which no engine's
// clock knows that it is over.
const aTrace int64 = 24 * 60 * 60 * 1000

func (p *probe) replay(number int, trace []traced, nodes []store.Store) {
	p.Helper()
	of, present := map[core.Key]kept{}, int64(0)
	for n, c := range trace {
		c.begin(fmt.Sprintf("%.20s%08d", p.run, number), far+aTrace*int64(number))
		present = max(present, c.rec.Seen, c.seen, c.sweptAt)
		if c.sweptAt != 0 {
			p.vanish(c, of[c.key], trace[:n+1])
			of[c.key] = kept{}
			continue
		}
		got := p.take(nodes[c.actor%len(nodes)], c.step)
		next, want := of[c.key].apply(c.step)
		if got != want && of[c.key].due(present) {
			next, want = kept{}.apply(c.step) // it had vanished, as it may
		}
		if of[c.key] = next; got != want {
			p.brokenf("The last call of this history returned %s, want %s.\n%s", got.told(), want.told(), narrateTrace(trace[:n+1]))
		}
	}
	for key, last := range of {
		got, err := p.store.Load(p.ctx, key)
		if vanished := errors.Is(err, store.ErrNotFound) && last.due(present); !vanished && (got != last.rec || spell(err) != spell(last.missing())) {
			p.brokenf("After this history Load returned %s, %s, want %s.\n%s", show(got), spell(err), show(last.rec), narrateTrace(trace))
		}
	}
}

// begin puts a call under the keys and into the time of its trace.
func (c *traced) begin(under string, at int64) {
	c.key = core.Key(fmt.Sprintf("%s%4s", under, c.key))
	switch {
	case c.rec != core.Record{}:
		c.rec.Seen, c.rec.Deadline = c.rec.Seen+at, c.rec.Deadline+at
	case c.method == "Touch":
		c.seen, c.deadline = c.seen+at, c.deadline+at
	case c.sweptAt != 0:
		c.sweptAt += at
	}
}

// due reports whether the record may vanish.
func (k kept) due(now int64) bool { return k.ok && k.rec.Deadline <= now }

// missing is what a Load returns as its error.
func (k kept) missing() error {
	if k.ok {
		return nil
	}
	return store.ErrNotFound
}

// vanish sweeps where the store sweeps, and elsewhere deletes what is due.
func (p *probe) vanish(c traced, was kept, trace []traced) {
	p.Helper()
	sweeper, ok := p.store.(store.Sweeper)
	if !ok {
		if err := p.store.Delete(p.ctx, c.key, was.rec.Revision); err != nil && !errors.Is(err, store.ErrNotFound) {
			p.want("Delete", err, nil)
		}
		return
	}
	p.swept(sweeper, c.sweptAt, 1000)
	if got, err := p.store.Load(p.ctx, c.key); !errors.Is(err, store.ErrNotFound) {
		p.brokenf("After the sweep at the end of this history Load returned %s, %s.\n%s", show(got), spell(err), narrateTrace(trace))
	}
}

// told is an outcome for a reader.
func (o outcome) told() string {
	if o.rec == (core.Record{}) {
		return o.answer
	}
	return show(o.rec)
}

func narrateTrace(trace []traced) string {
	var lines strings.Builder
	for _, c := range trace {
		fmt.Fprintf(&lines, "\t%s\n", c.text)
	}
	return lines.String()
}
