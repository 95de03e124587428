package store

import (
	"encoding/binary"
	"hash/maphash"
	"testing"

	"pgregory.net/rapid"
)

// nameOf gives names that are few, so that a model meets each of them often.
func nameOf(i int) name {
	var n name
	binary.BigEndian.PutUint64(n[24:], uint64(i))
	return n
}

// check holds the table to a map, and its index to its entries.
func (t *table) check(tb rapid.TB, model map[name]entry) {
	tb.Helper()
	if t.size != len(model) {
		tb.Fatalf("the table has %d entries, its model %d", t.size, len(model))
	}
	for n, want := range model {
		pos, ok := t.lookup(&n)
		if !ok || *t.at(pos) != want {
			tb.Fatalf("lookup(%x) = %d, %v; want %v", n[24:], pos, ok, want)
		}
	}
	slots := 0
	for _, p := range t.index {
		if p != 0 {
			slots++
			if p.hash() != t.hash(&t.at(p.pos()).name) {
				tb.Fatalf("the slot of position %d holds a foreign hash", p.pos())
			}
		}
	}
	if slots != t.size {
		tb.Fatalf("the index has %d slots in use for %d entries", slots, t.size)
	}
	if len(t.index)*3 < t.size*4 || (len(t.index) > minIndex && t.size*8 < len(t.index)) {
		tb.Fatalf("%d slots for %d entries", len(t.index), t.size)
	}
	if pages := t.size/pageSize + 2; len(t.pages) > pages {
		tb.Fatalf("%d pages for %d entries", len(t.pages), t.size)
	}
	for _, p := range t.pages[len(t.pages):cap(t.pages)] {
		if p != nil {
			tb.Fatal("a page that was given back is held")
		}
	}
	for pos := t.size; pos < len(t.pages)*pageSize; pos++ {
		if *t.at(pos) != (entry{}) {
			tb.Fatalf("position %d is free and still holds something", pos)
		}
	}
}

func TestTableAgainstMap(t *testing.T) { rapid.Check(t, tableAgainstMap) }

func tableAgainstMap(t *rapid.T) {
	table := &table{seed: maphash.MakeSeed()}
	model := map[name]entry{}
	names := rapid.SampledFrom([]int{8, 64, 400}).Draw(t, "names")
	draw := rapid.Custom(func(t *rapid.T) name { return nameOf(rapid.IntRange(0, names).Draw(t, "name")) })
	insert := func(n name, deadline int64) {
		if _, ok := table.lookup(&n); !ok {
			e := entry{name: n, deadline: deadline, body: "b"}
			table.insert(e)
			model[n] = e
		}
	}
	t.Repeat(map[string]func(*rapid.T){
		"insert": func(t *rapid.T) { insert(draw.Draw(t, "n"), rapid.Int64Range(0, 9).Draw(t, "deadline")) },
		"fill": func(*rapid.T) {
			for i := range names {
				insert(nameOf(i), int64(i%10))
			}
		},
		"remove": func(t *rapid.T) {
			n := draw.Draw(t, "n")
			if pos, ok := table.lookup(&n); ok {
				table.remove(pos)
				delete(model, n)
			}
		},
		"sweep": func(t *rapid.T) {
			now, looks := rapid.Int64Range(0, 9).Draw(t, "now"), rapid.IntRange(1, 50).Draw(t, "looks")
			removed, freed := 0, int64(0)
			for below := allEntries; below > 0; {
				var n int
				var f int64
				was := min(below, table.size)
				n, f, below = table.sweep(now, below, looks, looks)
				if was-below > looks || below > table.size {
					t.Fatalf("sweep went from %d to %d of %d with %d looks", was, below, table.size, looks)
				}
				removed, freed = removed+n, freed+f
			}
			dead := 0
			for n, e := range model {
				if e.deadline <= now {
					delete(model, n)
					dead++
				}
			}
			if removed != dead || freed != int64(dead)*cost("b") {
				t.Fatalf("sweep removed %d entries of %d bytes; %d were past their deadline", removed, freed, dead)
			}
		},
		"creep": func(t *rapid.T) {
			now := rapid.Int64Range(0, 9).Draw(t, "now")
			removed, _, _ := table.creep(now, createLooks)
			for n, e := range model {
				if _, ok := table.lookup(&n); !ok {
					if e.deadline > now {
						t.Fatalf("creep(%d) removed an entry with deadline %d", now, e.deadline)
					}
					delete(model, n)
					removed--
				}
			}
			if removed != 0 {
				t.Fatalf("creep miscounted by %d", removed)
			}
		},
		"": func(t *rapid.T) { table.check(t, model) },
	})
}
