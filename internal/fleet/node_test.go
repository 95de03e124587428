//go:build unix

package fleet

import (
	"bytes"
	"strings"
	"testing"
)

// A node that was not started says so, whatever it is told, and ends with its orders.
func TestNodeBeforeItsStart(t *testing.T) {
	for _, orders := range []string{"", `{"Do":"stats"}`, `{"Do":"watch","Key":"k"}`, `{"Do":"ready"}`, `{"Do":"lose","Count":1}`} {
		var answers bytes.Buffer
		if err := serve(strings.NewReader(orders), &answers, "", nil); err != nil {
			t.Error(orders, err)
		}
		if orders != "" && !strings.Contains(answers.String(), errNotStarted.Error()) {
			t.Errorf("%s: %s", orders, answers.String())
		}
	}
	if err := serve(strings.NewReader("start"), &bytes.Buffer{}, "", nil); err == nil {
		t.Error("what is no order is obeyed")
	}
}
