package cookie

import (
	"slices"
	"strings"
	"testing"
)

// valuesOf is the slow and obvious Find: all values of a name.
func valuesOf(fields []string, name string) (values []string) {
	for _, field := range fields {
		for pair := range strings.SplitSeq(field, ";") {
			before, after, named := strings.Cut(pair, "=")
			if named && strings.Trim(before, " \t") == name {
				values = append(values, strings.Trim(after, " \t"))
			}
		}
	}
	return values
}

func FuzzFind(f *testing.F) {
	for _, seed := range []string{
		"", "a=1", "__Host-c=A", "a=1; __Host-c=A", "__Host-c=A; __Host-c=B\n__Host-c=C", "__Host-c =\tA ;__Host-c",
		"__Host-c", "=__Host-c=A",
		`$Version=1; a="1; __Host-c=A"; __Host-c="B"`, "\u2000__Host-c=A", "__host-c=A;;;=;", "__Host-c==A=",
		"__Host-cc=A; __Host-c=",
		strings.Repeat("__Host-c ;", 50) + "\n" + strings.Repeat(" ", 50) + "=",
	} {
		f.Add(seed)
	}
	c := compiled(f, Config{}, "c")
	f.Fuzz(func(t *testing.T, text string) {
		fields := strings.Split(text, "\n") // no field holds a newline
		want := append(valuesOf(fields, "__Host-c"), "", "")
		first, second, count := c.Find(fields)
		if first != want[0] || second != want[1] || count != len(want)-2 {
			t.Errorf("%q: %q, %q, %d; want %q", fields, first, second, count, want)
		}
	})
}

func FuzzWithout(f *testing.F) {
	for _, seed := range []string{"", "c=1", "a=1\nc=2; Path=/\nb=3", "c=1\nc=2", " c =1", "C=1\nc", "a=c=1; c=2\n\nc=;", "c\t=\n\tc=\nb=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		before := slices.Clone(lines)
		want := slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
			pair, _, _ := strings.Cut(line, ";")
			return len(valuesOf([]string{pair}, "c")) != 0
		})
		got := Without(lines, "c")
		if !slices.Equal(got, want) {
			t.Errorf("%q left %q, want %q", before, got, want)
		}
		if !slices.Equal(lines, before) {
			t.Errorf("%q was changed to %q", before, lines)
		}
	})
}

// Whatever compiles and is set, a browser stores, net/http reads as it was meant, and Find reads back.
func FuzzSet(f *testing.F) {
	f.Add("", "", "", "", "dG9rZW4", int64(60), uint8(0), 0)
	f.Add("__Secure-x", "shop.example", "/shop", "Priority=High", "", int64(1), uint8(0), 4096)
	f.Add("plain", "", "/a b", "$x-enc=RAW", "a=b", int64(1<<62), uint8(0b0_0001), 0)
	f.Add("__Host-Http-x", "", "/", "K=", strings.Repeat("v", 3999), int64(-1), uint8(0b0_1100), 5000)
	f.Add("__http-x", ".x", "shop", "secure", "\x00;\"", int64(0), uint8(0b1_1111), -1)
	f.Add("x", "Sub.LocalHost", "/\t", " K", "v", int64(5), uint8(0b11_0011), 120)
	f.Fuzz(func(t *testing.T, name, domain, path, extension, value string, maxAge int64, bits uint8, budget int) {
		config := Config{
			Name: name, Domain: domain, Path: path, InsecureLoopback: bits&1 != 0, ScriptReadable: bits&2 != 0, Partitioned: bits&4 != 0,
			BrowserSession: bits&8 != 0, SameSite: SameSite(bits >> 4 & 3), Budget: budget,
		}
		if extension != "" {
			config.Extensions = []string{extension}
		}
		c, err := config.Compile("kind")
		if err != nil {
			return
		}
		line, err := c.Set(value, maxAge)
		if err != nil {
			if line != "" || len(value) <= c.MaxValue() && maxAge > 0 && all(value, isCookie) {
				t.Fatalf("%v, value %q: %q and %v", c, value, line, err)
			}
			return
		}
		if len(line) > c.Config().Budget || len(c.Clear()) > c.Config().Budget {
			t.Errorf("%v: a line of %d, a clearing of %d", c, len(line), len(c.Clear()))
		}
		seconds := int(min(maxAge, MaxAgeLimit))
		if config.BrowserSession {
			seconds = 0
		}
		agree(t, c, line, value, seconds)
		agree(t, c, c.Clear(), "", -1)
		var b browser
		if !b.receive(config.origin(), line) {
			t.Errorf("a browser drops %q", line)
		}
		if got, _, count := c.Find([]string{b.field()}); got != value || count != 1 {
			t.Errorf("%q came back as %q, %d times", value, got, count)
		}
		if b.receive(config.origin(), c.Clear()); b.field() != "" {
			t.Errorf("%q left %q", c.Clear(), b.field())
		}
	})
}
