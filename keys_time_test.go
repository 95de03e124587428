package satchel_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

var simSchedule = crypto.Schedule{Rotate: simRotate, Lag: simLag, Life: simLife}

// A key each hundred seconds, for ten minutes, and a thousand exchanges in each of their seconds: no token is refused, no key
// can be dropped that a token needs without that being said, and none is.
func TestKeysInTime(t *testing.T) {
	const seed = 1
	w := newSimulation(t, seed, simSchedule)
	w.run(600 * second)
	w.report(seed)
	for _, want := range []string{"k5: primary to retiring", "k6: pending to primary", "k7: new, pending", "k3: retiring, dropped"} {
		if !slices.Contains(w.changes, want) {
			t.Errorf("it has not come to %q: %q", want, w.changes)
		}
	}
	if len(w.refused) != 0 {
		t.Errorf("live tokens were refused: %v", w.refused)
	}
}

// A schedule that knows less than the truth costs tokens; so the simulation sees what it looks for.
func TestKeysInTimeSeesAWrongSchedule(t *testing.T) {
	for name, c := range map[string]struct {
		schedule crypto.Schedule
		refusal  core.Refusal
	}{
		"published too late": {crypto.Schedule{Rotate: simRotate, Lag: simLag / 2, Life: simLife + simLag/2}, core.UnknownKey},
		"retired too early":  {crypto.Schedule{Rotate: simRotate, Lag: simLag, Life: simLife / 2}, core.UnknownKey},
		"not retired at all": {crypto.Schedule{Rotate: simRotate, Lag: simLag, Life: 1}, core.UnknownKey},
	} {
		t.Run(name, func(t *testing.T) {
			w := newSimulation(t, 1, c.schedule)
			for range 600 {
				if w.run(second); len(w.faults) > 0 && w.refused[c.refusal] > 0 {
					return
				}
			}
			t.Errorf("nothing was seen: %v, %q", w.refused, w.faults)
		})
	}
}

// A key that is revoked opens nothing on any node a refresh after its ring arrived there, and everything until then. Only the
// sudden successor of a primary key is refused, by the nodes that have not heard of it.
func TestKeysRevokedInTime(t *testing.T) {
	for name, c := range map[string]struct {
		after int64
		id    string
		costs []core.Refusal
	}{
		"retiring":               {230 * second, "k2", []core.Refusal{core.RevokedKey}},
		"primary, with its next": {268 * second, "k3", []core.Refusal{core.RevokedKey, core.UnknownKey}},
		"primary, alone":         {215 * second, "k3", []core.Refusal{core.RevokedKey, core.UnknownKey}},
	} {
		t.Run(name, func(t *testing.T) {
			const seed = 2
			w := newSimulation(t, seed, simSchedule)
			w.run(c.after)
			w.write(w.schedule.Revoke(w.ring, c.id, w.now, w.entropy()))
			w.run(100 * second)
			w.report(seed)
			if got := slices.Sorted(maps.Keys(w.refused)); !slices.Equal(got, slices.Sorted(slices.Values(c.costs))) {
				t.Errorf("refused: %v", w.refused)
			}
		})
	}
}

func (w *simulation) report(seed uint64) {
	w.t.Helper()
	for _, f := range w.faults[:min(len(w.faults), 10)] {
		w.t.Errorf("seed %d: %s", seed, f)
	}
	if n := len(w.faults); n > 0 {
		w.t.Errorf("seed %d: %d faults in all; the keys were %q", seed, n, w.changes)
	}
}
