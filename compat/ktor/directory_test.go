package ktor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
	"pgregory.net/rapid"
)

func open(t testing.TB) (*Directory, string) {
	t.Helper()
	dir := t.TempDir()
	d, err := OpenDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d, dir
}

// tree lists what is below a directory.
func tree(t testing.TB, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if path != dir {
			all = append(all, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// IDs of all lengths that Ktor has had, and those of section 1.7.
func TestRecordPath(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	pieces := func(n int) string {
		var all []string
		for i := 0; i < n; i += 2 {
			all = append(all, id[i:i+2])
		}
		return strings.Join(all, "/") + ".dat"
	}
	for id, want := range map[string]string{
		"a": "a.dat", "id1": "id/1.dat", "abcd": "ab/cd.dat", id[:16]: pieces(16), id[:32]: pieces(32), id: pieces(64),
		".": "..dat", "a.": "a..dat", "ab.": "ab/..dat", ":*|": ":*/|.dat", "a\nb\"": "a\n/b\".dat", "é☃x": "é☃/x.dat", "😀": "😀.dat", "ab😀c": "ab/😀/c.dat",
		"": "", "..": "", "a..b": "", "a/b": "", `a\b`: "", "a!": "", "a?": "", "a>": "", "a<": "", "a\x00": "", "a😀": "", "\xff": "", "\xed\xa0\xbd\xed\xb8\x80": "",
	} {
		if got, ok := recordPath(id); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v, want %q", id, got, ok, want)
		}
	}
}

// No two IDs have one file, no file is where another needs a directory, and none is outside.
func TestRecordPathsAreApart(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		some := rapid.StringMatching(`[a.d☃😀]{0,9}`)
		one, two := some.Draw(rt, "one"), some.Draw(rt, "two")
		a, good := recordPath(one)
		b, also := recordPath(two)
		if good && (!filepath.IsLocal(a) || strings.HasPrefix(a, ".satchel-")) {
			rt.Fatalf("%q lies at %q", one, a)
		}
		if good && also && one != two && (a == b || strings.HasPrefix(b, a+"/")) {
			rt.Fatalf("%q and %q lie at %q and %q", one, two, a, b)
		}
	})
}

// Whatever a client sends as its ID, its file is inside, has a name that no temporary file has, and tells the ID.
func FuzzRecordPath(f *testing.F) {
	for _, seed := range []string{"id1", "..", "a..b", "../x", "ab/cd", "ab😀c", "a😀", "\xff", "a\x00", ".satchel-1", "", strings.Repeat("ab", 300)} {
		f.Add(seed)
	}
	d, dir := open(f)
	f.Fuzz(func(t *testing.T, id string) {
		var path string
		var ok bool
		need.Proportion(t, len(id), func() { path, ok = recordPath(id) })
		if ok && (!filepath.IsLocal(path) || strings.HasPrefix(path, ".satchel-") || strings.ReplaceAll(path, "/", "") != id+".dat") {
			t.Errorf("%q lies at %q", id, path)
		}
		if _, err := d.Load(t.Context(), core.Key(id)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
		if left := tree(t, dir); len(left) > 0 {
			t.Errorf("reading %q made %q", id, left)
		}
	})
}

func TestDirectoryIsKtors(t *testing.T) {
	ctx, id := t.Context(), core.Key("id1")
	d, dir := open(t)
	if err := d.Create(ctx, id, core.Record{Revision: 1, Body: "one é"}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "id", "1.dat")); string(got) != "one é" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if err := d.Create(ctx, id, core.Record{Body: "two"}); !errors.Is(err, store.ErrExists) {
		t.Errorf("a second Create: %v", err)
	}
	want := core.Record{Revision: 1, Deadline: core.MaxInstant, Body: "one é"}
	if got, err := d.Load(ctx, id); got != want || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if err := d.Replace(ctx, id, 77, core.Record{Revision: 78, Body: "2"}); err != nil {
		t.Error(err)
	}
	if err := d.Touch(ctx, id, 1, 1, 2); err != nil {
		t.Error(err)
	}
	// Ktor changes it.
	if got, err := d.Load(ctx, id); got.Body != "2" || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "id", "1.dat"), []byte("three"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Load(ctx, id); got.Body != "three" || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if err := d.Create(ctx, "id22", core.Record{Body: "x"}); err != nil {
		t.Error(err)
	}
	if err := d.Delete(ctx, id, 5); err != nil {
		t.Error(err)
	}
	if got := tree(t, dir); !slices.Equal(got, []string{"id", "id/22.dat"}) {
		t.Errorf("left: %q", got)
	}
	if err := d.Delete(ctx, "id22", 1); err != nil {
		t.Error(err)
	}
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("left: %q", got)
	}
	if g := d.Guarantees(); g != (store.Guarantees{Durability: store.Process, Shared: true}) {
		t.Errorf("%+v", g)
	}
}

