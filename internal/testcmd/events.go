package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// count is how many tests there were, subtests, examples and seeds of fuzz targets included.
type count struct{ passed, failed, skipped int }

func (c count) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", c.passed, c.failed, c.skipped)
}

func (c count) plus(o count) count {
	return count{c.passed + o.passed, c.failed + o.failed, c.skipped + o.skipped}
}

// event is one line of go test -json.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
}

// reader follows the events of one go test, prints what a person wants to see of them (the closing line of each package,
// all about a failure, why a test was skipped), and counts.
type reader struct {
	out    io.Writer
	count  count
	output map[[2]string][]string // of what is still running, by package and test; "" is the package itself
	failed map[string]bool        // the packages of which a test failed
}

// readEvents reads to the end. Lines that are no events, such as what a linker says, are printed.
func readEvents(r io.Reader, out io.Writer) (count, error) {
	e := &reader{out: out, output: map[[2]string][]string{}, failed: map[string]bool{}}
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			e.line(line)
		}
		if err == io.EOF {
			return e.count, nil
		}
		if err != nil {
			return e.count, fmt.Errorf("read the events of go test: %w", err)
		}
	}
}

func (e *reader) line(line string) {
	var ev event
	if err := json.Unmarshal([]byte(line), &ev); err != nil || ev.Action == "" {
		fmt.Fprint(e.out, line)
		return
	}
	at := [2]string{ev.Package, ev.Test}
	switch ev.Action {
	case "build-output":
		fmt.Fprint(e.out, ev.Output)
	case "output":
		if !strings.HasPrefix(ev.Output, "=== ") {
			e.output[at] = append(e.output[at], ev.Output)
		}
	case "pass", "fail", "skip":
		if ev.Test == "" {
			e.packageEnds(ev)
		} else {
			e.testEnds(ev)
		}
		delete(e.output, at)
	}
}

func (e *reader) testEnds(ev event) {
	text := e.output[[2]string{ev.Package, ev.Test}]
	switch ev.Action {
	case "pass":
		e.count.passed++
	case "fail":
		e.count.failed++
		e.failed[ev.Package] = true
		fmt.Fprint(e.out, strings.Join(text, ""))
	case "skip":
		e.count.skipped++
		reason := slices.DeleteFunc(text, func(s string) bool { return strings.HasPrefix(strings.TrimSpace(s), "--- SKIP") })
		fmt.Fprintf(e.out, "skipped: %s: %s\n", ev.Test, strings.TrimSpace(strings.Join(reason, "")))
	}
}

// packageEnds prints the closing line that go test itself prints; of a package that failed everything that is left, such
// as a panic, or the tests that ran when the time was up. A package that fails without a failed test counts as one.
func (e *reader) packageEnds(ev event) {
	text := e.output[[2]string{ev.Package, ""}]
	if ev.Action != "fail" {
		for _, line := range text {
			if strings.HasPrefix(line, "ok  \t") {
				fmt.Fprint(e.out, line)
			}
		}
		return
	}
	if !e.failed[ev.Package] {
		e.count.failed++
	}
	for at, left := range e.output {
		if at[0] == ev.Package && at[1] != "" {
			fmt.Fprintf(e.out, "still running: %s\n%s", at[1], strings.Join(left, ""))
			delete(e.output, at)
		}
	}
	fmt.Fprint(e.out, strings.Join(text, ""))
}
