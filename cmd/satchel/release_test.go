package main

import (
	"archive/zip"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// release is a proxy of modules on this disk, as one would be after a release.
type release struct {
	t      *testing.T
	top    string // the repository
	folder string // of the proxy
}

const (
	released = "v0.0.1"
	module   = "github.com/satchel-go/satchel"
)

var replaceLine = regexp.MustCompile(`(?m)^replace (\S+) => (\S+)\n`)

// publish packs the module in a folder of the repository as RELEASE.md says, with its replace lines or without.
func (r *release) publish(folder string, withReplace bool) {
	r.t.Helper()
	path := strings.TrimSuffix(module+"/"+folder, "/")
	source := filepath.Join(r.top, folder)
	mod, err := os.ReadFile(filepath.Join(source, "go.mod"))
	must(r.t, err)
	text := string(mod)
	if !withReplace {
		text = replaceLine.ReplaceAllString(text, "")
	}
	text = regexp.MustCompile(`(?m)^(\t|require )(`+regexp.QuoteMeta(module)+`\S*) v\S+`).ReplaceAllString(text, "${1}${2} "+released)
	at := filepath.Join(r.folder, filepath.FromSlash(path), "@v")
	must(r.t, os.MkdirAll(at, 0o700))
	must(r.t, os.WriteFile(filepath.Join(at, "list"), []byte(released+"\n"), 0o600))
	must(r.t, os.WriteFile(filepath.Join(at, released+".info"), []byte(`{"Version":"`+released+`"}`), 0o600))
	must(r.t, os.WriteFile(filepath.Join(at, released+".mod"), []byte(text), 0o600))

	file, err := os.Create(filepath.Join(at, released+".zip"))
	must(r.t, err)
	defer file.Close()
	z := zip.NewWriter(file)
	add := func(name string, content []byte) {
		w, err := z.Create(path + "@" + released + "/" + name)
		must(r.t, err)
		_, err = w.Write(content)
		must(r.t, err)
	}
	add("go.mod", []byte(text))
	must(r.t, filepath.WalkDir(source, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			_, nested := os.Stat(filepath.Join(name, "go.mod"))
			if name != source && (nested == nil || d.Name() == "testdata" || d.Name()[0] == '.') {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(source, name)
		add(filepath.ToSlash(rel), content)
		return err
	}))
	must(r.t, z.Close())
}

// install does what a user would, up to the compiling, with a module cache of its own.
func (r *release) install() (said string, err error) {
	r.t.Helper()
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	must(r.t, err)
	cmd := exec.Command("go", "install", "-n", module+"/cmd/satchel@"+released)
	cmd.Dir = r.t.TempDir()
	home := r.t.TempDir()
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-modcacherw", "GOSUMDB=off", "GOMODCACHE="+home, "GOBIN="+home,
		"GOPROXY=file://"+filepath.ToSlash(r.folder)+",file://"+filepath.ToSlash(strings.TrimSpace(string(cache)))+"/cache/download")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Who releases as RELEASE.md says gives people a command that they can install; with the replace lines it is refused.
func TestReleasedCommandIsInstalled(t *testing.T) {
	top, err := filepath.Abs(filepath.Join("..", ".."))
	must(t, err)
	r := &release{t, top, t.TempDir()}
	own, err := os.ReadFile("go.mod")
	must(t, err)
	replaced := replaceLine.FindAllStringSubmatch(string(own), -1)
	if len(replaced) < 2 {
		t.Fatalf("%d replace lines", len(replaced))
	}
	for _, line := range replaced {
		r.publish(strings.TrimPrefix(strings.TrimPrefix(line[1], module), "/"), false)
	}
	r.publish("cmd/satchel", false)
	said, err := r.install()
	if err != nil || !strings.Contains(said, "satchel") {
		t.Fatalf("%v\n%s", err, said)
	}
	r.publish("cmd/satchel", true)
	if said, err := r.install(); err == nil || !strings.Contains(said, "replace directives") {
		t.Errorf("%v\n%.500s", err, said)
	}
}
