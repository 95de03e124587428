package ktor

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/internal/need"
)

// oracle is Ktor's parser as Ktor writes it, with Java's \s spelled out.
var oracle = regexp.MustCompile(`(^|;)[ \t\n\v\f\r]*([^;={} \t\n\v\f\r]+)[ \t\n\v\f\r]*(=[ \t\n\v\f\r]*("[^"]*"|[^;]*))?`)

func byOracle(field string) []string {
	var all []string
	for _, m := range oracle.FindAllStringSubmatch(field, -1) {
		name, value := m[2], m[4]
		if strings.HasPrefix(name, "$") {
			continue
		}
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		all = append(all, name+"="+value)
	}
	return all
}

func byPairs(field string) []string {
	var all []string
	pairs(field, func(name, value string) bool {
		all = append(all, name+"="+value)
		return true
	})
	return all
}

func TestK14CookieHeader(t *testing.T) {
	for field, want := range map[string]string{
		"$Version=1; SESSION=456; $Path=/; HOST=def": "SESSION=456 HOST=def",
		"SESSION=456;$Path=/; HOST=def":              "SESSION=456 HOST=def",
		"x=3; x=1; x=2":                              "x=3 x=1 x=2",
		"SESSION=1+2":                                "SESSION=1+2",
		"SESSION=abc; Max-Age=604800; Expires=Mon, 30 Nov 2026 12:00:00 GMT; Path=/; HttpOnly; $x-enc=URI_ENCODING": "SESSION=abc " +
			"Max-Age=604800 Expires=Mon, 30 Nov 2026 12:00:00 GMT Path=/ HttpOnly=",
		`a="x;y"z; b=1`: "a=x;y b=1", `a="x; b=1`: `a="x b=1`, "a{b=1; c=2": "a= c=2", "=1; a=2": "a=2", ";;a=1": "a=1", "": "", "  a = 1 ; b": "a=1  b=",
		`a=" x "`: "a= x ", `a="`: `a="`, "a b=1;c=2": "a= c=2",
	} {
		if got := strings.Join(byPairs(field), " "); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
		if got := strings.Join(byOracle(field), " "); got != want {
			t.Errorf("the oracle reads %s as %q, want %q", field, got, want)
		}
	}
	if got, _, count := (spelling{name: "SESSION"}).Find([]string{"SESSION=1+2"}); got != "1 2" || count != 1 {
		t.Error(got, count)
	}
}

func TestPairsAreKtors(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		field := rapid.StringMatching(`([ab${}="; \t\v,x]|; |a=){0,30}`).Draw(rt, "field")
		if got, want := byPairs(field), byOracle(field); !slices.Equal(got, want) {
			rt.Fatalf("%q: %q, want %q", field, got, want)
		}
	})
}

// Two cookies of one name are both looked at, wherever they stand; a third is counted.
func TestFindSeveral(t *testing.T) {
	d := spelling{name: "S"}
	for _, c := range []struct {
		fields        []string
		first, second string
		count         int
	}{
		{nil, "", "", 0},
		{[]string{"s=1; SS=2; S1=3"}, "", "", 0},
		{[]string{"S=a%2Fb; x=1; S=c"}, "a/b", "c", 2},
		{[]string{"S=a", "y=2; S=c"}, "a", "c", 2},
		{[]string{"S=a; S=b; S=c; S=d"}, "a", "b", 3},
		{[]string{"S=%zz"}, "", "", 1},
		{[]string{"S=%zz; S=b"}, "", "b", 2},
		{[]string{"S"}, "", "", 1},
	} {
		if first, second, count := d.Find(c.fields); first != c.first || second != c.second || count != c.count {
			t.Errorf("%q: %q, %q, %d", c.fields, first, second, count)
		}
	}
}

func FuzzCookieHeader(f *testing.F) {
	for _, seed := range []string{"$Version=1; SESSION=456; $Path=/; HOST=def", `a="x;y"z; b=1`, "S=%zz; S=b", ";;=\v{}", "a", ""} {
		f.Add(seed)
	}
	d := spelling{name: "S"}
	f.Fuzz(func(t *testing.T, field string) {
		if got, want := byPairs(field), byOracle(field); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		var first, second string
		need.Proportion(t, 2*len(field), func() { first, second, _ = d.Find([]string{field, field}) })
		if len(first) > 3*len(field) || len(second) > 3*len(field) {
			t.Error("grows")
		}
	})
}
