package main

import (
	"strings"
	"testing"
	"unicode"
)

// FuzzParse reads any line of a client's. What it makes of it holds nothing that moves another's cursor, is no longer than what came, is
// read again as it is, and needs its argument where it has to have one.
func FuzzParse(f *testing.F) {
	for _, line := range []string{
		"", "hello", "hello token", "say", "say  hi ", "say\thi", "join room", "nick \x1b[31mred", "me\r", "ping \u009b2J", "SAY x", "say \xff\xfe", "bye  now", "\x00say x",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		c, ok := parse(line)
		if !ok {
			return
		}
		if strings.ContainsFunc(c.rest, unicode.IsControl) || strings.TrimSpace(c.rest) != c.rest {
			t.Errorf("%q is told to others as %q", line, c.rest)
		}
		if needs, known := verbs[c.verb]; !known || needs && c.rest == "" {
			t.Errorf("%q is taken for %+v", line, c)
		}
		if again, ok := parse(c.verb + " " + c.rest); !ok || again != c {
			t.Errorf("%q is %+v, and then %+v, %v", line, c, again, ok)
		}
		if err := name(c.rest); err == nil && (len(c.rest) > 20 || strings.ContainsAny(c.rest, " \t./")) {
			t.Errorf("%q is a name", c.rest)
		}
	})
}
