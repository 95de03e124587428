package storetest

import (
	"errors"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// world is the contract as a map: what a store must do when one call follows another.
type world map[core.Key]core.Record

func (w world) create(key core.Key, rec core.Record) error {
	if _, ok := w[key]; ok {
		return store.ErrExists
	}
	w[key] = rec
	return nil
}

// at returns the record of that revision, or why there is none.
func (w world) at(key core.Key, at uint64) (core.Record, error) {
	rec, ok := w[key]
	if !ok {
		return rec, store.ErrNotFound
	}
	if rec.Revision != at {
		return rec, store.ErrConflict
	}
	return rec, nil
}

func (w world) replace(key core.Key, at uint64, rec core.Record) error {
	_, err := w.at(key, at)
	if err == nil {
		w[key] = rec
	}
	return err
}

func (w world) touch(key core.Key, at uint64, seen, deadline int64) error {
	if rec, ok := w[key]; ok && seen >= rec.Deadline {
		return store.ErrNotFound
	}
	rec, err := w.at(key, at)
	if err == nil {
		rec.Seen, rec.Deadline = max(rec.Seen, seen), max(rec.Deadline, deadline)
		w[key] = rec
	}
	return err
}

func (w world) delete(key core.Key, at uint64) error {
	_, err := w.at(key, at)
	if err == nil {
		delete(w, key)
	}
	return err
}

// model lets rapid search for a sequence of calls after which the store and the map differ.
func model(p *probe) {
	rounds, failed := 0, false
	rapid.Check(p, func(t *rapid.T) {
		if rounds++; rounds > p.config.Rounds && !failed {
			return // rapid counts its own rounds; an engine may be too slow for so many
		}
		whole := false
		defer func() { failed = failed || !whole }() // then rapid needs every further round to find a shorter sequence
		p.walk(t)
		whole = true
	})
}

// walk is one sequence of calls on a few keys that no other sequence uses.
func (p *probe) walk(t *rapid.T) {
	w := world{}
	keys := []core.Key{p.key(), p.key(), p.key() + " of another length"}
	anyKey := rapid.SampledFrom(keys)
	anyRevision := rapid.Uint64Range(1, 4)
	revisionOf := func(t *rapid.T, key core.Key) uint64 { // mostly the kept one, or little would happen
		return rapid.OneOf(rapid.Just(w[key].Revision), rapid.Just(w[key].Revision), anyRevision).Draw(t, "at")
	}
	anySeen := rapid.Int64Range(present, present+3)
	anyDeadline := rapid.Int64Range(far, far+3)
	anyRecord := rapid.Custom(func(t *rapid.T) core.Record {
		body := rapid.SampledFrom([]string{"", "a", "body", "a longer body\x00"})
		return core.Record{Seen: anySeen.Draw(t, "seen"), Deadline: anyDeadline.Draw(t, "deadline"), Body: body.Draw(t, "body")}
	})
	same := func(method string, got, want error) {
		if !errors.Is(got, want) {
			t.Fatalf("%s returned %s, want %s.\n\tThe rule: %s", method, spell(got), spell(want), p.rule)
		}
	}
	sweeper, _ := p.store.(store.Sweeper)
	t.Repeat(map[string]func(*rapid.T){
		"create": func(t *rapid.T) {
			key, rec := anyKey.Draw(t, "key"), anyRecord.Draw(t, "record")
			rec.Revision = anyRevision.Draw(t, "revision")
			same("Create", p.store.Create(p.ctx, key, rec), w.create(key, rec))
		},
		"replace": func(t *rapid.T) {
			key, rec := anyKey.Draw(t, "key"), anyRecord.Draw(t, "record")
			at := revisionOf(t, key)
			rec.Revision = at + rapid.Uint64Range(1, 2).Draw(t, "step")
			same("Replace", p.store.Replace(p.ctx, key, at, rec), w.replace(key, at, rec))
		},
		"touch": func(t *rapid.T) {
			key, deadline := anyKey.Draw(t, "key"), anyDeadline.Draw(t, "deadline")
			at := revisionOf(t, key)
			seen := rapid.OneOf(anySeen, anyDeadline).Draw(t, "seen")
			same("Touch", p.store.Touch(p.ctx, key, at, seen, deadline), w.touch(key, at, seen, deadline))
		},
		"delete": func(t *rapid.T) {
			key := anyKey.Draw(t, "key")
			at := revisionOf(t, key)
			same("Delete", p.store.Delete(p.ctx, key, at), w.delete(key, at))
		},
		"sweep": func(t *rapid.T) {
			if sweeper == nil {
				t.Skip("no Sweeper")
			}
			now := anyDeadline.Draw(t, "now")
			p.swept(sweeper, now, 100)
			for _, key := range slices.Sorted(maps.Keys(w)) {
				if w[key].Deadline <= now {
					delete(w, key)
				}
			}
		},
		"": func(t *rapid.T) {
			for _, key := range keys {
				got, err := p.store.Load(p.ctx, key)
				want, ok := w[key]
				if !ok {
					same("Load", err, store.ErrNotFound)
					continue
				}
				same("Load", err, nil)
				if got != want {
					t.Fatalf("Load returned %s, want %s.\n\tThe rule: %s", show(got), show(want), p.rule)
				}
			}
		},
	})
}