// What is not there is ErrNotFound by every method, whatever the client says its ID is, and asking for it makes nothing.
func TestDirectoryMakesNothingByReading(t *testing.T) {
	ctx := t.Context()
	d, dir := open(t)
	for _, id := range []core.Key{"a", core.Key(strings.Repeat("0123456789abcdef", 4)), "..", "../../etc/passwd", "a\x00b", "", "\xff", core.Key(strings.Repeat("é", 256))} {
		_, err := d.Load(ctx, id)
		for i, err := range []error{
			err, d.Replace(ctx, id, 1, core.Record{Body: "x"}), d.Touch(ctx, id, 1, 1, 2), d.Delete(ctx, id, 1),
		} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%q, %d: %v", id, i, err)
			}
		}
	}
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("made %q", got)
	}
	for _, id := range []core.Key{"..", "a/b", ""} {
		if err := d.Create(ctx, id, core.Record{Body: "x"}); err == nil || errors.Is(err, store.ErrNotFound) || strings.Contains(err.Error(), string(id)) && id != "" {
			t.Errorf("Create of %q: %v", id, err)
		}
	}
	if err := d.Create(ctx, "a", core.Record{}); err == nil {
		t.Error("an empty session is kept")
	}
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("made %q", got)
	}
}

// A link that leads out of the directory is not followed.
func TestDirectoryStaysInside(t *testing.T) {
	d, dir := open(t)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "cd.dat"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "ab")); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Load(t.Context(), "abcd"); err == nil {
		t.Errorf("read %q", got.Body)
	}
}

// While Ktor writes a file it is empty. One that stays so is not a session, and says so only after a while.
func TestDirectoryWaitsForKtor(t *testing.T) {
	d, dir := open(t)
	path := filepath.Join(dir, "a.dat")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if rec, err := d.Load(t.Context(), "a"); !errors.Is(err, store.ErrGarbled) || rec.Revision != 1 {
			t.Errorf("%+v, %v", rec, err)
		}
		if took := time.Since(start); took != emptyTries*emptyPause {
			t.Errorf("took %v", took)
		}
		time.AfterFunc(5*emptyPause, func() {
			if err := os.WriteFile(path, []byte("written"), 0o600); err != nil {
				t.Error(err)
			}
		})
		if rec, err := d.Load(t.Context(), "a"); rec.Body != "written" || err != nil {
			t.Errorf("%+v, %v", rec, err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*emptyPause/2)
		defer cancel()
		if _, err := d.Load(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}

// Readers see one or the other, whole, however large: a file is never written in its place.
func TestDirectoryWritesWhole(t *testing.T) {
	ctx := t.Context()
	d, dir := open(t)
	small, large := "s", strings.Repeat("large", 50000)
	if err := d.Create(ctx, "abcd", core.Record{Body: small}); err != nil {
		t.Fatal(err)
	}
	var writer sync.WaitGroup
	done := make(chan struct{})
	writer.Go(func() {
		defer close(done)
		for i := range 200 {
			if err := d.Replace(ctx, "abcd", 1, core.Record{Body: []string{large, small}[i%2]}); err != nil {
				t.Error(err)
			}
		}
	})
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		text, err := os.ReadFile(filepath.Join(dir, "ab", "cd.dat")) // as Ktor does
		if err != nil || string(text) != small && string(text) != large {
			t.Fatalf("%d bytes, %v", len(text), err)
		}
	}
	writer.Wait()
	if got := tree(t, dir); !slices.Equal(got, []string{"ab", "ab/cd.dat"}) {
		t.Errorf("left: %q", got)
	}
}

// Who creates and who deletes in one directory at once do not stand in each other's way.
func TestDirectoryNeighbours(t *testing.T) {
	ctx := t.Context()
	d, dir := open(t)
	var all sync.WaitGroup
	for _, id := range []core.Key{"aabbcc01", "aabbcc02", "aabbdd", "aa"} {
		all.Go(func() {
			for range 100 {
				if err := d.Create(ctx, id, core.Record{Body: "x"}); err != nil {
					t.Errorf("create: %v", err)
				}
				if err := d.Delete(ctx, id, 1); err != nil {
					t.Errorf("delete: %v", err)
				}
			}
		})
	}
	all.Wait()
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("left: %q", got)
	}
}

// Whoever may use the root may read sessions, and nobody else.
func TestDirectoryPermissions(t *testing.T) {
	d, dir := open(t)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d2, err := OpenDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d2.Close()
	if err := d2.Create(t.Context(), "abc", core.Record{Body: "x"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{"ab": 0o700 | fs.ModeDir, "ab/c.dat": 0o600} {
		if at, err := os.Stat(filepath.Join(dir, name)); err != nil || at.Mode() != want {
			t.Errorf("%s: %v, %v", name, at.Mode(), err)
		}
	}
	_ = d
}

func TestDirectoryFailures(t *testing.T) {
	if _, err := OpenDirectory(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a directory that is not there")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	d, dir := open(t)
	if _, err := d.Load(ended, "abcdef"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := d.Create(ended, "abcdef", core.Record{Body: "x"}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ab"), []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, load := d.Load(t.Context(), "abcdef")
	for _, err := range []error{load, d.Create(t.Context(), "abcdef", core.Record{Body: "x"}), d.Replace(t.Context(), "abcdef", 1, core.Record{Body: "x"})} {
		if err == nil || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrExists) || strings.Contains(err.Error(), "cd") {
			t.Errorf("%v", err)
		}
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if _, err := d.Load(t.Context(), "abcdef"); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("after Close: %v", err)
	}
}
