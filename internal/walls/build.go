package walls

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
)

// Package is what the go command says about one package.
type Package struct {
	ImportPath string
	Name       string
	Dir        string
	Export     string   // a file with its types
	GoFiles    []string // without tests, for this system
	Deps       []string // everything that it links, import paths
	Standard   bool
	Error      *struct{ Err string }
}

// Build is the root module as the go command sees it, with the types of all that it links.
type Build struct {
	packages map[string]Package
	order    []string
	fset     *token.FileSet
	importer types.Importer
}

// known are the packages of the standard library that the purity check knows by name, beyond those that are impure as a
// whole.
var known = []string{
	"bytes", "crypto/cipher", "encoding/base32", "encoding/base64", "errors", "flag", "fmt", "iter", "log/slog", "maps", "reflect",
	"regexp", "slices", "strings", "sync", "time",
}

// LoadBuild asks the go command about the module at top. It compiles what is not in the build cache.
func LoadBuild(ctx context.Context, top string) (*Build, error) {
	args := slices.Concat([]string{
		"list", "-export", "-deps", "-e",
		"-json=ImportPath,Name,Dir,Export,GoFiles,Deps,Standard,Error", "./...",
	}, known, slices.Sorted(maps.Keys(impurePackages)))
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = top
	cmd.Env = append(os.Environ(), "GOWORK=off") // the root module by itself, as its users get it
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	b := &Build{packages: map[string]Package{}, fset: token.NewFileSet()}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p Package
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		b.packages[p.ImportPath] = p
		b.order = append(b.order, p.ImportPath)
	}
	b.importer = importer.ForCompiler(b.fset, "gc", b.open)
	return b, nil
}

// open gives the compiler's importer the types of one package.
func (b *Build) open(imp string) (io.ReadCloser, error) {
	p, ok := b.packages[imp]
	if !ok || p.Export == "" {
		return nil, fmt.Errorf("no types of %s: does it compile?", imp)
	}
	f, err := os.Open(p.Export)
	if err != nil {
		return nil, fmt.Errorf("types of %s: %w", imp, err)
	}
	return f, nil
}

// Own returns the packages of the root module that have more than tests, dependencies first.
func (b *Build) Own() []Package {
	var own []Package
	for _, imp := range b.order {
		if _, ok := ownRoom(imp); ok && len(b.packages[imp].GoFiles) > 0 {
			own = append(own, b.packages[imp])
		}
	}
	return own
}
