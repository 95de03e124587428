package tree_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/satchel-go/satchel/internal/tree"
)

// plant writes files, each with its content, under a new folder.
func plant(t *testing.T, files map[string]string) string {
	t.Helper()
	top := t.TempDir()
	for name, text := range files {
		full := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return top
}

func TestTreeFindsModulesAndFiles(t *testing.T) {
	top := plant(t, map[string]string{
		"go.mod":                 "module " + tree.ModulePath + "\n",
		"b/go.mod":               "// note\nmodule \"example.org/b\" // why\n",
		"b/b_windows.go":         "",
		"a/a.go":                 "",
		"a/_not.go":              "",
		"a/testdata/go.mod":      "module hidden\n",
		"a/testdata/x.go":        "",
		".cache/c.go":            "",
		"web/node_modules/go.go": "",
		"a/deep/go.mod":          "module example.org/deep\n",
	})
	modules, err := tree.Modules(top)
	if err != nil {
		t.Fatal(err)
	}
	want := []tree.Module{{".", tree.ModulePath}, {"a/deep", "example.org/deep"}, {"b", "example.org/b"}}
	if !slices.Equal(modules, want) {
		t.Errorf("modules: got %v, want %v", modules, want)
	}
	files, err := tree.GoFiles(top)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a/a.go", "b/b_windows.go"}; !slices.Equal(files, want) {
		t.Errorf("files: got %v, want %v", files, want)
	}

	got, err := tree.Top(filepath.Join(top, "a", "deep"))
	if err != nil || got != top {
		t.Errorf("Top from a nested module: got %q, %v, want %q", got, err, top)
	}
}

func TestTopOfNothing(t *testing.T) {
	if got, err := tree.Top(plant(t, map[string]string{"go.mod": "module example.org/other\n"})); err == nil {
		t.Errorf("Top of another module: got %q, want an error", got)
	}
}

func TestModulesRefusesAGoModWithoutAModule(t *testing.T) {
	if got, err := tree.Modules(plant(t, map[string]string{"go.mod": "go 1.26.0\n"})); err == nil {
		t.Errorf("got %v, want an error", got)
	}
}
