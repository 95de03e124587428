package adaptertest

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestDocSaysWhichRuns: what the package's page says of scenarios that are for some runs alone is so.
func TestDocSaysWhichRuns(t *testing.T) {
	page, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(page), "# Which runs a scenario is for")
	text, _, ends := strings.Cut(after, "# Cases")
	if !found || !ends {
		t.Fatal("the page does not say it")
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') && r != '[' && r != ']' })
	said := map[string]string{} // the brackets that stand before a name
	in := ""
	for _, word := range words {
		if strings.HasPrefix(word, "[") {
			in = word
			continue
		}
		if said[word] == "" {
			said[word] = in
		}
	}
	all, err := scenarios(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		name := strings.TrimSuffix(s.file, ".txt")
		want := ""
		if len(s.only) > 0 {
			want = "[" + strings.Join(s.only, " ") + "]"
		}
		listed := slices.Contains(words, name) && said[name] != ""
		switch {
		case want != "" && said[name] != want:
			t.Errorf("%s is for %s, and the page says %q", name, want, said[name])
		case want == "" && listed && strings.Contains(name, "-"):
			t.Errorf("%s is for all runs, and the page says %s", name, said[name])
		}
	}
}
