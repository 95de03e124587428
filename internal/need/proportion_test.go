package need_test

import (
	"strings"
	"testing"

	"github.com/satchel-go/satchel/internal/need"
)

var kept []byte

func TestProportion(t *testing.T) {
	for _, c := range []struct {
		size, allocates int
		want            string
	}{
		{0, 64 << 10, ""},
		{0, 200 << 10, "fail: "},
		{4 << 10, 500 << 10, ""},
		{4 << 10, 2 << 20, "fail: "},
	} {
		var o outcome
		need.Proportion(&o, c.size, func() { kept = make([]byte, c.allocates) })
		if !strings.HasPrefix(o.said, c.want) || c.want == "" && o.said != "" {
			t.Errorf("%d bytes for a text of %d: %q", c.allocates, c.size, o.said)
		}
	}
}

// What is allocated beside f once, is not f's.
func TestAtMostTriesAgain(t *testing.T) {
	var o outcome
	calls := 0
	need.AtMost(&o, 1<<10, func() {
		if calls++; calls < 3 {
			kept = make([]byte, 1<<20)
		}
	})
	if o.said != "" || calls != 3 {
		t.Errorf("after %d calls: %q", calls, o.said)
	}
}
