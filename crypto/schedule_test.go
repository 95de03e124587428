package crypto_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

const minute = hour / 60

var daily = crypto.Schedule{Rotate: 24 * hour, Lag: 10 * minute, Life: 30 * hour}

// fresh is entropy that is another for each n.
func fresh(n int64) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(n)), make([]byte, 24)...)
}

// clockOf spells an instant as hours and minutes after someNow.
func clockOf(at int64) string {
	return fmt.Sprintf("%3d:%02d", (at-someNow)/hour, (at-someNow)%hour/minute)
}

// The text says what becomes of each key in four days of a daily rotation, and what an operator does in between. It is
// stepped every minute, so that what stands there is the first minute at which it is due.
func TestScheduleDayByDay(t *testing.T) {
	var text strings.Builder
	fmt.Fprintf(&text, "rotate 24:00, lag 0:10, life 30:00; written by go test ./crypto -update\n\n")
	say := func(now int64, ring *crypto.Keyring, changes []crypto.Change) {
		for _, c := range changes {
			fmt.Fprintf(&text, "%s  %s\n", clockOf(now), c)
		}
		if len(changes) > 0 {
			fmt.Fprintf(&text, "        %v\n", ring)
		}
	}
	ring := must(crypto.Generate(someNow, fresh(1)))
	fmt.Fprintf(&text, "        %v\n", ring)
	for now := someNow; now <= someNow+120*hour; now += minute {
		before := ring
		next, changes, err := daily.Next(ring, now, fresh(now))
		if err != nil {
			t.Fatal(err)
		}
		say(now, next, changes)
		if ring = next; len(changes) == 0 && ring != before {
			t.Fatal("another ring without a change")
		}
		if now == someNow+50*hour+30*minute { // k3 is primary, and no key pending
			ring, changes = revoked(t, daily, ring, "k3", now)
			fmt.Fprintf(&text, "%s  somebody revokes k3\n", clockOf(now))
			say(now, ring, changes)
		}
	}
	path := filepath.Join("testdata", "schedule.txt")
	if *update {
		if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != text.String() {
		t.Errorf("%v; got\n%s", err, text.String())
	}
}

func revoked(t *testing.T, s crypto.Schedule, ring *crypto.Keyring, id string, now int64) (*crypto.Keyring, []crypto.Change) {
	t.Helper()
	next, changes, err := s.Revoke(ring, id, now, fresh(now))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CheckStep(ring, next, now); err != nil {
		t.Errorf("revoking %s of %v: %v", id, ring, err)
	}
	return next, changes
}

// ringOf spells a ring for a table: "k1 primary 0" is k1, primary since someNow, with a secret of its own, and "k1 primary!" is
// k1 with another secret, since nobody knows when.
func ringOf(t testing.TB, entries ...string) *crypto.Keyring {
	t.Helper()
	var keys []crypto.Key
	for i, entry := range entries {
		var id, state string
		var since int64
		if n, _ := fmt.Sscan(entry, &id, &state, &since); n == 3 {
			since += someNow
		}
		state, other := strings.CutSuffix(state, "!")
		first := byte(16 * i)
		if _, err := fmt.Sscanf(id, "k%d", &first); err != nil || other {
			first += 100 // another secret under the id
		}
		of := slices.Index([]string{"pending", "primary", "retiring", "revoked"}, state) + 1
		keys = append(keys, must(crypto.NewKey(id, crypto.Primary, secret(first))).AsOf(crypto.State(of), since))
	}
	return must(crypto.NewKeyring(keys...))
}

// quick has durations that a reader sees at once.
var quick = crypto.Schedule{Rotate: 100, Lag: 10, Life: 50}

func TestScheduleNext(t *testing.T) {
	for name, c := range map[string]struct {
		schedule crypto.Schedule
		ring     []string
		now      int64
		changes  []string
	}{
		"nothing yet":              {quick, []string{"k1 primary 0"}, 89, nil},
		"publish":                  {quick, []string{"k1 primary 0"}, 90, []string{"k2: new, pending"}},
		"not twice":                {quick, []string{"k1 primary 0", "k2 pending 90"}, 99, nil},
		"promote":                  {quick, []string{"k1 primary 0", "k2 pending 90"}, 100, []string{"k2: pending to primary", "k1: primary to retiring"}},
		"published late":           {quick, []string{"k1 primary 0", "k2 pending 95"}, 104, nil},
		"everywhere at last":       {quick, []string{"k1 primary 0", "k2 pending 95"}, 105, []string{"k2: pending to primary", "k1: primary to retiring"}},
		"early, by hand":           {quick, []string{"k1 primary 0", "k2 pending 1"}, 99, nil},
		"the longest of two":       {quick, []string{"k1 primary 0", "k3 pending 9", "k2 pending 8"}, 100, []string{"k2: pending to primary", "k1: primary to retiring"}},
		"called a year late":       {quick, []string{"k1 primary 0"}, 1e9, []string{"k2: new, pending"}},
		"still needed":             {quick, []string{"k2 primary 0", "k1 retiring 0"}, 59, nil},
		"needed no more":           {quick, []string{"k2 primary 0", "k1 retiring 0"}, 60, []string{"k1: retiring, dropped"}},
		"still known as revoked":   {quick, []string{"k2 primary 0", "k1 revoked 0"}, 59, nil},
		"revoked and over":         {quick, []string{"k2 primary 0", "k1 revoked 0"}, 60, []string{"k1: revoked, dropped"}},
		"all at once":              {quick, []string{"k1 retiring 0", "k2 primary 0", "k3 pending 0"}, 100, []string{"k1: retiring, dropped", "k3: pending to primary", "k2: primary to retiring"}},
		"a pending one stays":      {crypto.Schedule{Lag: 10, Life: 50}, []string{"k1 primary 0", "k2 pending 0"}, 1e9, nil},
		"by hand only":             {crypto.Schedule{Lag: 10, Life: 50}, []string{"k1 primary 0", "k0 retiring 0"}, 1e9, []string{"k0: retiring, dropped"}},
		"unlimited lives":          {crypto.Schedule{Rotate: 100, Lag: 10}, []string{"k2 primary 999999999", "k1 retiring 0", "k0 revoked 0"}, 1e9, nil},
		"undated are counted":      {quick, []string{"k2 primary", "k1 retiring", "k3 pending"}, 5, []string{"k2: primary, counted from now", "k1: retiring, counted from now", "k3: pending, counted from now"}},
		"ahead by less than a lag": {quick, []string{"k2 primary 0", "k1 retiring 15"}, 5, nil},
		"ids go on":                {quick, []string{"k9 primary 0", "k10 retiring 80"}, 90, []string{"k11: new, pending"}},
		"other ids do not count":   {quick, []string{"k07 primary 0", "key9 retiring 80", "k retiring 80", "k-2 retiring 80"}, 90, []string{"k1: new, pending"}},
		"ids begin anew":           {quick, []string{"k9999999 primary 0", "k1 retiring 80"}, 90, []string{"k2: new, pending"}},
	} {
		t.Run(name, func(t *testing.T) {
			ring, now := ringOf(t, c.ring...), someNow+c.now
			next, changes, err := c.schedule.Next(ring, now, secret(77))
			if err != nil || !slices.Equal(spelled(changes), c.changes) {
				t.Fatalf("%q, %v", spelled(changes), err)
			}
			if (next == ring) != (len(changes) == 0) {
				t.Error("a ring without a change, or the other way")
			}
			for _, k := range next.Keys() {
				moved := slices.ContainsFunc(changes, func(c crypto.Change) bool { return c.ID == k.ID() })
				if moved && k.Since() != now {
					t.Errorf("%v since %d", k, k.Since()-someNow)
				}
			}
			if err := c.schedule.CheckStep(ring, next, now); err != nil {
				t.Error(err)
			}
		})
	}
}

func spelled(changes []crypto.Change) (all []string) {
	for _, c := range changes {
		all = append(all, c.String())
	}
	return all
}

func TestScheduleRevoke(t *testing.T) {
	for name, c := range map[string]struct {
		ring    []string
		id      string
		changes []string
	}{
		"retiring":               {[]string{"k1 retiring 0", "k2 primary 0"}, "k1", []string{"k1: retiring to revoked"}},
		"pending":                {[]string{"k1 primary 0", "k2 pending 0"}, "k2", []string{"k2: pending to revoked"}},
		"primary, with a next":   {[]string{"k1 primary 0", "k2 pending 0"}, "k1", []string{"k2: pending to primary", "k1: primary to revoked"}},
		"primary, with two next": {[]string{"k1 primary 0", "k2 pending 2", "k3 pending 1"}, "k1", []string{"k3: pending to primary", "k1: primary to revoked"}},
		"primary, alone":         {[]string{"k1 primary 0"}, "k1", []string{"k2: new, primary", "k1: primary to revoked"}},
		"again":                  {[]string{"k1 revoked 0", "k2 primary 0"}, "k1", nil},
	} {
		t.Run(name, func(t *testing.T) {
			ring := ringOf(t, c.ring...)
			next, changes := revoked(t, quick, ring, c.id, someNow+5)
			if !slices.Equal(spelled(changes), c.changes) {
				t.Errorf("%q", spelled(changes))
			}
			for _, k := range next.Keys() {
				if k.ID() == c.id && (k.State() != crypto.Revoked || len(changes) > 0 && k.Since() != someNow+5) {
					t.Errorf("%v since %d", k, k.Since()-someNow)
				}
			}
		})
	}
	if _, _, err := quick.Revoke(ringOf(t, "k1 primary 0"), "k2", someNow, secret(9)); err == nil {
		t.Error("a key that is not there was revoked")
	}
}

func TestScheduleErrors(t *testing.T) {
	ring := ringOf(t, "k1 primary 0")
	for name, c := range map[string]struct {
		schedule crypto.Schedule
		ring     *crypto.Keyring
		now      int64
		entropy  []byte
		want     string
	}{
		"no lag":             {crypto.Schedule{Rotate: 100}, ring, someNow, secret(9), "crypto: schedule: lag must be positive: no ring is everywhere at once"},
		"zero":               {crypto.Schedule{}, ring, someNow, secret(9), "crypto: schedule: lag must be positive: no ring is everywhere at once"},
		"too often":          {crypto.Schedule{Rotate: 10, Lag: 10}, ring, someNow, secret(9), "crypto: schedule: rotate must be longer than lag, or 0"},
		"negative":           {crypto.Schedule{Rotate: -1, Lag: -1, Life: -1}, ring, someNow, secret(9), "crypto: schedule: lag must be positive: no ring is everywhere at once\nrotate must be longer than lag, or 0\nlife must not be negative"},
		"beyond all":         {crypto.Schedule{Rotate: core.MaxInstant + 1, Lag: core.MaxInstant + 1, Life: core.MaxInstant + 1}, ring, someNow, secret(9), "crypto: schedule: lag must be positive: no ring is everywhere at once\nrotate must be longer than lag, or 0\nlife must not be negative"},
		"too many":           {crypto.Schedule{Rotate: 100, Lag: 10, Life: 5990}, ring, someNow, secret(9), "crypto: schedule: life and lag are so long, and rotate so short, that more than 60 keys would retire at once"},
		"no ring":            {quick, nil, someNow, secret(9), "crypto: schedule: the keyring has no keys"},
		"before time":        {quick, ring, 0, secret(9), "crypto: schedule: the time is not in 0 … core.MaxInstant"},
		"after time":         {quick, ring, core.MaxInstant + 1, secret(9), "crypto: schedule: the time is not in 0 … core.MaxInstant"},
		"ahead":              {quick, ring, someNow - 11, secret(9), "crypto: schedule: entry 1 (k1): its instant lies ahead: the clock is wrong, or was when that was written"},
		"short entropy":      {quick, ring, someNow + 90, secret(9)[:31], "crypto: new key: the secret is shorter than 32 bytes"},
		"no entropy":         {quick, ring, someNow + 90, make([]byte, 32), "crypto: new key: the secret is all zeros"},
		"entropy used again": {quick, ring, someNow + 90, secret(1), "crypto: keyring: entry 2 (k2): the same secret as entry 1"},
	} {
		next, changes, err := c.schedule.Next(c.ring, c.now, c.entropy)
		if next != nil || changes != nil || err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, %q, %v", name, next, changes, err)
		}
	}
	if err := (crypto.Schedule{Rotate: 100, Lag: 10, Life: 5989}).Check(); err != nil {
		t.Error(err)
	}
	if next, changes, err := (crypto.Schedule{}).Revoke(ring, "k1", someNow, secret(9)); next != nil || changes != nil || err == nil {
		t.Error(next, changes, err)
	}
	if next, changes, err := quick.Revoke(ring, "k1", someNow, secret(9)[:31]); next != nil || changes != nil || err == nil {
		t.Error(next, changes, err)
	}
	if err := (crypto.Schedule{}).CheckStep(ring, ring, someNow); err == nil {
		t.Error("a schedule that is none checks a step")
	}
	if ring, err := crypto.Generate(someNow, secret(9)[:31]); ring != nil || err == nil {
		t.Error(ring, err)
	}
	if ring, err := crypto.Generate(-1, secret(9)); ring != nil || err == nil {
		t.Error(ring, err)
	}
}

