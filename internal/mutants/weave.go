package mutants

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Variable is the environment variable by which a program of woven code is told which mutant it is: the number that Woven
// gave it. Without it, it is the code as it is.
const Variable = "SATCHEL_MUTANT"

// Woven is code in which many mutants stand side by side, so that one build serves all of them.
type Woven struct {
	Files map[string]string // what the compiler is to see, by name; some are not there otherwise
	Alone []int             // mutants that change more than functions, and so need a build of their own
}

// Mark is the name of a file, as far as the compiler is told, from which the mutant's functions are: an error in one of them names it.
func (m Mutant) Mark() string {
	return strings.ReplaceAll(path.Base(m.At), ":", "@")
}

// Weave writes all mutants of a list into one code. Each function that any of them changes is there in all its forms, behind one of
// its name that calls the form of the mutant whose number, from 1 in the order of the list, is asked for.
func Weave(top string, all []Mutant) (*Woven, error) {
	w := &Woven{Files: map[string]string{}}
	looms := map[string]*loom{}
	for i, m := range all {
		texts, err := m.Mutated(top)
		if err != nil {
			return nil, err
		}
		changes := map[*loom][]change{}
		alone := false
		for name, text := range texts {
			l := looms[name]
			if l == nil {
				if l, err = newLoom(top, name); err != nil {
					return nil, err
				}
				looms[name] = l
			}
			found, ok, err := l.changes(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.At, err)
			}
			alone = alone || !ok
			changes[l] = found
		}
		if alone {
			w.Alone = append(w.Alone, i)
			continue
		}
		for l, found := range changes {
			for _, c := range found {
				c.number, c.mark = i+1, m.Mark()
				l.forms[c.decl] = append(l.forms[c.decl], c)
			}
		}
	}
	for name, l := range looms {
		if len(l.forms) > 0 {
			w.Files[name] = l.woven()
			w.Files[path.Join(path.Dir(name), "zz_mutant.go")] = "package " + l.file.Name.Name + selector
		}
	}
	return w, nil
}

// selector is what each package gets that has mutants.
const selector = `

import (
	"os"
	"strconv"
)

var mutant__, _ = strconv.Atoi(os.Getenv("` + Variable + `"))
`

// loom is one file with the forms of its functions.
type loom struct {
	text  string
	file  *ast.File
	forms map[int][]change // by the index of the declaration
}

// change is one form of one function.
type change struct {
	decl   int
	number int    // of the mutant
	mark   string // the mutant's
	text   string // the declaration
	name   [2]int // where its name stands in there
}

func newLoom(top, name string) (*loom, error) {
	text, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(name)))
	if err != nil {
		return nil, fmt.Errorf("read what is to be mutated: %w", err)
	}
	file, err := parse(string(text))
	return &loom{text: string(text), file: file, forms: map[int][]change{}}, err
}

func parse(text string) (*ast.File, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parse a file: %w", err)
	}
	return file, nil
}

// source returns the text of a node. Each file has a set of its own, in which positions count from 1.
func source(text string, n ast.Node) string { return text[n.Pos()-1 : n.End()-1] }

// changes returns the functions in which a mutated text is another, and whether it is the same in all else.
func (l *loom) changes(text string) (found []change, ok bool, err error) {
	file, err := parse(text)
	if err != nil || len(file.Decls) != len(l.file.Decls) {
		return nil, false, err
	}
	for i, decl := range file.Decls {
		form := source(text, decl)
		if form == source(l.text, l.file.Decls[i]) {
			continue
		}
		fn, isFunc := decl.(*ast.FuncDecl)
		was, wasFunc := l.file.Decls[i].(*ast.FuncDecl)
		if !isFunc || !wasFunc || fn.Name.Name != was.Name.Name || fn.Name.Name == "init" {
			return nil, false, nil
		}
		at := int(fn.Name.Pos() - fn.Pos())
		found = append(found, change{decl: i, text: form, name: [2]int{at, at + len(fn.Name.Name)}})
	}
	return found, true, nil
}

// woven returns the file with each changed function in all its forms.
func (l *loom) woven() string {
	text := l.text
	for _, i := range slices.Backward(slices.Sorted(maps.Keys(l.forms))) {
		fn := l.file.Decls[i].(*ast.FuncDecl)
		at := int(fn.Name.Pos() - fn.Pos())
		asItIs := change{text: source(l.text, fn), name: [2]int{at, at + len(fn.Name.Name)}}
		var b strings.Builder
		b.WriteString(l.choice(fn, l.forms[i]))
		for _, c := range append([]change{asItIs}, l.forms[i]...) {
			if c.mark != "" {
				b.WriteString("\n//line " + c.mark + ":1")
			}
			b.WriteString("\n" + c.text[:c.name[1]] + suffix(c.number) + c.text[c.name[1]:] + "\n")
		}
		text = text[:fn.Pos()-1] + b.String() + text[fn.End()-1:]
	}
	return text
}

func suffix(number int) string { return "__" + strconv.Itoa(number) }

// choice returns the function that calls the form which is asked for.
func (l *loom) choice(fn *ast.FuncDecl, forms []change) string {
	var b strings.Builder
	b.WriteString("func ")
	on, types := "", ""
	if fn.Recv != nil {
		on = "self__."
		b.WriteString("(self__ " + source(l.text, fn.Recv.List[0].Type) + ") ")
	}
	b.WriteString(fn.Name.Name)
	if fn.Type.TypeParams != nil {
		b.WriteString(source(l.text, fn.Type.TypeParams))
		var names []string
		for _, f := range fn.Type.TypeParams.List {
			for _, n := range f.Names {
				names = append(names, n.Name)
			}
		}
		types = "[" + strings.Join(names, ", ") + "]"
	}
	var params, args []string
	for _, f := range fn.Type.Params.List {
		for range max(len(f.Names), 1) {
			arg := "p" + strconv.Itoa(len(args)) + "__"
			params = append(params, arg+" "+source(l.text, f.Type))
			if _, variadic := f.Type.(*ast.Ellipsis); variadic {
				arg += "..."
			}
			args = append(args, arg)
		}
	}
	b.WriteString("(" + strings.Join(params, ", ") + ") ")
	back := ""
	if fn.Type.Results != nil {
		b.WriteString(source(l.text, fn.Type.Results) + " ")
		back = "return "
	}
	call := func(number int) string {
		return back + on + fn.Name.Name + suffix(number) + types + "(" + strings.Join(args, ", ") + ")"
	}
	b.WriteString("{\n\tswitch mutant__ {\n")
	for _, c := range forms {
		b.WriteString("\tcase " + strconv.Itoa(c.number) + ":\n\t\t" + call(c.number) + "\n")
	}
	b.WriteString("\tdefault:\n\t\t" + call(0) + "\n\t}\n}\n")
	return b.String()
}
