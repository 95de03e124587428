package core

import (
	"errors"
	"fmt"
	"iter"
	"strings"
)

var (
	errTranscript = errors.New("core: not a transcript")
	errGrowth     = errors.New("core: the transcript's replay is far longer than itself")
)

// Replay does over what a transcript says under p, whose keyring must hold the same keys, and returns the transcript of
// that: what [Canonical] gives of the same text if and only if p does the same. Lines that begin with "=" say what came of
// it and are not read; those that begin with "#" are comments and are kept. Blank lines, and the CR that an editor puts
// before a line's end, are not. An error names the line that is no transcript's; it quotes nothing.
func Replay(p *Policy, text string) (string, error) {
	var (
		r    replay
		n    int
		head bool
	)
	for line := range transcriptLines(text) {
		n++
		switch {
		case line == "":
			continue
		case line[0] == '#':
			r.comment(line)
		case !head:
			if head = line+"\n" == transcriptHead; !head {
				return "", fmt.Errorf("%w: line %d", errTranscript, n)
			}
		case line[0] == '=':
			continue
		case !r.step(p, line):
			return "", fmt.Errorf("%w: line %d", errTranscript, n)
		}
		if len(r.t.lines) > 4*len(text)+4096 {
			return "", errGrowth
		}
	}
	if !r.begun {
		return "", fmt.Errorf("%w: nothing begins", errTranscript)
	}
	return r.t.RevealText(), nil
}

// Canonical returns the one spelling of a transcript that somebody may have edited: each line ends with LF alone, none is blank,
// and comments stand behind what came of the line that they follow, those from the top behind the first line. Of any other
// text it returns some text.
func Canonical(text string) string {
	var out, said, comments strings.Builder
	lines := 0 // those that are given, the first included
	flush := func() {
		parts := [...]string{said.String(), comments.String()}
		if lines == 1 { // the policy is said before anything is given, and below the comments
			parts[0], parts[1] = parts[1], parts[0]
		}
		out.WriteString(parts[0] + parts[1])
		said.Reset()
		comments.Reset()
	}
	for line := range transcriptLines(text) {
		switch {
		case line == "":
		case line[0] == '#':
			comments.WriteString(line + "\n")
		case line[0] == '=':
			said.WriteString(line + "\n")
		default:
			if lines > 0 {
				flush()
			}
			lines++
			out.WriteString(line + "\n")
		}
	}
	flush()
	return out.String()
}

// transcriptLines gives the lines of a text without their ends, and blank ones as empty.
func transcriptLines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
			line = strings.TrimRight(line, "\r\n")
			if strings.Trim(line, " \t") == "" {
				line = ""
			}
			if !yield(line) {
				return
			}
		}
	}
}
