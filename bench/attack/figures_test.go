//go:build linux

package attack

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/internal/tree"
)

// notef logs what a program saw, and appends it to the results of the day if that was at full length.
func notef(t *testing.T, format string, args ...any) {
	t.Helper()
	program, what, _ := strings.Cut(t.Name(), "/")
	line := fmt.Sprintf("%-8s %-32s %s\n", strings.TrimPrefix(strings.TrimPrefix(program, "Test"), "Long"),
		strings.ReplaceAll(what, "_", " "), fmt.Sprintf(format, args...))
	t.Log(strings.TrimSpace(line))
	if !strings.HasPrefix(program, "TestLong") || t.Failed() || need.Race() {
		return
	}
	heading := fmt.Sprintf("Under attack and fault, by bench/attack/run; %s, %s, %s/%s, %d CPUs.\nDurations are those of this machine, with whatever else it did.\n\n",
		time.Now().UTC().Format(time.DateOnly), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if err := tree.Note(".", "attack", heading, line); err != nil {
		t.Fatal(err)
	}
}

// times are durations that many measured.
type times []time.Duration

// at returns the duration that a share of them had at most.
func (d times) at(share float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(int(float64(len(d))*share), len(d)-1)].Round(10 * time.Microsecond)
}

func (d times) String() string {
	return fmt.Sprintf("median %v, 99%% %v, longest %v", d.at(0.5), d.at(0.99), d.at(1))
}

func seconds(since time.Time) time.Duration { return time.Since(since).Round(100 * time.Millisecond) }
