package walls

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

const exported = `package p

import "io"

const (
	A byte = iota
	B
	c
)

var V, w = io.EOF, 1

// T has each sort of field.
type T struct {
	Z int
	A string
	io.Reader
	hidden []byte
}

func (t T) Read2(p []byte, more ...int) (n int, err error) { return }
func (t *T) Change() {}
func (t T) quiet() {}

type Point struct{ X, Y int }

type List[E any, N ~int | ~string] []E

func (l List[E, N]) First() (e E, ok bool) { return }

type Sealed interface {
	io.Closer
	Do(x Point) Sealed
	only()
}

type Number interface{ ~int | ~float64 }

type Other = Point

func Make[T any](v T, f func(T) error) *List[T, int] { return nil }
func make2() {}
`

const printed = `package p // p

const A byte = 0
const B byte = 1
var V error
func Make[T any](v T, f func(T) error) *List[T, int]
type List[E any, N ~int | ~string] []E
	func (List) First() (e E, ok bool)
type Number interface
	~int | ~float64
type Other = Point
type Point struct // comparable
	X int
	Y int
type Sealed interface
	Close() error
	Do(x Point) Sealed
	// and methods that are not exported: only its own package implements it
type T struct
	Z int
	A string
	embedded Reader io.Reader
	// and fields that are not exported
	func (*T) Change()
	func (T) Read(p []byte) (n int, err error)
	func (T) Read2(p []byte, more ...int) (n int, err error)
`

func TestAPIPrintsWhatUsersSee(t *testing.T) {
	b, err := build()
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", exported, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := (&types.Config{Importer: b.importer}).Check("p", fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var w strings.Builder
	printPackage(&w, pkg)
	if got := w.String(); got != printed {
		t.Errorf("got:\n%s\nwant:\n%s", got, printed)
	}
}
