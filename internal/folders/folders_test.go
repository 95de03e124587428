package folders

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// noted notes each folder that is flushed, with the names in it at that time.
type noted struct {
	of   string
	said []string
	err  error
}

func (n *noted) flush(path string) error {
	names, err := os.ReadDir(path)
	under, wrong := filepath.Rel(n.of, path)
	said := filepath.ToSlash(under) + ":"
	for _, name := range names {
		said += " " + name.Name()
	}
	n.said = append(n.said, said)
	return errors.Join(err, wrong, n.err)
}

func TestCreate(t *testing.T) {
	n := &noted{of: t.TempDir()}
	path := filepath.Join(n.of, "keys")
	if err := create(path, "mine", n.flush); err != nil {
		t.Fatal(err)
	}
	if err := create(path, "another's", n.flush); !errors.Is(err, fs.ErrExist) {
		t.Error("a file that is there:", err)
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "mine" {
		t.Errorf("%q, %v", text, err)
	}
	if stat, err := os.Stat(path); err != nil || stat.Mode().Perm() != 0o600 {
		t.Error(stat.Mode(), err)
	}
	if want := []string{".: keys", ".: keys"}; !slices.Equal(n.said, want) {
		t.Errorf("flushes %q, want %q", n.said, want)
	}
	n.err = errors.New("no")
	for _, name := range []string{"keys", "others"} { // nobody may take it for there
		if err := create(filepath.Join(n.of, name), "mine", n.flush); !errors.Is(err, n.err) {
			t.Errorf("%s, whose folder is not flushed: %v", name, err)
		}
	}
	n.said = nil
	if err := create(filepath.Join(n.of, "nowhere", "keys"), "mine", n.flush); !errors.Is(err, fs.ErrNotExist) || n.said != nil {
		t.Error("in no folder:", err, n.said)
	}
}

func TestCreateAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() { errs[i] = Create(path, string(rune('a'+i))) })
	}
	all.Wait()
	text, err := os.ReadFile(path)
	if err != nil || len(text) != 1 {
		t.Fatalf("%q, %v", text, err)
	}
	for i, err := range errs {
		if first := string(text) == string(rune('a'+i)); first != (err == nil) || !first && !errors.Is(err, fs.ErrExist) {
			t.Errorf("%d of %q: %v", i, text, err)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Error("left behind:", left, err)
	}
}

func TestMakeAll(t *testing.T) {
	n := &noted{of: t.TempDir()}
	path := filepath.Join(n.of, "a", "b", "c")
	for range 2 { // the second time there is nothing to flush
		if err := makeAll(path, 0o700, n.flush); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"a/b: c", "a: b", ".: a"}; !slices.Equal(n.said, want) {
		t.Errorf("flushes %q, want %q", n.said, want)
	}
	if stat, err := os.Stat(path); err != nil || stat.Mode().Perm() != 0o700 {
		t.Error(stat.Mode(), err)
	}
	if n.err = errors.New("no"); !errors.Is(makeAll(filepath.Join(path, "d"), 0o700, n.flush), n.err) {
		t.Error("a folder whose name is not flushed")
	}
	file := filepath.Join(n.of, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := MakeAll(filepath.Join(file, "d"), 0o700); err == nil {
		t.Error("a folder in a file")
	}
	t.Chdir(n.of)
	if err := errors.Join(MakeAll(".", 0o700), MakeAll("e/f", 0o700), MakeAll("", 0o700)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the empty path:", err)
	}
}

func TestFlush(t *testing.T) {
	path := t.TempDir()
	root, err := os.OpenRoot(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Flush(path), FlushRoot(root), root.Close()); err != nil {
		t.Error(err)
	}
	if err := Flush(filepath.Join(path, "none")); CanFlush && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := FlushRoot(root); CanFlush && err == nil {
		t.Error("a folder that is closed")
	}
}
