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
	all, ok := split(recorded)
	if !ok {
		return "not a recording of exchanges\n", false
	}
	same = true
	for n, text := range all {
		fmt.Fprintf(&b, "exchange %d\n", n+1)
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

// split cuts a recording into its exchanges, each in its canonical text: what an editor does to a file is no difference.
func split(recorded string) (all []string, ok bool) {
	var text strings.Builder
	for line := range strings.Lines(strings.TrimPrefix(recorded, "\ufeff")) {
		switch {
		case strings.TrimRight(line, "\r\n")+"\n" == head:
			if ok {
				all = append(all, core.Canonical(text.String()))
				text.Reset()
			}
			ok = true
		case !ok && line[0] != '#' && strings.TrimSpace(line) != "":
			return nil, false
		}
		text.WriteString(line)
	}
	return append(all, core.Canonical(text.String())), ok
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

// withoutSecrets takes out the fields that hold any: those whose values stand in quotes, with neither a quote nor a line break inside.
// The keys of this policy are hashes, and tell nothing.
func withoutSecrets(result string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(result, `"`)
		if !found {
			return b.String() + before
		}
		b.WriteString(before[:max(0, strings.LastIndex(before, " "))])
		_, result, _ = strings.Cut(after, `"`)
	}
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
