package walls

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/satchel-go/satchel/internal/tree"
)

// Source is every Go file of the repository, of all its modules and for all systems, parsed once and shared by the checks.
type Source struct {
	Top   string
	Fset  *token.FileSet
	Files []File
}

// File is one parsed Go file.
type File struct {
	Name   string // slash-separated, relative to the top
	Room   string // its folder; "." for the root package
	Test   bool   // a _test.go file
	Lines  int
	Syntax *ast.File
}

// ReadSource parses the repository at top. Positions name files relative to it.
func ReadSource(top string) (*Source, error) {
	names, err := tree.GoFiles(top)
	if err != nil {
		return nil, fmt.Errorf("read the source: %w", err)
	}
	src := &Source{Top: top, Fset: token.NewFileSet()}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(name)))
		if err != nil {
			return nil, fmt.Errorf("read the source: %w", err)
		}
		f, err := src.parse(name, string(text))
		if err != nil {
			return nil, err
		}
		src.Files = append(src.Files, f)
	}
	return src, nil
}

// parse parses one file under the name that its faults shall have.
func (s *Source) parse(name, text string) (File, error) {
	syntax, err := parser.ParseFile(s.Fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return File{}, fmt.Errorf("read the source: %w", err)
	}
	return File{
		Name: name, Room: path.Dir(name), Test: strings.HasSuffix(name, "_test.go"),
		Lines: strings.Count(text, "\n"), Syntax: syntax,
	}, nil
}

// Planted returns a source of one file, for planted faults and experiments.
func Planted(name, text string) (*Source, error) {
	s := &Source{Fset: token.NewFileSet()}
	f, err := s.parse(name, text)
	s.Files = []File{f}
	return s, err
}

func (s *Source) position(n ast.Node) token.Position { return s.Fset.Position(n.Pos()) }
