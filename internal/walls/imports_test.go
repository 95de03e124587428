package walls

import (
	"slices"
	"strings"
	"testing"
)

const sampleTable = `
# words            rooms and modules      std
module cbor = github.com/fxamacker/cbor/v2 github.com/x448/float16
module chi  = github.com/go-chi/chi/v5
std pure    = errors strings
std pure    = slices
tests       = chi

core              : -                   : pure
codec             : cbor                : pure reflect
.                 : core codec          : any
adapters/chi      : . chi               : net/http
examples/strict/... : core              : any
examples/...      : any                 : any
examples/lax      : any                 : any
internal/x/...    : internal/x/...      : any
`

func sample(t *testing.T) *Table {
	t.Helper()
	table, err := ParseTable(sampleTable)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestImportsAreHeldToTheTable(t *testing.T) {
	table := sample(t)
	for _, c := range []struct{ file, imports, want string }{
		{"core/a.go", `"errors"; "slices"; "strings"`, ""},
		{"core/a.go", `"time"`, "room core may not import time"},
		{"core/a.go", `"github.com/satchel-go/satchel/codec"`, "room core may not import github.com/satchel-go/satchel/codec"},
		{"core/a.go", `"github.com/satchel-go/satchel"`, "room core may not import github.com/satchel-go/satchel"},
		{"core/a.go", `"github.com/fxamacker/cbor/v2"`, "room core may not import github.com/fxamacker/cbor/v2"},
		{"core/a_windows.go", `"os"`, "room core may not import os"},
		{"core/a_test.go", `"os"; "testing"; "github.com/go-chi/chi/v5"; "github.com/satchel-go/satchel/codec"`, ""},
		{"core/a_test.go", `"github.com/other/lib"`, "room core may not import github.com/other/lib"},
		{"core/a_test.go", `"unsafe"`, ""},
		{"core/a_test.go", `"plugin"`, "room core may not import plugin"},
		{"codec/a.go", `"reflect"; "github.com/fxamacker/cbor/v2"; "github.com/fxamacker/cbor/v2/sub"`, ""},
		{"codec/a.go", `"github.com/fxamacker/cbor/v22"`, "room codec may not import github.com/fxamacker/cbor/v22"},
		{"a.go", `"os"; "github.com/satchel-go/satchel/core"`, ""},
		{"a.go", `"unsafe"`, "room . may not import unsafe"},
		{"a.go", `"C"`, "room . may not import C"},
		{"a.go", `"github.com/satchel-go/satchel/examples/shop"`, "room . may not import github.com/satchel-go/satchel/examples/shop"},
		{"adapters/chi/a.go", `"net/http"; "github.com/satchel-go/satchel"; "github.com/go-chi/chi/v5/middleware"`, ""},
		{"adapters/chi/a.go", `"net/http/httptest"`, "room adapters/chi may not import net/http/httptest"},
		{"examples/shop/page/a.go", `"github.com/other/lib"; "github.com/satchel-go/satchel/codec"`, ""},
		{"examples/strict/a.go", `"github.com/satchel-go/satchel/codec"`, "room examples/strict/... may not import github.com/satchel-go/satchel/codec"},
		{"examples/strict/deep/a.go", `"github.com/satchel-go/satchel/codec"`, "room examples/strict/... may not import github.com/satchel-go/satchel/codec"},
		{"examples/stricter/a.go", `"github.com/satchel-go/satchel/codec"`, ""},
		{"internal/x/y/a.go", `"github.com/satchel-go/satchel/internal/x/z"`, ""},
		{"internal/x/y/a.go", `"github.com/satchel-go/satchel/internal/xy"`, "room internal/x/... may not import github.com/satchel-go/satchel/internal/xy"},
		{"newcomer/a.go", ``, "this folder has no row in the import table"},
		{"internal/a.go", ``, "this folder has no row in the import table"},
	} {
		src, err := Planted(c.file, "package p\nimport ("+c.imports+")\n")
		if err != nil {
			t.Fatal(err)
		}
		faults := table.Imports(src)
		switch {
		case c.want == "" && len(faults) > 0:
			t.Errorf("%s importing %s: %v", c.file, c.imports, faults)
		case c.want != "" && (len(faults) != 1 || !strings.HasPrefix(faults[0].Text, c.want)):
			t.Errorf("%s importing %s: got %v, want %s", c.file, c.imports, faults, c.want)
		}
	}
}

func TestReachIsHeldToTheTable(t *testing.T) {
	const own = "github.com/satchel-go/satchel"
	of := func(imp string, deps ...string) *Build {
		return &Build{packages: map[string]Package{imp: {ImportPath: imp, GoFiles: []string{"a.go"}, Deps: deps}}, order: []string{imp}}
	}
	table := sample(t)
	for _, c := range []struct {
		build *Build
		want  string
	}{
		{of(own+"/core", "errors", "os"), ""},
		{of(own+"/core", "github.com/x448/float16"), "links github.com/x448/float16"},
		{of(own+"/codec", "github.com/fxamacker/cbor/v2", "github.com/x448/float16"), ""},
		{of(own, own+"/codec", "github.com/x448/float16"), ""}, // through codec
		{of(own, "github.com/go-chi/chi/v5"), "links github.com/go-chi/chi/v5"},
		{of(own+"/adapters/chi", "github.com/go-chi/chi/v5", "github.com/x448/float16"), ""},
		{of(own+"/examples/shop", "github.com/other/lib"), ""},
	} {
		faults := table.Reach(c.build)
		if c.want == "" && len(faults) > 0 || c.want != "" && (len(faults) != 1 || !strings.HasPrefix(faults[0].Text, c.want)) {
			t.Errorf("%v: got %v, want %q", c.build.order, faults, c.want)
		}
	}
}

func TestTableRefusesWhatItCannotRead(t *testing.T) {
	for _, text := range []string{"core : -", "core : - : pure : more", "cbor = x", "module = x", "core : - : pure\ncore : - : any"} {
		if _, err := ParseTable(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestFaultsAreInOrderOnce(t *testing.T) {
	a, b, c := Fault{"a", 2, "x"}, Fault{"a", 10, "x"}, Fault{"b", 1, "x"}
	if got := inOrder([]Fault{c, b, a, b}); !slices.Equal(got, []Fault{a, b, c}) {
		t.Errorf("got %v", got)
	}
	if got := a.String() + " " + (Fault{File: "a", Text: "y"}).String(); got != "a:2: x a: y" {
		t.Errorf("got %q", got)
	}
}
