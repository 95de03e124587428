package core_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/satchel-go/satchel/core"
)

// What the searches ask of their store is written down as traces, which package storetest has every store replay. A trace is
// one history, as the store sees it: the calls in their order, each with its answer. The searches reach a million states, and few
// that differ for a store: an edge is a call with what was kept when it came, whatever the keys and bodies are called. The traces are
// chosen so that each edge is in one of them at least.

// called is one call of a store. By is who called, as a letter, or '-' where nobody did and a record went by itself.
type called struct {
	by             byte
	verb           string // load, create, replace, touch, delete; gone, sweep
	key            core.Key
	at             uint64
	rec            core.Record
	seen, deadline int64
}

// keeping is a store's records, in an order that depends on the history alone.
type keeping []kept

type kept struct {
	key core.Key
	rec core.Record
}

func (k keeping) find(key core.Key) int {
	return slices.IndexFunc(k, func(c kept) bool { return c.key == key })
}

// answer says what a store of these records answers, in one word, or for a load with the record.
func (k keeping) answer(c called, spell func(core.Record) string) string {
	i := k.find(c.key)
	switch {
	case c.verb == "create" && i >= 0:
		return "exists"
	case c.verb == "create":
		return "ok"
	case i < 0, c.verb == "touch" && c.seen >= k[i].rec.Deadline:
		return "none"
	case c.verb == "load":
		return spell(k[i].rec)
	case k[i].rec.Revision != c.at:
		return "conflict"
	}
	return "ok"
}

// after returns the records when the call was carried out.
func (k keeping) after(c called) keeping {
	if k.answer(c, func(core.Record) string { return "" }) != "ok" {
		return k
	}
	out, i := slices.Clone(k), k.find(c.key)
	switch c.verb {
	case "create":
		return append(out, kept{c.key, c.rec})
	case "replace":
		out[i].rec = c.rec
	case "touch":
		out[i].rec.Seen, out[i].rec.Deadline = max(out[i].rec.Seen, c.seen), max(out[i].rec.Deadline, c.deadline)
	case "delete", "gone", "sweep":
		return slices.Delete(out, i, i+1)
	}
	return out
}

// naming spells calls and records, with keys and bodies by the order in which they come up.
type naming struct {
	base   int64 // the first instant, which is spelled 0
	keys   []core.Key
	bodies []string
}

func (n *naming) key(k core.Key) string {
	i := slices.Index(n.keys, k)
	if i < 0 {
		i, n.keys = len(n.keys), append(n.keys, k)
	}
	return fmt.Sprintf("k%d", i)
}

func (n *naming) record(r core.Record) string {
	i := slices.Index(n.bodies, r.Body)
	if i < 0 {
		i, n.bodies = len(n.bodies), append(n.bodies, r.Body)
	}
	return fmt.Sprintf("%d %d %d b%d", r.Revision, r.Seen-n.base, r.Deadline-n.base, i)
}

func (n *naming) call(c called) string {
	text := fmt.Sprintf("%c %s %s", c.by, c.verb, n.key(c.key))
	switch c.verb {
	case "create":
		return text + " " + n.record(c.rec)
	case "replace":
		return fmt.Sprintf("%s at %d %s", text, c.at, n.record(c.rec))
	case "touch":
		return fmt.Sprintf("%s at %d %d %d", text, c.at, c.seen-n.base, c.deadline-n.base)
	case "sweep":
		return fmt.Sprintf("%s at %d %d", text, c.at, c.seen-n.base)
	case "delete", "gone":
		return fmt.Sprintf("%s at %d", text, c.at)
	}
	return text
}

// edge spells a call with what was kept when it came. Who called is not part of it.
func (k keeping) edge(base int64, c called) string {
	n := naming{base: base}
	var text strings.Builder
	for _, one := range k {
		fmt.Fprintf(&text, "%s %s, ", n.key(one.key), n.record(one.rec))
	}
	return text.String() + n.call(c)[1:]
}

// traces are those chosen so far, and the edges that they have.
type traces struct {
	edges map[string]bool
	all   [][]string // lines
}

// has reports whether a trace has the edge. What goes by itself is no call, and part of a trace only because of what comes after.
func (t *traces) has(k keeping, base int64, c called) bool {
	return c.verb == "gone" || t.edges[k.edge(base, c)]
}

// add writes a history down.
func (t *traces) add(base int64, history []called) {
	n := naming{base: base}
	var k keeping
	var lines []string
	for _, c := range history {
		t.edges[k.edge(base, c)] = true
		lines = append(lines, n.call(c)+": "+k.answer(c, n.record))
		k = k.after(c)
	}
	t.all = append(t.all, lines)
}

// page prints the traces as a tree, in which what several begin with stands once.
func (t *traces) page() string {
	slices.SortFunc(t.all, slices.Compare)
	var page strings.Builder
	page.WriteString(tracesHead)
	var before []string
	for _, lines := range t.all {
		same := 0
		for same < len(lines) && same < len(before) && lines[same] == before[same] {
			same++
		}
		for i := same; i < len(lines); i++ {
			fmt.Fprintf(&page, "%d %s\n", i+1, lines[i])
		}
		before = lines
	}
	return page.String()
}

const tracesHead = `# Histories of sessions as their store sees them, printed by TestSearch of package core. Each call that the searches found to be possible
# beside some records, whatever keys and bodies are called, is in one of them with its answer.
#
# A line has its depth, who calls, the call, and the answer. A trace is the way to a line behind which no deeper one comes. Records are:
# revision, seen, deadline and body. Instants count from the first. Nobody calls what "-" does: a sweep takes all that is due, and a
# record may also be gone by itself.

`
