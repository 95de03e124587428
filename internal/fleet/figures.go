//go:build unix

package fleet

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/internal/tree"
)

// sample is what became of a session on one node after its end elsewhere.
type sample struct {
	served time.Duration // for how long it was still served
	knew   time.Duration // after how long somebody who asked there was told that it had ended; so the load of that is in it
	pace   time.Duration // how long it was there from one asking to the next
}

func column(all []sample, of func(sample) time.Duration) (median, most time.Duration) {
	var d []time.Duration
	for _, s := range all {
		d = append(d, of(s))
	}
	slices.Sort(d)
	return d[len(d)/2], d[len(d)-1]
}

func served(s sample) time.Duration { return s.served }
func knew(s sample) time.Duration   { return s.knew }
func pace(s sample) time.Duration   { return s.pace }

// soon is what the median of all ends stays under, on each node, as long as the feed is alive.
const soon = 5 * time.Millisecond

// slack is how many askings more that may take until somebody is told, where the machine has other work: an end comes by three programs, each of
// which may have to wait as long as who asks. An asking takes half a millisecond on a machine that has time. The
// load of an asking is in its time, so that a cache which has become slow would allow itself more: mostSlack is the most that is given.
const (
	slack     = 10
	mostSlack = 50 * time.Millisecond
)

// late says what is too late about the ends of a node while the feed is alive. A run for figures gives no slack.
func late(all []sample, figures bool) error {
	most := soon
	if between, _ := column(all, pace); !figures {
		most += min(slack*between, mostSlack)
	}
	if median, _ := column(all, served); median >= soon {
		return fmt.Errorf("ended sessions were served for %v, in the median of %d", median, len(all))
	}
	if median, _ := column(all, knew); median >= most {
		return fmt.Errorf("it took %v until somebody was told of an end, in the median of %d, and at most %v are allowed", median, len(all), most)
	}
	return nil
}

// note logs what was measured, and appends it to the results of the day if the run is a long one.
func (c Config) note(t *testing.T, name, who string, all []sample) {
	t.Helper()
	cells := []any{c.Engine, name, who, len(all)}
	for _, of := range []func(sample) time.Duration{served, knew} {
		median, most := column(all, of)
		cells = append(cells, median.Round(time.Microsecond), most.Round(time.Microsecond))
	}
	line := fmt.Sprintf("%-12s %-26s %-12s %6d %14v %14v %14v %14v\n", cells...)
	t.Log(strings.TrimSpace(line))
	if !c.Long {
		return
	}
	heading := fmt.Sprintf("Three processes with a cache each over one server, by TestLongFleet; Δ is %v; %s, %s/%s, %d CPUs.\n"+
		"A session ends on one node: for how long the others still served it, and after how long somebody who asked them each half\n"+
		"millisecond was told, with the load that this takes.\n\n%-12s %-26s %-12s %6s %14s %14s %14s %14s\n",
		maxStale, time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(),
		"engine", "trouble", "node", "ends", "served, median", "at most", "told, median", "at most")
	if err := tree.Note(".", "fleet", heading, line); err != nil {
		t.Error(err)
	}
}
