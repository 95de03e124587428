package crypto_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/crypto"
)

const (
	mostKeys     = 64 // of a ring that can be read
	mostRetiring = 60
)

// forever has keys that are never dropped.
var forever = crypto.Schedule{Rotate: 100, Lag: 10}

func count(ring *crypto.Keyring, state crypto.State) (n int) {
	for _, k := range ring.Keys() {
		if k.State() == state {
			n++
		}
	}
	return n
}

// Where lives are unlimited no key that was used is dropped, so rotation ends when 60 retire: aloud, each time that it is due,
// with room for revoking.
func TestScheduleOfUnlimitedLivesEndsAloud(t *testing.T) {
	ring, now := must(crypto.Generate(someNow, fresh(1))), someNow
	var fault error
	for i := range int64(2000) {
		now += 10
		next, _, err := forever.Next(ring, now, fresh(i+2))
		if err != nil {
			fault = err
			break
		}
		ring = next
	}
	const want = "crypto: schedule: 60 keys retire, and none of them may be dropped yet: there is no room for another rotation"
	if fault == nil || fault.Error() != want || count(ring, crypto.Retiring) != mostRetiring || count(ring, crypto.Pending) != 0 {
		t.Fatalf("%v: %v", fault, ring)
	}
	if next, changes, err := forever.Next(ring, now+1e6, fresh(1e6)); err == nil || next != nil || changes != nil {
		t.Errorf("later %v, %q, %v", next, spelled(changes), err)
	}
	if next, changes, err := forever.Next(ring, now-10, fresh(1e6)); err != nil || next != ring || changes != nil {
		t.Errorf("before it is due %v, %q, %v", next, spelled(changes), err)
	}
	// With a limit to lives they go, and it goes on.
	limited := crypto.Schedule{Rotate: 100, Lag: 10, Life: 50}
	next, changes, err := limited.Next(ring, now, fresh(1e6))
	if err != nil || len(changes) != mostRetiring+1 || count(next, crypto.Retiring) != 0 || count(next, crypto.Pending) != 1 {
		t.Errorf("%v, %q, %v", next, spelled(changes), err)
	}
}

// What is due besides is done, and not held up by the rotation that has no room.
func TestScheduleWithoutRoomStillDates(t *testing.T) {
	entries := []string{"k99 primary 0", "k98 retiring"}
	for i := range mostRetiring - 1 {
		entries = append(entries, fmt.Sprintf("k%d retiring 90", i+1))
	}
	next, changes, err := quick.Next(ringOf(t, entries...), someNow+95, fresh(9))
	if err != nil || !slices.Equal(spelled(changes), []string{"k98: retiring, counted from now"}) {
		t.Fatalf("%v, %q, %v", next, spelled(changes), err)
	}
	if next, changes, err = quick.Next(next, someNow+96, fresh(9)); err == nil {
		t.Errorf("%v, %q", next, spelled(changes))
	}
}

// However full a ring is, its primary can be revoked: no token under it opens, and all that was open besides still does.
func TestScheduleAlwaysRevokes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var keys []crypto.Key
		states := rapid.SliceOfN(rapid.SampledFrom([]crypto.State{crypto.Retiring, crypto.Revoked}), mostKeys-2, mostKeys-1).Draw(t, "states")
		if rapid.Bool().Draw(t, "retiring alone") {
			for i := range states {
				states[i] = crypto.Retiring
			}
		}
		states = append(states, crypto.Primary)
		for i, state := range states {
			since := someNow - rapid.Int64Range(0, 3).Draw(t, "age")
			keys = append(keys, must(crypto.NewKey(fmt.Sprintf("k%d", i+1), crypto.Primary, fresh(int64(i+1)))).AsOf(state, since))
		}
		s := rapid.SampledFrom([]crypto.Schedule{forever, quick}).Draw(t, "schedule")
		ring := must(crypto.NewKeyring(keys...))
		for n := range rapid.IntRange(1, 5).Draw(t, "times") {
			was := primaryOf(ring)
			next, changes, err := s.Revoke(ring, was.ID(), someNow+int64(n), fresh(int64(1000+n)))
			if err != nil {
				t.Fatalf("%v: %v", ring, err)
			}
			if len(changes) == 0 || primaryOf(next).ID() == was.ID() {
				t.Fatalf("%v became %v", ring, next)
			}
			for _, k := range ring.Keys() {
				kept := slices.ContainsFunc(next.Keys(), func(o crypto.Key) bool { return o.ID() == k.ID() && o.State() == k.State() })
				if k.State() == crypto.Retiring && !kept {
					t.Fatalf("%v became %v, without %v", ring, next, k)
				}
			}
			for _, k := range next.Keys() {
				if k.ID() == was.ID() && k.State() != crypto.Revoked {
					t.Fatalf("%v became %v", ring, next)
				}
			}
			if read, err := crypto.ParseKeyring(next.RevealText()); err != nil || read.RevealText() != next.RevealText() {
				t.Fatal(err)
			}
			ring = next
		}
	})
}

func primaryOf(ring *crypto.Keyring) crypto.Key {
	keys := ring.Keys()
	return keys[slices.IndexFunc(keys, func(k crypto.Key) bool { return k.State() == crypto.Primary })]
}

// In a full ring the key that was revoked first makes room, whose tokens are then refused as of an unknown key; if there is none,
// the one that is to be revoked.
func TestScheduleRevokeMakesRoom(t *testing.T) {
	full := []string{"k99 primary 0"}
	for i := range mostKeys - 3 {
		full = append(full, fmt.Sprintf("k%d retiring 0", i+1))
	}
	for name, c := range map[string]struct {
		more    []string
		changes string
	}{
		"two revoked": {[]string{"k71 revoked 2", "k70 revoked 1"}, "k70: revoked, dropped; k100: new, primary; k99: primary to revoked"},
		"none":        {[]string{"k70 retiring 0", "k71 retiring 0"}, "k100: new, primary; k99: primary, dropped"},
		"a next":      {[]string{"k70 pending 0", "k71 retiring 0"}, "k70: pending to primary; k99: primary to revoked"},
	} {
		ring := ringOf(t, append(slices.Clone(full), c.more...)...)
		next, changes, err := quick.Revoke(ring, "k99", someNow+5, fresh(9))
		if err != nil || strings.Join(spelled(changes), "; ") != c.changes || len(next.Keys()) != mostKeys {
			t.Errorf("%s: %q, %v, %v", name, spelled(changes), next, err)
		}
	}
	// A rotation takes the same way.
	revoked := []string{"k99 primary 0"}
	for i := range mostKeys - 1 {
		revoked = append(revoked, fmt.Sprintf("k%d revoked %d", i+1, 1+i%3))
	}
	next, changes, err := forever.Next(ringOf(t, revoked...), someNow+95, fresh(9))
	if err != nil || strings.Join(spelled(changes), "; ") != "k1: revoked, dropped; k100: new, pending" || len(next.Keys()) != mostKeys {
		t.Errorf("%q, %v, %v", spelled(changes), next, err)
	}
}
