package adaptertest

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/faults.txt anew, for a reader to look at its diff")

// required are the faults of other libraries that each adapter must be shown not to have, by their numbers.
var required = map[int]string{
	3:  "of two writers the last one wins",
	4:  "a record is saved after its deadline, and lives for ever",
	5:  "an ID that the client has chosen is taken on",
	6:  "a bad cookie, or a record that cannot be read, is a 500",
	7:  "a session outlives its logout",
	8:  "headers leave without the cookie; a failed commit is answered, and then the page follows",
	9:  "a session that is pooled shows another's; two middlewares in one request do not work",
	10: "a request that touches nothing writes",
	14: "a lifetime binds the browser alone",
	15: "a store that is down logs everybody out, or drops changes in silence",
	20: "a cookie is cleared with other attributes than it was set with, and stays",
	21: "a cookie is too large, and the browser drops it in silence",
	22: "the client hangs up, and the session is half saved",
	25: "a logout after the header has gone does nothing, in silence",
}

// adapters are the tests that hold an adapter to the kit, from this folder. Each runs everything that there is.
var adapters = []string{"../nethttp/adapter_test.go", "../chi/adapter_test.go", "../fiber/adapter_test.go"}

// TestFaults: each fault is shown to be absent, through each adapter, by the scenarios and cases that testdata/faults.txt lists.
func TestFaults(t *testing.T) {
	all, err := scenarios(nil)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[int][]string{}
	for _, s := range all {
		for _, n := range s.faults {
			shown[n] = append(shown[n], strings.TrimSuffix(s.file, ".txt"))
		}
	}
	for _, c := range cases {
		for _, n := range c.faults {
			shown[n] = append(shown[n], c.name)
		}
	}
	var b strings.Builder
	for _, n := range slices.Sorted(maps.Keys(shown)) {
		fmt.Fprintf(&b, "fault %d: %s\n    shown to be absent by %s\n", n, required[n], strings.Join(shown[n], ", "))
		if required[n] == "" {
			t.Errorf("fault %d has no sentence", n)
		}
	}
	for n := range required {
		if len(shown[n]) == 0 {
			t.Errorf("nothing shows that fault %d is absent", n)
		}
	}
	for _, file := range adapters {
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), "func TestAdapter(") || !strings.Contains(string(text), "adaptertest.Run(t, ") {
			t.Errorf("%s does not run the kit: %v", file, err)
		}
		fmt.Fprintf(&b, "through %s by HTTP/1.1%s\n", file, claims(string(text)))
	}
	const file = "testdata/faults.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || string(want) != b.String() {
		t.Errorf("%s is another text, %v; if that is meant: go test ./adapters/adaptertest -update\n%s", file, err, b.String())
	}
}

// claims says what the text of an adapter's test says of its framework.
func claims(text string) string {
	all := ""
	for _, c := range []struct{ field, says string }{
		{"HTTP2", "\n    by HTTP/2 as well"},
		{"Upgrades", "\n    connections are handed over, so upgrade and upgrade-fails run"},
		{"Deaf", "\n    but a client that hangs up is not noticed: nothing is half saved, and a rotation leaves it with a dead token (fault 22)"},
	} {
		if strings.Contains(text, c.field+": true") {
			all += c.says
		}
	}
	return all
}
