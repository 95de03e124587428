package satchel_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// guides are the pages whose code is a part of programs, to the letter. The programs are compiled, linted and run by tests.
var guides = map[string][]string{
	"docs/embedding.md":  {"examples/replay", "examples/eventloop"},
	"docs/leaving.md":    {"bench/leaving"},
	"docs/signing-in.md": {"examples/shop"},
	"docs/websocket.md":  {"examples/websocket"},
}

// heldElsewhere are the pages whose code another test holds to a program: one that is run as well.
var heldElsewhere = map[string]string{
	"README.md":    "TestReadmeIsAProgram",
	"docs/keys.md": "TestTheTextOnKeysShowsThisCode",
}

// No page of the repository shows Go code that no test holds to a program.
func TestNoPageShowsCodeOfItsOwn(t *testing.T) {
	pages := 0
	must(t, filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && (d.Name() == "testdata" || name != "." && d.Name()[0] == '.') {
				return filepath.SkipDir
			}
			return err
		}
		if filepath.Ext(name) != ".md" {
			return nil
		}
		pages++
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		goes, faults := fences(string(text))
		for _, fault := range faults {
			t.Errorf("%s: %s", name, fault)
		}
		page := filepath.ToSlash(name)
		if goes && guides[page] == nil && heldElsewhere[page] == "" {
			t.Errorf("%s shows Go code, and no test holds it to a program", name)
		}
		return nil
	}))
	if pages < 10 {
		t.Errorf("%d pages", pages)
	}
	tests := strings.Join(sources(t, "readme_test.go"), "") + strings.Join(sources(t, "keys_job_test.go"), "")
	for page, test := range heldElsewhere {
		if !strings.Contains(tests, "func "+test+"(") {
			t.Errorf("%s is held by %s, which is not there", page, test)
		}
	}
}

// fences reports whether a page has blocks of Go, and which blocks say badly what they are.
func fences(page string) (goes bool, faults []string) {
	open, n := false, 0
	for line := range strings.Lines(page) {
		n++
		line = strings.TrimRight(line, "\n")
		info, fence := strings.CutPrefix(strings.TrimLeft(line, " >"), "```")
		switch {
		case strings.HasPrefix(strings.TrimLeft(line, " >"), "~~~"):
			faults = append(faults, fmt.Sprintf("line %d: fences are of three backticks", n))
		case !fence:
		case open:
			open = false
		case info == "go" && line == "```go":
			open, goes = true, true
		case info == "sh" || info == "text":
			open = true
		default:
			faults = append(faults, fmt.Sprintf("line %d: a block of %q is neither go, sh nor text", n, info))
			open = true
		}
	}
	return goes, faults
}

func TestFences(t *testing.T) {
	for page, want := range map[string]string{
		"text":                           "false 0",
		"```go\nx\n```\n":                "true 0",
		"```sh\n./test\n```\n```go\n```": "true 0",
		"```\nfunc f() {}\n```\n":        "false 1",
		"```golang\nx\n```\n":            "false 1",
		"- a\n  ```go\n  x\n  ```\n":     "false 1",
		"~~~go\nx\n~~~\n":                "false 2",
	} {
		goes, faults := fences(page)
		if got := fmt.Sprint(goes, " ", len(faults)); got != want {
			t.Errorf("%q: %s, %q", page, got, faults)
		}
	}
}

func TestGuidesShowProgramsToTheLetter(t *testing.T) {
	for page, folders := range guides {
		text, err := os.ReadFile(page)
		must(t, err)
		var programs []string
		for _, folder := range folders {
			if !strings.Contains(string(text), "](../"+folder+")") {
				t.Errorf("%s does not say that its code is of %s", page, folder)
			}
			programs = append(programs, sources(t, folder)...)
		}
		for _, fault := range unlike(string(text), programs) {
			t.Errorf("%s: %s", page, fault)
		}
	}
}

// What a guide calls by a Go name is exported here, or stands in the guide's own programs.
func TestGuidesNameWhatThereIs(t *testing.T) {
	exported, err := os.ReadFile("api.txt")
	must(t, err)
	for page, folders := range guides {
		text, err := os.ReadFile(page)
		must(t, err)
		known := string(exported) + " IdleTimeout User CheckOrigin " // of libraries that the pages speak of
		for _, folder := range folders {
			known += strings.Join(sources(t, folder), "")
		}
		if all := unnamed(string(text), known); len(all) > 0 {
			t.Errorf("%s names %q, which are not there", page, all)
		}
	}
	if all := unnamed("`core.Plan`, `Conditional` and `x`", string(exported)); fmt.Sprint(all) != "[Conditional]" {
		t.Errorf("found are %q", all)
	}
}

var goName = regexp.MustCompile("`(?:\\w+\\.)*([A-Z]\\w*)`")

// unnamed returns the exported names on a page that are no words of known.
func unnamed(page, known string) (all []string) {
	for _, m := range goName.FindAllStringSubmatch(page, -1) {
		if !regexp.MustCompile(`\b` + m[1] + `\b`).MatchString(known) {
			all = append(all, m[1])
		}
	}
	return all
}

// unlike names the blocks of Go on a page that are part of no program.
func unlike(page string, programs []string) (faults []string) {
	blocks := regexp.MustCompile("(?ms)^```go\n(.*?)\n```$").FindAllStringSubmatch(page, -1)
	if len(blocks) == 0 {
		return []string{"it has no code"}
	}
	for _, block := range blocks {
		found := false
		for _, program := range programs {
			found = found || strings.Contains("\n"+program, "\n"+block[1])
		}
		if !found {
			line, _, _ := strings.Cut(block[1], "\n")
			faults = append(faults, fmt.Sprintf("no program has the code that begins with %q", line))
		}
	}
	return faults
}

// sources returns the texts of a folder's Go files, tests included.
func sources(t *testing.T, folder string) (texts []string) {
	t.Helper()
	must(t, filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".go" {
			return err
		}
		text, err := os.ReadFile(name)
		texts = append(texts, string(text))
		return err
	}))
	return texts
}

func TestAGuideThatDiffersIsFound(t *testing.T) {
	program := "package x\n\nfunc f() {\n\treturn\n}\n"
	for page, want := range map[string]int{
		"```go\nfunc f() {\n\treturn\n}\n```\n":            0,
		"```go\n\treturn\n```\n":                           0,
		"```go\nfunc f() {\n\treturn // !\n}\n```\n":       1,
		"```go\nreturn\n```\n":                             1,
		"```go\nfunc f() {\n```\ntext\n```go\nelse\n```\n": 1,
		"no code": 1,
	} {
		if got := unlike(page, []string{program}); len(got) != want {
			t.Errorf("%q: %q", page, got)
		}
	}
}
