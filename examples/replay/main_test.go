package main

import (
	"flag"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
)

var update = flag.Bool("update", false, "write the golden file")

func visit(t *testing.T) (*core.Policy, string) {
	t.Helper()
	p, err := policy()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/visit.txt")
	if err != nil {
		t.Fatal(err)
	}
	return p, string(text)
}

func TestReplay(t *testing.T) {
	p, text := visit(t)
	got, same := replay(p, text)
	if !same {
		t.Error("it does not do what was recorded")
	}
	const golden = "testdata/plans.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || got != string(want) {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	for _, secret := range []string{"ARESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8w", "milk"} {
		if !strings.Contains(text, secret) || strings.Contains(got, secret) {
			t.Errorf("%q is printed, or was never there", secret)
		}
	}
}

// What somebody changed, or what another policy decides, shows, with its place.
func TestADifferenceShows(t *testing.T) {
	p, text := visit(t)
	got, same := replay(p, strings.Replace(text, "deadline=1794001805000", "deadline=1794001805001", 1))
	if same || !strings.Contains(got, "exchange 2\n  plan: save\n") || !strings.Contains(got, "recorded otherwise, from line 11 of the exchange on") {
		t.Errorf("same %v:\n%s", same, got)
	}
	longer, err := core.Config{Kind: "basket", Place: core.ServerSide, Lifetime: core.Lifetime{Absolute: 1}}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	if got, same := replay(longer, text); same || !strings.Contains(got, "from line 2 ") {
		t.Errorf("same %v:\n%s", same, got)
	}
	if got, same := replay(p, text+"more\n"); same || !strings.Contains(got, "not a transcript: line 10") {
		t.Errorf("same %v:\n%s", same, got)
	}
	for _, none := range []string{"", "hello\n", "hello\n" + text} {
		if got, same := replay(p, none); same {
			t.Errorf("%.10q is a recording:\n%s", none, got)
		}
	}
}

// What went through an editor is the same recording.
func TestWhatWasEditedIsTheSame(t *testing.T) {
	p, text := visit(t)
	want, _ := replay(p, text)
	for name, edited := range map[string]string{
		"carriage returns": "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n"),
		"no end":           strings.TrimSuffix(text, "\n"),
		"comments":         "# of Monday\n\n" + strings.ReplaceAll(text, "\nsatchel ", "\n\n# the next\nsatchel "),
	} {
		if got, same := replay(p, edited); !same || got != want {
			t.Errorf("%s: same %v:\n%s", name, same, got)
		}
	}
}

// Whose session it is stands in a plan as well, and is not printed.
func TestNoSubjectIsPrinted(t *testing.T) {
	const line = `enrol key=00 subject="ann" epoch=1 hint="her telephone"`
	if got := withoutSecrets(line); got != "enrol key=00 epoch=1" {
		t.Errorf("%q", got)
	}
}

func TestRun(t *testing.T) {
	if err := run("testdata/visit.txt", io.Discard); err != nil {
		t.Error(err)
	}
	bad := filepath.Join(t.TempDir(), "bad")
	if err := os.WriteFile(bad, []byte("bad"), 0o600); err != nil {
		t.Fatal(err)
	}
	if run(bad, io.Discard) == nil || run(bad+"x", io.Discard) == nil {
		t.Error("no error")
	}
}

// The program embeds core, and nothing else of this repository.
func TestItUsesCoreAlone(t *testing.T) {
	for _, name := range []string{"main.go", "replay.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil || strings.Contains(path, ".") && path != "github.com/satchel-go/satchel/core" {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}
