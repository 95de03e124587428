package satchelgrpc_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shared says of each scenario that all adapters of HTTP play which one shows the same here, or, behind a dash, why it does not apply.
const shared = `
bad-tokens           > bad-tokens
clear                > visit visit-client sign-in
commit-fails-in-part > kinds
commit-fails         > outage
commit-first         > late
conflict             > conflict
cookie-attributes    > - metadata has no cookies
cookie-lines         > - metadata has no cookies
early-hints          > - a call has one header
end-all-in-flight    > TestEndAllInFlight
expired              > expired expired-client
fixation             > fixation
flash                > TestTakenOnce
flash-twice          > TestTakenOnce
guard                > guard principal
guard-leads          > - a call leads nowhere else
guard-tells          > TestGuardValidates
handler-fails        > errors
handlers-own-cache   > - no cache keeps the answer to a call
idle                 > TestIdlesInItsToken expired
insecure-cookie      > - metadata has no cookies
inside               > TestKindsWithinKinds
late-clear           > late late-client
logout-in-flight     > logout-in-flight
mixed-kinds          > kinds
moved                > kinds
no-body              > errors late
one-cookie           > - metadata has no cookies
one-field            > one-field
outage               > outage
panic                > errors
past-deadline        > past-deadline
read                 > use
reader-overtaken     > reader-overtaken
redirect             > - a call leads nowhere else
renew                > TestRenewal
rotate               > visit visit-client
rotated-late         > logout-in-flight
set                  > visit visit-client
sign-in              > sign-in
stream-first         > late
stream-outage        > outage
stream               > late late-client
tenant               > tenant
too-large            > too-large
two-kinds            > kinds
two-lines            > - metadata has no cookies
two-tokens           > two-tokens
untouched            > use
update               > visit visit-client
use-noted            > use
vary                 > - no cache keeps the answer to a call
`

func TestEveryScenarioOfTheOtherAdaptersIsAccountedFor(t *testing.T) {
	var tests strings.Builder
	for _, name := range []string{"grpc_test.go", "guard_test.go", "life_test.go"} {
		text, err := os.ReadFile(name)
		must(t, err)
		tests.Write(text)
	}
	said := map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(shared)) {
		words := strings.Fields(strings.Replace(line, ">", " ", 1))
		if len(words) < 2 || said[words[0]] {
			t.Fatalf("the line %q", line)
		}
		said[words[0]] = true
		if words[1] == "-" {
			if len(words) < 5 {
				t.Errorf("%s: that is no reason", words[0])
			}
			continue
		}
		for _, name := range words[1:] {
			_, err := os.Stat(filepath.Join("testdata", name+".txt"))
			if err != nil && !strings.Contains(tests.String(), "func "+name+"(t *testing.T)") {
				t.Errorf("%s: there is no %s", words[0], name)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join("..", "adaptertest", "scenarios", "*.txt"))
	must(t, err)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		if !said[name] {
			t.Errorf("of the scenario %s nothing is said", name)
		}
		delete(said, name)
	}
	if len(files) < 40 || len(said) > 0 {
		t.Errorf("of %d scenarios; these are not there: %v", len(files), said)
	}
}
