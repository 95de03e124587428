package cookie

import (
	"strings"
	"testing"
)

// compiled is the cookie of a kind under c, or the end of the test.
func compiled(t testing.TB, c Config, kind string) *Cookie {
	t.Helper()
	made, err := c.Compile(kind)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestAllocations(t *testing.T) {
	c := compiled(t, Config{}, "cart")
	value := strings.Repeat("v", 300)
	field := "theme=dark; __Host-cart=" + value + "; lang=en; __Host-cart=other"
	hostile := strings.Repeat("__Host-cart ;= \t;", 1<<14)
	fields := []string{field, hostile}
	lines := []string{"a=1", "b=2"}
	for _, test := range []struct {
		name string
		want float64
		work func() bool
	}{
		{"Find", 0, func() bool { _, _, n := c.Find(fields); return n == 2 }},
		{"Set", 1, func() bool { line, err := c.Set(value, MaxAgeLimit); return err == nil && line != "" }},
		{"Clear", 0, func() bool { return c.Clear() != "" }},
		{"Without, nothing to go", 0, func() bool { return len(Without(lines, "c")) == 2 }},
		{"Without, one to go", 1, func() bool { return len(append(Without(lines, "a"), "a=3")) == 2 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := testing.AllocsPerRun(100, func() {
				if !test.work() {
					t.Fatal("did not do its work")
				}
			}); got != test.want {
				t.Errorf("%v allocations, want %v", got, test.want)
			}
		})
	}
}
