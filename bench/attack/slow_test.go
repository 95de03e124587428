//go:build linux

package attack

import (
	"testing"
	"time"

	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/faulty"
)

// While a store answers late users wait for it, and not longer than the limits say; who asks for no session notices nothing.
func TestSlow(t *testing.T) { slow(t, time.Second/2) }

func TestLongSlow(t *testing.T) {
	need.Long(t)
	slow(t, 20*time.Second)
}

func slow(t *testing.T, lasts time.Duration) {
	for _, c := range []struct {
		name         string
		fault        faulty.Fault
		load, commit time.Duration
		refuses      bool
	}{
		{"each call takes 100 ms", faulty.Fault{Delay: 100 * time.Millisecond}, 30 * time.Second, 30 * time.Second, false},
		{"each call takes longer than is waited for", faulty.Fault{Delay: time.Minute}, lasts / 4, lasts / 2, true},
		{"no call ever returns", faulty.Fault{Delay: faulty.Forever}, lasts / 4, lasts / 2, true},
		{"changes are made, and no answer comes", faulty.Fault{Linger: faulty.Forever}, lasts / 4, lasts / 2, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var away faulty.Switch
			script := away.Script
			if c.fault.Linger > 0 {
				script = faulty.Only("Replace", script)
			}
			trial{
				records: faulty.New(store.NewMemory(), script), lasts: lasts, load: c.load, commit: c.commit, refuses: c.refuses,
				away: func() { away.Set(c.fault) }, back: func() { away.Set(faulty.Fault{}) },
			}.run(t)
		})
	}
}
