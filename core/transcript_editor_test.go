package core_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// A transcript that went through an editor, or through a person's hands, is the same transcript: comments and blank lines may
// stand anywhere, lines may end with CR and LF, and the last with nothing. What comes of it is canonical.
func TestReplayOfAnEditedTranscript(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		bytes, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(bytes)
		if core.Canonical(text) != text {
			t.Errorf("%s is not canonical", file)
		}
		_, after, _ := strings.Cut(text, "= policy kind=\"")
		kind, _, _ := strings.Cut(after, `"`)
		p := policyOf(t, kind)
		head, rest, _ := strings.Cut(text, "\n")
		for name, edited := range map[string]string{
			"carriage returns":      strings.ReplaceAll(text, "\n", "\r\n"),
			"a byte order mark":     "\ufeff" + text,
			"no end":                strings.TrimSuffix(text, "\n"),
			"CR and no end":         strings.TrimSuffix(strings.ReplaceAll(text, "\n", "\r\n"), "\n"),
			"blank lines":           "\n \n" + strings.ReplaceAll(text, "\n", "\n\n\t \r\n"),
			"a comment first":       "# incident\n" + text,
			"comments and blanks":   "\ufeff\r\n# incident\r\n\r\n#\r\n" + text,
			"comments everywhere":   "# a\n" + strings.ReplaceAll(text, "\n", "\n# b\n"),
			"a comment at the end":  text + "# the end",
			"a comment that has CR": head + "\n# a\rb\r\r\n" + rest,
		} {
			got, err := core.Replay(p, edited)
			if err != nil {
				t.Errorf("%s with %s: %v", file, name, err)
				continue
			}
			if got != core.Canonical(edited) {
				t.Errorf("%s with %s is replayed as\n%s\nwant\n%s", file, name, got, core.Canonical(edited))
			}
			if without(got) != without(text) || strings.Count(got, "#") != strings.Count(edited, "#") {
				t.Errorf("%s with %s says something else:\n%s", file, name, got)
			}
			if again, err := core.Replay(p, got); err != nil || again != got || core.Canonical(got) != got {
				t.Errorf("%s with %s, twice: %v\n%s", file, name, err, again)
			}
		}
		// What is done otherwise is still told.
		changed := strings.Replace(text, "\n= ", "\r\n= not ", 1)
		if got, err := core.Replay(p, changed); err != nil || got == core.Canonical(changed) {
			t.Errorf("%s: a change is not told, %v", file, err)
		}
	}
}

// without returns a text without its comments.
func without(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line[0] != '#' {
			b.WriteString(line)
		}
	}
	return b.String()
}

// The head comes first, then the comments from the top and the policy, and behind each line what came of it before what
// somebody noted.
func TestCanonical(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "",
		"\n\r\n \t\r\n":      "",
		"head":               "head\n",
		"#1\r\n\nhead\n#2\n": "head\n#1\n#2\n",
		"#1\nhead\n= p\n#2\nbegin\n= a\n#3\n= b\n\n#4\nnext\n#5\n= c": "head\n#1\n#2\n= p\nbegin\n= a\n= b\n#3\n#4\nnext\n= c\n#5\n",
	} {
		if got := core.Canonical(text); got != want || core.Canonical(got) != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// A line is named by its number in the text as it was given.
func TestReplayNamesTheLineOfAnEditedTranscript(t *testing.T) {
	p := policyOf(t, stored)
	const begin = `begin now=1 count=0 tenant="" first="" second=""`
	for text, want := range map[string]string{
		"#\n\n#\r\nsatchel transcript v1\r\n\r\n" + begin + "\r\n\r\nrotated \r\n": "core: not a transcript: line 8",
		"#\n\nsatchel transcript v2\n":                                             "core: not a transcript: line 3",
		"#\n= x\nsatchel transcript v1\n":                                          "core: not a transcript: line 2",
		"#\n":                                                                      "core: not a transcript: nothing begins",
		"satchel transcript v1\n#\n":                                               "core: not a transcript: nothing begins",
		" satchel transcript v1\n" + begin:                                         "core: not a transcript: line 1",
		"satchel transcript v1\n #\n" + begin:                                      "core: not a transcript: line 2",
		"satchel transcript v1\r\r\n\v\n" + begin:                                  "core: not a transcript: line 2",
	} {
		if got, err := core.Replay(p, text); err == nil || err.Error() != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}