// Whatever the durations, and however irregularly it is called: no step of Next's does anything to a live token, at once or
// where it is seen a lag later; at the same instant nothing more is due; its text is its ring; and a key that was
// dropped had been out of use for a lag and a life.
func TestScheduleIsSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lag := rapid.Int64Range(1, 100).Draw(t, "lag")
		s := crypto.Schedule{
			Lag: lag, Rotate: lag + rapid.Int64Range(1, 300).Draw(t, "rotate"), Life: rapid.Int64Range(1, 1000).Draw(t, "life"),
		}
		if s.Check() != nil {
			t.Skip("too many keys")
		}
		now := someNow
		ring := must(crypto.Generate(now, fresh(1)))
		lastUse := map[string]int64{}
		for i := range rapid.IntRange(1, 200).Draw(t, "steps") {
			now += rapid.Int64Range(0, s.Rotate).Draw(t, "wait")
			next, changes, err := s.Next(ring, now, fresh(int64(i)+2))
			if err != nil {
				t.Fatalf("%v: %v", ring, err)
			}
			for _, at := range []int64{now, now + lag} {
				if err := s.CheckStep(ring, next, at); err != nil {
					t.Fatalf("%v to %v: %v", ring, next, err)
				}
			}
			for _, k := range ring.Keys() {
				if k.State() == crypto.Primary {
					lastUse[k.ID()] = now
				}
			}
			for _, c := range changes {
				if c.To == 0 && now-lastUse[c.ID] < s.Lag+s.Life {
					t.Fatalf("%v after %d", c, now-lastUse[c.ID])
				}
			}
			if again, more, err := s.Next(next, now, fresh(1e6)); again != next || more != nil || err != nil {
				t.Fatalf("%v, and at once %q, %v", next, spelled(more), err)
			}
			if read := must(crypto.ParseKeyring(next.RevealText())); read.RevealText() != next.RevealText() {
				t.Fatal("the text is another ring")
			}
			ring = next
		}
	})
}
