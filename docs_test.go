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
	"docs/embedding.md": {"examples/replay", "examples/eventloop"},
	"docs/websocket.md": {"examples/websocket"},
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
