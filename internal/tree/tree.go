// Package tree knows the repository's layout: where its top is, which modules it holds and which Go files. The walls and
// the test command share it, so that both see a new folder or module without being told.
//
// It reads folders, never git: a source archive without a history is tested like a clone.
package tree

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// ModulePath is the path of the root module, by which its folder is recognised.
const ModulePath = "github.com/satchel-go/satchel"

// Module is one go.mod of the repository.
type Module struct {
	Dir  string // its folder, slash-separated and relative to the top; "." is the root module
	Path string // its module path
}

var errNoTop = errors.New("no folder above holds the go.mod of " + ModulePath)

// Top returns the folder of the root module: dir or the nearest one above it.
func Top(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the top of the repository: %w", err)
	}
	for {
		if p, err := modulePath(filepath.Join(dir, "go.mod")); err == nil && p == ModulePath {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errNoTop
		}
		dir = up
	}
}

// Modules returns every module at or under top, the root module first, then by folder.
func Modules(top string) ([]Module, error) {
	var all []Module
	err := walk(top, func(rel string) error {
		if path.Base(rel) != "go.mod" {
			return nil
		}
		p, err := modulePath(filepath.Join(top, filepath.FromSlash(rel)))
		if err != nil {
			return err
		}
		all = append(all, Module{Dir: path.Dir(rel), Path: p})
		return nil
	})
	slices.SortFunc(all, func(a, b Module) int {
		if (a.Dir == ".") != (b.Dir == ".") {
			if a.Dir == "." {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Dir, b.Dir)
	})
	return all, err
}

// GoFiles returns every Go file at or under top that the go command could build, of all modules and for all systems,
// sorted, slash-separated and relative to top.
func GoFiles(top string) ([]string, error) {
	var all []string
	err := walk(top, func(rel string) error {
		base := path.Base(rel)
		if strings.HasSuffix(base, ".go") && !strings.HasPrefix(base, "_") && !strings.HasPrefix(base, ".") {
			all = append(all, rel)
		}
		return nil
	})
	slices.Sort(all)
	return all, err
}

// walk calls visit for each file in the folders that the go command looks into.
func walk(top string, visit func(rel string) error) error {
	err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != top && ignored(d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(top, name)
		if err != nil {
			return err
		}
		return visit(filepath.ToSlash(rel))
	})
	if err != nil {
		return fmt.Errorf("walk the repository: %w", err)
	}
	return nil
}

// ignored names the folders that hold no packages: the go command's own rule, and what npm installs.
func ignored(dir string) bool {
	return dir == "testdata" || dir == "vendor" || dir == "node_modules" ||
		strings.HasPrefix(dir, ".") || strings.HasPrefix(dir, "_")
}

// modulePath reads the module line of a go.mod.
func modulePath(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("read a go.mod: %w", err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if p, ok := strings.CutPrefix(strings.TrimSpace(s.Text()), "module "); ok {
			p, _, _ = strings.Cut(p, "//")
			return strings.Trim(strings.TrimSpace(p), `"`), nil
		}
	}
	return "", fmt.Errorf("%s has no module line", name)
}
