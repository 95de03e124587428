package satcheltest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// transcripts are the texts of the last exchanges of a program, by the kinds that they used.
type transcripts struct {
	mu   sync.Mutex
	last map[string]string
}

func (s *transcripts) add(kind, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		s.last = map[string]string{}
	}
	s.last[kind] = text
}

func (s *transcripts) of(kind string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, ok := s.last[kind]
	return text, ok
}

// WriteTranscript writes down what the last exchange that used a kind did to its session, for [Program.Replay]. A real
// server may close an exchange after its answer has arrived, so only without sockets is the last one sure to be that of
// the last request.
//
// The file holds tokens and payloads, readable. Those of a test are nobody's; with keys or a store that others use it is as
// secret as they are. Only its owner can read it, and lines that begin with # may be added, anywhere.
func (p *Program) WriteTranscript(t testing.TB, path string, kind Kind) {
	t.Helper()
	text, ok := p.transcripts.of(kind.Name())
	if !ok {
		t.Fatalf("satcheltest: no exchange under the Config of New or Place has used the kind %q", kind.Name())
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) { // it may be a file that others can read
		t.Fatalf("satcheltest: %v", err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatalf("satcheltest: %v", err)
	}
}

// Replay does over what a transcript's file says, under the placement of its kind and the keyring of the moment, and fails
// the test at the first thing that comes out otherwise. It needs the keys under which the transcript was written, as
// [Keys] are in every run; clock, entropy and store are in the transcript.
//
// The message holds no token, so it names a line and its subject only; go test -artifacts keeps the text that came out.
func (p *Program) Replay(t testing.TB, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("satcheltest: %v", err)
	}
	_, after, _ := strings.Cut(string(text), "\n= policy kind=\"")
	kind, _, ok := strings.Cut(after, `"`)
	if !ok {
		t.Fatalf("satcheltest: %s: not a transcript: no policy", path)
	}
	got, err := p.Sessions.Replay(kind, string(text))
	if err != nil {
		t.Fatalf("satcheltest: %s: %v", path, err)
	}
	want := core.Canonical(string(text)) // somebody may have edited it
	if got == want {
		return
	}
	kept := filepath.Join(t.ArtifactDir(), filepath.Base(path))
	if err := os.WriteFile(kept, []byte(got), 0o600); err != nil {
		t.Errorf("satcheltest: %v", err)
	}
	n, was, is := firstDifference(want, got)
	t.Errorf("satcheltest: %s: line %d was %q, and now is %q or has other values; go test -artifacts keeps the whole text",
		path, n, was, is)
}

// firstDifference returns the number of the first line that differs, with what both lines are about.
func firstDifference(want, got string) (n int, was, is string) {
	a, b := strings.Split(strings.TrimSuffix(want, "\n"), "\n"), strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	subject := func(lines []string) string {
		if n >= len(lines) {
			return "the end"
		}
		return subjectOf(lines[n])
	}
	return n + 1, subject(a), subject(b)
}

// subjectOf returns the words of a transcript's line before its first field.
func subjectOf(line string) string {
	if strings.HasPrefix(line, "#") {
		return "#"
	}
	words := strings.Fields(line)
	for i, w := range words {
		if i > 0 && strings.Contains(w, "=") {
			words = words[:i]
			break
		}
	}
	return strings.Join(words, " ")
}
