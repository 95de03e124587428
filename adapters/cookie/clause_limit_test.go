package cookie

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// Also fault 21 of the peers: a cookie that the browser drops without a word.
func TestItem41_SizesAreRefusedBeforeAnythingIsWritten(t *testing.T) {
	for _, config := range []Config{
		{},
		{BrowserSession: true},
		{Budget: 300},
		{Budget: 4096},
		{Budget: 1 << 20},
		{Budget: math.MaxInt},
		{Name: "__Secure-x", Domain: "shop.example", Path: "/" + strings.Repeat("p", 1000), Extensions: []string{"Priority=High"}},
	} {
		c := compiled(t, config, "cart")
		limit := c.Config().Budget
		longest := strings.Repeat("v", c.MaxValue())
		line := set(t, c, longest, math.MaxInt64)
		if len(line) > limit || len(c.Name())+len(longest) > MaxPair {
			t.Errorf("%v: MaxValue lets through a line of %d octets, a pair of %d", c, len(line), len(c.Name())+len(longest))
		}
		if len(line) != limit && len(c.Name())+len(longest) != MaxPair {
			t.Errorf("%v: MaxValue could be longer: line %d, pair %d", c, len(line), len(c.Name())+len(longest))
		}
		if len(c.Clear()) > limit {
			t.Errorf("%v: clearing takes %d octets of %d", c, len(c.Clear()), limit)
		}
		for _, maxAge := range []int64{1, MaxAgeLimit} { // a shorter lifetime makes no room
			line, err := c.Set(longest+"v", maxAge)
			tooLong, ok := errors.AsType[*SizeError](err)
			if !ok || line != "" {
				t.Fatalf("%v: wrote %d octets, error %v", c, len(line), err)
			}
			if want := (SizeError{Name: c.Name(), Size: c.MaxValue() + 1, Limit: c.MaxValue()}); *tooLong != want {
				t.Errorf("error %+v, want %+v", *tooLong, want)
			}
			if text := err.Error(); strings.Contains(text, "vv") || !strings.Contains(text, fmt.Sprint(c.MaxValue())) {
				t.Errorf("error text %.200q", text)
			}
		}
	}
	if got := compiled(t, Config{}, "cart").Config().Budget; got != 4050 {
		t.Errorf("the default budget is %d", got)
	}
	refused(t, Config{Budget: -1}, "negative")
	refused(t, Config{Budget: 50}, "too small")
	refused(t, Config{Name: strings.Repeat("n", MaxPair), Budget: 1 << 20}, "name has 4096 octets")

	least := len(compiled(t, Config{}, "cart").Clear())
	compiled(t, Config{Budget: least}, "cart")
	refused(t, Config{Budget: least - 1}, "too small")
}

func TestItem42_AttributeValuesOver1024AreRefused(t *testing.T) {
	fits, over := strings.Repeat("p", MaxAttribute), strings.Repeat("p", MaxAttribute+1)
	compiled(t, Config{Name: "x", Path: "/" + fits[1:]}, "cart")
	refused(t, Config{Name: "x", Path: "/" + fits}, "Path has 1025 octets")
	compiled(t, Config{Extensions: []string{"Key=" + fits}}, "cart")
	refused(t, Config{Extensions: []string{"Key=" + over}}, "extension 0 has 1025 octets")
	refused(t, Config{Name: "x", Domain: strings.Repeat("a.", 600) + "a"}, "not a host name") // shorter by its own grammar
}

func TestItem45_MaxAgeIsClampedAndNeverShorterThanTheSession(t *testing.T) {
	c := compiled(t, Config{}, "cart")
	for maxAge, want := range map[int64]string{
		1: "1", 1800: "1800", 34559999: "34559999", 34560000: "34560000", 34560001: "34560000", math.MaxInt64: "34560000",
	} {
		if got := attributes(set(t, c, "v", maxAge)); !slices.Contains(got, "Max-Age="+want) {
			t.Errorf("%d seconds gave %q, want Max-Age=%s", maxAge, got, want)
		}
	}
	for _, maxAge := range []int64{0, -1, math.MinInt64} {
		for _, config := range []Config{{}, {BrowserSession: true}} {
			if line, err := compiled(t, config, "cart").Set("v", maxAge); !errors.Is(err, ErrMaxAge) || line != "" {
				t.Errorf("%d seconds gave %q, %v", maxAge, line, err)
			}
		}
	}
	browserSession := compiled(t, Config{BrowserSession: true}, "cart")
	if line := set(t, browserSession, "v", 60); strings.Contains(line, "Max-Age") || strings.Contains(line, "Expires") {
		t.Errorf("a browser-session cookie with a lifetime: %q", line)
	}
	for _, test := range []struct{ until, now, want int64 }{
		{1000, 0, 1},
		{1001, 0, 2},
		{1, 0, 1},
		{999, 0, 1},
		{0, 0, 0},
		{-1, 0, 0},
		{0, 1, 0},
		{5000, 4999, 1},
		{1 << 48, 0, MaxAgeLimit},
		{math.MaxInt64, math.MinInt64, MaxAgeLimit},
		{math.MinInt64, math.MaxInt64, 0},
		{MaxAgeLimit * 1000, 0, MaxAgeLimit},
		{MaxAgeLimit*1000 - 1, 0, MaxAgeLimit},
		{MaxAgeLimit*1000 - 1000, 0, MaxAgeLimit - 1},
	} {
		if got := MaxAge(test.until, test.now); got != test.want {
			t.Errorf("MaxAge(%d, %d) = %d, want %d", test.until, test.now, got, test.want)
		}
	}
}
