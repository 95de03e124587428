package ktor

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// Nothing compares what a key has made, but in constant time: of the files that make MACs and digests each has a comparison by
// crypto/hmac or crypto/subtle, and none an equality of anything but a number, a name or nil.
func TestComparesInConstantTime(t *testing.T) {
	for _, name := range []string{"authenticate.go", "encrypt.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		constant := 0
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				called := nameOf(n.Fun)
				if called == "hmac.Equal" || called == "subtle.ConstantTimeCompare" {
					constant++
				}
				for _, variable := range []string{"bytes.Equal", "bytes.Compare", "bytes.HasPrefix", "bytes.HasSuffix", "strings.EqualFold", "slices.Equal", "reflect.DeepEqual"} {
					if called == variable {
						t.Errorf("%s: %s", name, called)
					}
				}
			case *ast.BinaryExpr:
				if n.Op != token.EQL && n.Op != token.NEQ {
					return true
				}
				for _, side := range []ast.Expr{n.X, n.Y} {
					if call, ok := side.(*ast.CallExpr); ok && nameOf(call.Fun) == "string" {
						t.Errorf("%s compares texts", name)
					}
				}
			}
			return true
		})
		if constant == 0 {
			t.Errorf("%s compares nothing in constant time", name)
		}
	}
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return strings.TrimPrefix(nameOf(e.X)+"."+e.Sel.Name, ".")
	}
	return ""
}
