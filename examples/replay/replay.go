package main

import (
	"fmt"
	"strings"

	"github.com/satchel-go/satchel/core"
)

// head begins each transcript.
const head = "satchel transcript v1\n"

// replay does every exchange of a recording over. It returns what was planned, and whether all of it is as it was recorded.
func replay(p *core.Policy, recorded string) (report string, same bool) {
	var b strings.Builder
	before, rest, found := strings.Cut(recorded, head)
	if before != "" || !found {
		return "not a recording of exchanges\n", false
	}
	same = true
	for n, steps := range strings.Split(rest, head) {
		fmt.Fprintf(&b, "exchange %d\n", n+1)
		text := head + steps
		again, err := core.Replay(p, text)
		if err != nil {
			fmt.Fprintf(&b, "  %v\n", err)
			same = false
			continue
		}
		plans(&b, again)
		if line := differs(text, again); line > 0 {
			fmt.Fprintf(&b, "  recorded otherwise, from line %d of the exchange on\n", line)
			same = false
		}
	}
	return b.String(), same
}

// plans prints the plans of a transcript: the verdict, then one line for each step.
func plans(b *strings.Builder, text string) {
	planned := false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		result, isResult := strings.CutPrefix(line, "= ")
		switch {
		case !isResult:
			var verdict string
			if _, verdict, planned = strings.Cut(line, " verdict="); planned {
				verdict, _, _ = strings.Cut(verdict, " ")
				b.WriteString("  plan: " + verdict + "\n")
			}
		case planned && !strings.HasPrefix(result, "decides "):
			b.WriteString("    " + withoutSecrets(result) + "\n")
		}
	}
}

// withoutSecrets takes out the two fields that hold any. What stands in quotes has neither a quote nor a line break inside.
func withoutSecrets(result string) string {
	for _, field := range [...]string{` body="`, ` token="`} {
		if before, after, found := strings.Cut(result, field); found {
			_, after, _ = strings.Cut(after, `"`)
			result = before + after
		}
	}
	return result
}

// differs returns the first line in which two texts differ, from 1, or 0.
func differs(a, b string) int {
	if a == b {
		return 0
	}
	as, bs := strings.SplitAfter(a, "\n"), strings.SplitAfter(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return i + 1
		}
	}
	return min(len(as), len(bs)) + 1
}
