// Package need is how a test asks for what a run may lack: a server's binary, hours of time, exact allocations, the race detector; and how a fuzz target asks for
// allocations in proportion.
//
// On a person's machine a test without its server is skipped, with one line that says
// what to install. Where the environment variable CI is set (and not to 0 or false) the same test fails, because there
// .ci/run has installed every server, and a skip would hide that it did not. No other test of this repository skips
// (fuzz targets and rapid, which skip an input and not a test, apart); a wall sees to it.
package need

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// TB is the part of [testing.TB] that need uses.
type TB interface {
	Helper()
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// elsewhere is where Debian, Homebrew and others keep servers that are not on a user's PATH. Of several versions the last is
// taken.
var elsewhere = [...]string{
	"/usr/sbin", "/usr/local/sbin", "/usr/libexec",
	"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin",
	"/opt/homebrew/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
}

// Binary returns the path of the first of the named programs that is installed, on the PATH or where packages put
// servers. Several names are several names of one program ("mariadbd", "mysqld"). If there is none the test is skipped, or
// in CI fails.
func Binary(tb TB, names ...string) string {
	tb.Helper()
	path, ok := find(names, elsewhere[:])
	if !ok {
		missing(tb, strings.Join(names, " or ")+" is not installed here")
	}
	return path
}

// Long skips the test unless SATCHEL_LONG is set to 1, which `./test long` does. It is for soak tests of minutes and
// hours, named TestLong…, which neither `./test` nor CI runs.
func Long(tb TB) {
	tb.Helper()
	if os.Getenv("SATCHEL_LONG") != "1" {
		tb.Skipf("takes long: run it by ./test long")
	}
}

// NoRace skips the test under the race detector, which changes how often a program allocates and makes sync.Pool
// forget at random. It is for allocation gates, named TestAlloc…: ./test and CI run those in a pass without the detector.
func NoRace(tb TB) {
	tb.Helper()
	if race {
		tb.Skipf("counts allocations, which the race detector distorts: run it without -race")
	}
}

// Detector skips the test unless the race detector is on, or in CI, where tests run under it, fails. It is for a test that asks the detector
// about others' code, and would know nothing without it.
func Detector(tb TB) {
	tb.Helper()
	switch {
	case race:
	case InCI():
		tb.Fatalf("asks the race detector, and CI must have it: run it with -race")
	default:
		tb.Skipf("asks the race detector: run it with -race")
	}
}

// Race reports whether the race detector is on. What runs in one goroutine, and in great numbers, takes ten times as long
// under it for nothing, and may do with fewer.
func Race() bool { return race }

// InCI reports whether everything that can be installed must be there.
func InCI() bool {
	return !slices.Contains([]string{"", "0", "false"}, strings.ToLower(os.Getenv("CI")))
}

func missing(tb TB, what string) {
	tb.Helper()
	if InCI() {
		tb.Fatalf("%s, and CI must have it: .ci/run installs it", what)
		return
	}
	tb.Skipf("%s: install it to run this test", what)
}

func find(names, places []string) (string, bool) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
		for _, place := range places {
			hits, _ := filepath.Glob(filepath.Join(place, name)) // the only error is a bad pattern, and they are ours
			slices.Reverse(hits)
			for _, hit := range hits {
				if path, err := exec.LookPath(hit); err == nil {
					return path, true
				}
			}
		}
	}
	return "", false
}
