package mutants

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/satchel-go/satchel/internal/walls"
)

// Rules is how many rules have a text: those of the design's section 5, that a life has its ends, and the items of the checklist.
const Rules = 14

// Folder is where the texts are, slash-separated and relative to the top of the repository.
const Folder = "testdata/mutants"

// exceptionsFile is the text of the tests that no mutant is for.
const exceptionsFile = "exceptions.txt"

// Mutant is one way to take a rule out of the code.
type Mutant struct {
	Rule  int          // its number
	Title string       // a sentence that says what is taken out
	At    string       // file:line at which it is written down
	Edits []Edit       // all of them together are the mutant
	Fails []walls.Func // the tests that must fail, each of them
}

// Edit puts other lines in the place of lines that a file has once.
type Edit struct {
	File     string // slash-separated, relative to the top
	Old, New string // whole lines
}

// Book is everything that the texts say.
type Book struct {
	Names      [Rules + 1]string // of the rules, by number, from the names of their texts
	Mutants    []Mutant
	Exceptions map[walls.Func]string // tests that no mutant is for, with their reasons
}

// Read reads the texts of the repository at top. Its error lists all that cannot be read in them.
func Read(top string) (*Book, error) {
	files, err := os.ReadDir(filepath.Join(top, filepath.FromSlash(Folder)))
	if err != nil {
		return nil, fmt.Errorf("read the mutants: %w", err)
	}
	b := &Book{Exceptions: map[walls.Func]string{}}
	var faults []error
	for _, f := range files {
		name := path.Join(Folder, f.Name())
		text, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(name)))
		if err != nil {
			return nil, fmt.Errorf("read the mutants: %w", err)
		}
		faults = append(faults, b.add(name, string(text)))
	}
	return b, errors.Join(faults...)
}

// add reads one text.
func (b *Book) add(name, text string) error {
	p := &reader{book: b, name: name}
	p.take = p.mutantLine
	base := path.Base(name)
	if base == exceptionsFile {
		p.take = p.exceptionLine
	} else {
		number, title, ok := strings.Cut(strings.TrimSuffix(base, ".txt"), "-")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < 1 || n > Rules || len(number) != 2 || b.Names[n] != "" {
			return fmt.Errorf("%s: want one text for each rule, such as 01-deletion-wins.txt, and %s", name, exceptionsFile)
		}
		p.rule, b.Names[n] = n, strings.ReplaceAll(title, "-", " ")
	}
	for line := range strings.Lines(text) {
		p.line++
		p.take(strings.TrimSuffix(line, "\n"))
	}
	return errors.Join(p.faults...)
}

// reader reads one text, line by line.
type reader struct {
	book   *Book
	name   string
	rule   int
	line   int
	take   func(line string)
	inEdit bool
	faults []error
}

func (p *reader) at() string { return p.name + ":" + strconv.Itoa(p.line) }

func (p *reader) failf(format string, args ...any) {
	p.faults = append(p.faults, fmt.Errorf("%s: "+format, append([]any{p.at()}, args...)...))
}

func (p *reader) mutantLine(line string) {
	word, rest, _ := strings.Cut(line, " ")
	if line == "" || line[0] == '#' {
		p.inEdit = false
		return
	}
	if word == "==" {
		p.inEdit = false
		p.book.Mutants = append(p.book.Mutants, Mutant{Rule: p.rule, Title: rest, At: p.at()})
		return
	}
	if n := len(p.book.Mutants); n == 0 || p.book.Mutants[n-1].Rule != p.rule {
		p.failf("%q before the first sentence", line)
		return
	}
	m := &p.book.Mutants[len(p.book.Mutants)-1]
	switch {
	case p.inEdit && strings.ContainsRune("-+ ", rune(line[0])):
		e := &m.Edits[len(m.Edits)-1]
		if line[0] != '+' {
			e.Old += line[1:] + "\n"
		}
		if line[0] != '-' {
			e.New += line[1:] + "\n"
		}
	case word == "in":
		p.inEdit = true
		m.Edits = append(m.Edits, Edit{File: rest})
	case word == "fails":
		p.inEdit = false
		room, tests, _ := strings.Cut(rest, " ")
		for test := range strings.FieldsSeq(tests) {
			m.Fails = append(m.Fails, walls.Func{Room: room, Name: test})
		}
	default:
		p.failf("%q is no part of a mutant", line)
	}
}

func (p *reader) exceptionLine(line string) {
	if line == "" || line[0] == '#' {
		return
	}
	test, reason, _ := strings.Cut(line, ": ")
	room, name, ok := strings.Cut(test, " ")
	f := walls.Func{Room: room, Name: name}
	if !ok || reason == "" || p.book.Exceptions[f] != "" {
		p.failf("want a room, a test, once, and after a colon its reason")
		return
	}
	p.book.Exceptions[f] = reason
}

// Mutated returns the files that the mutant edits, by name, as they are with the rule taken out. It is an error if the old
// lines of an edit are not found exactly once.
func (m Mutant) Mutated(top string) (map[string]string, error) {
	texts := map[string]string{}
	for _, e := range m.Edits {
		text, ok := texts[e.File]
		if !ok {
			bytes, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(e.File)))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.At, err)
			}
			text = string(bytes)
		}
		// A line break before both makes sure that whole lines are found.
		if n := strings.Count("\n"+text, "\n"+e.Old); e.Old == "" || n != 1 {
			return nil, fmt.Errorf("%s: the old lines are found %d times in %s", m.At, n, e.File)
		}
		texts[e.File] = strings.Replace("\n"+text, "\n"+e.Old, "\n"+e.New, 1)[1:]
	}
	return texts, nil
}

// Rooms returns the rooms of the tests that must fail, sorted.
func (m Mutant) Rooms() []string {
	var rooms []string
	for _, f := range m.Fails {
		rooms = append(rooms, f.Room)
	}
	slices.Sort(rooms)
	return slices.Compact(rooms)
}

// Tests returns the names of the tests of one room that must fail.
func (m Mutant) Tests(room string) []string {
	var names []string
	for _, f := range m.Fails {
		if f.Room == room {
			names = append(names, f.Name)
		}
	}
	return names
}
