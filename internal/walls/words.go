package walls

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// maxLines is how long a Go file may be before its reason must be listed.
const maxLines = 350

// forbidden are the words that no committed text holds. They are put together here, so that this file holds none.
var forbidden = []struct {
	what    string
	pattern *regexp.Regexp
}{
	{"a path of one machine", regexp.MustCompile(
		`(?:^|[^\w.~-])/(?:root|work|home/\w+|Users/\w+)/|[A-Z]:\\+Users\\`)},
	{"the host of a package registry", regexp.MustCompile(`(?:` + strings.Join([]string{
		`proxy\.golang\.`, `sum\.golang\.`, `registry\.npmjs\.`, `registry\.yarnpkg\.`, `repo1?\.maven\.`, `repo\.maven\.apache\.`,
		`deb\.debian\.`, `files\.pythonhosted\.`, `static\.crates\.`,
	}, "|") + `)(?:org|com|io)\b`)},
	{"work left for later", regexp.MustCompile(`(?:^|[^\w.])(?:` + strings.Join([]string{
		"TO" + "DO", "FIX" + "ME", "XX" + "X",
	}, "|") + `)\b|\b(?i:not imple` + `mented|unimple` + `mented)\b`)},
}

// Words looks through every text file under top for what may not be committed: paths of a machine, hosts of registries, work left for
// later. It passes over what git does not keep and over fuzz corpora, which hold anything.
func Words(top string) ([]Fault, error) {
	var faults []Fault
	err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if slices.Contains([]string{".git", ".cache", "node_modules"}, d.Name()) || strings.HasSuffix(rel, "testdata/fuzz") {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		faults = append(faults, wordsIn(rel, text)...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the repository's texts: %w", err)
	}
	return inOrder(faults), nil
}

// wordsIn looks through one file; one with a zero byte is no text.
func wordsIn(name string, text []byte) []Fault {
	if bytes.IndexByte(text, 0) >= 0 {
		return nil
	}
	var faults []Fault
	for i, line := range strings.Split(string(text), "\n") {
		for _, f := range forbidden {
			if hit := f.pattern.FindString(line); hit != "" {
				faults = append(faults, Fault{File: name, Line: i + 1, Text: fmt.Sprintf("%s: %q", f.what, strings.TrimSpace(hit))})
			}
		}
	}
	return faults
}

// Sizes refuses long files, but for those with a listed reason, and a reason that is no longer needed.
func Sizes(src *Source, reasons map[string]string) []Fault {
	var faults []Fault
	long := map[string]bool{}
	for _, f := range src.Files {
		if f.Lines <= maxLines {
			continue
		}
		long[f.Name] = true
		if reasons[f.Name] == "" {
			faults = append(faults, Fault{File: f.Name, Text: fmt.Sprintf(
				"%d lines: is it still one idea? Split it, or list its reason (at most %d without)", f.Lines, maxLines)})
		}
	}
	for name := range reasons {
		if !long[name] {
			faults = append(faults, Fault{File: name, Text: "is listed as long and is not; take it off the list"})
		}
	}
	return inOrder(faults)
}
