//go:build unix

package fleet

import (
	"testing"
	"time"
)

// What is too late is found out, in a short run too; and a machine with other work is no reason, unless the figures are asked for.
func TestLate(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		sample
		figures, late bool
	}{
		"at once":                            {sample{0, ms, ms / 2}, true, false},
		"served for too long":                {sample{5 * ms, 5 * ms, ms / 2}, false, true},
		"told too late":                      {sample{0, 11 * ms, ms / 2}, false, true},
		"told late, where asking takes long": {sample{0, 11 * ms, 4 * ms}, false, false},
		"and so in a run for figures":        {sample{0, 11 * ms, 4 * ms}, true, true},
		"told late, by a cache that is slow": {sample{0, 60 * ms, 20 * ms}, false, true},
		"told in a tenth of a second":        {sample{0, 100 * ms, 4 * ms}, false, true},
	} {
		all := []sample{{0, 0, c.pace}, c.sample, {time.Second, time.Second, c.pace}} // one at once and one very late, which the median passes over
		if err := late(all, c.figures); (err != nil) != c.late {
			t.Errorf("%s: %v", name, err)
		}
	}
}
