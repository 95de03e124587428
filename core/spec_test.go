package core_test

import (
	"os"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// SPEC.md lists every refusal, in order.
func TestSpecListsRefusals(t *testing.T) {
	text, err := os.ReadFile("../SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## 10. Refusals")
	section, _, _ = strings.Cut(section, "## 11.")
	next := core.Malformed
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || !strings.HasPrefix(cells[1], " `") {
			continue
		}
		if got, want := strings.Trim(cells[1], " `"), next.String(); got != want {
			t.Errorf("SPEC.md has %q where the program has %q", got, want)
		}
		next++
	}
	if next != core.Ended+1 {
		t.Errorf("SPEC.md ends before %v", next)
	}
}
