package core_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// listed is a row of SPEC.md's table of lines: the names of its fields in order, and what each is.
type listed struct {
	names []string
	is    map[string]string
}

var (
	quotedName = regexp.MustCompile("`([a-z-]+)`|\\b(number|text|name|hex)s?\\b")
	field      = regexp.MustCompile(` ([a-z-]+)=("[^"]*"|[^ ]*)`)
	spelled    = map[string]*regexp.Regexp{
		"number": regexp.MustCompile(`^(0|-?[1-9]\d*)$`), "name": regexp.MustCompile(`^[a-z-]+$`),
		"hex": regexp.MustCompile(`^([0-9a-f]{2})*$`), "text": regexp.MustCompile(`^"([ !\x23-\x5b\x5d-~]|\\x[0-9a-f]{2})*"$`),
	}
)

// listedLines reads the table of section 9, and the answers that the row of "answer" names.
func listedLines(t *testing.T) (map[string]listed, []string) {
	t.Helper()
	text, err := os.ReadFile("../SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## 9. Transcripts")
	section, _, _ = strings.Cut(section, "## 10.")
	rows, statuses := map[string]listed{}, []string(nil)
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.HasPrefix(cells[1], " `") {
			continue
		}
		var means []string
		for _, m := range quotedName.FindAllStringSubmatch(cells[3], -1) {
			means = append(means, m[1])
		}
		row := listed{is: map[string]string{}}
		waiting := 0 // names before whose kind nothing was read
		for _, m := range quotedName.FindAllStringSubmatch(cells[2], -1) {
			switch {
			case m[1] == "": // "`seen`, `deadline` numbers" is of both
				for _, name := range row.names[waiting:] {
					row.is[name] = m[2]
				}
				waiting = len(row.names)
			case !slices.Contains(means, m[1]) && !slices.Contains(row.names, m[1]):
				row.names = append(row.names, m[1])
			}
		}
		word := strings.Trim(cells[1], " `")
		if rows[word] = row; word == "answer" {
			statuses = means
		}
	}
	return rows, statuses
}

// everyLine is a transcript with the lines that the kept ones lack.
func everyLine(t *testing.T) string {
	t.Helper()
	p := policyOf(t, bare)
	var all strings.Builder
	for _, a := range []core.Answer{
		{Status: core.Missing},
		{Status: core.Unasked},
		{Status: core.Garbled, Record: core.Record{Revision: 3}},
		{Status: core.Found, Record: core.Record{Revision: 1, Seen: noon, Deadline: noon + hour, Body: "a \"quote\"\n"}},
	} {
		var tr core.Transcript
		var s core.Session
		tr.Begin(&s, p, noon, core.Tokens{First: "an-id", Second: "another", Count: 2, Tenant: "x", NewID: "chosen", Stamp: "a stamp"})
		tr.Answer(&s, noon, a)
		tr.Undecodable(&s)
		tr.Reloaded(&s)
		before := s
		tr.Undone(&s, &before)
		tr.With(&s, "tea")
		tr.Rotated(&s)
		tr.SignedIn(&s, core.SignIn{Subject: "ann", Payload: "tea"})
		tr.Cleared(&s)
		tr.Taken(&s)
		tr.InEpoch(&s, 1)
		var plan core.Plan
		if err := tr.Plan(&plan, &s, core.Forget, noon, nil); err != nil {
			t.Fatal(err)
		}
		tr.Next(&s, &plan)
		all.WriteString(tr.RevealText())
	}
	return all.String()
}

// SPEC.md lists every line that a transcript is given in, with its fields in order and what they are, and no other.
func TestSpecListsTranscriptLines(t *testing.T) {
	rows, statuses := listedLines(t)
	if want := []string{"missing", "found", "garbled", "unasked"}; !slices.Equal(statuses, want) {
		t.Errorf("the answers are %q, want %q", statuses, want)
	}
	texts := []string{everyLine(t)}
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	seen := map[string]bool{}
	for line := range strings.SplitSeq(strings.Join(texts, ""), "\n") {
		if line == "" || line+"\n" == transcriptHead || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "=") {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		row, ok := rows[word]
		if !ok {
			t.Errorf("SPEC.md has no line %q", word)
			continue
		}
		seen[word] = true
		last := -1
		for _, m := range field.FindAllStringSubmatch(" "+rest, -1) {
			at := slices.Index(row.names, m[1])
			if rest == "" || at <= last {
				t.Errorf("%s: SPEC.md has no %q in this place, but %q", word, m[1], row.names)
			} else if is := spelled[row.is[m[1]]]; is == nil || !is.MatchString(m[2]) {
				t.Errorf("%s: %s is a %q in SPEC.md, and was written as %s", word, m[1], row.is[m[1]], m[2])
			}
			last = max(last, at)
			seen[word+" "+m[1]] = true
		}
	}
	for word, row := range rows {
		if !seen[word] {
			t.Errorf("SPEC.md has a line %q that nothing writes", word)
		}
		for _, name := range row.names {
			if !seen[word+" "+name] {
				t.Errorf("%s: SPEC.md has a field %q that nothing writes", word, name)
			}
		}
	}
	if len(rows) != 17 {
		t.Errorf("%d lines were read of SPEC.md", len(rows))
	}
}

const transcriptHead = "satchel transcript v1\n"
