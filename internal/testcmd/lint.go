package main

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"

	"github.com/satchel-go/satchel/internal/tree"
)

// tool is a program that lint needs, at the version that everybody uses. Tools are installed by version into the user's
// cache and never named in a go.mod: a library's users would see their hundreds of modules.
type tool struct{ name, pkg, module, version string }

var (
	gofumpt  = tool{"gofumpt", "mvdan.cc/gofumpt", "mvdan.cc/gofumpt", "v0.12.0"}
	golangci = tool{
		"golangci-lint", "github.com/golangci/golangci-lint/v2/cmd/golangci-lint",
		"github.com/golangci/golangci-lint/v2", "v2.15.0",
	}
)

// lint checks the form of every module. Its tools are installed by ./test tools.
func (h *house) lint(ctx context.Context) {
	h.step(ctx, "gofumpt", func() (string, error) { return h.gofumpt(ctx) })
	for _, m := range h.modules {
		h.step(ctx, "golangci-lint "+m.Dir, func() (string, error) {
			bin, err := h.find(golangci)
			if err != nil {
				return "", err
			}
			return "", h.builder(ctx, m.Dir, bin, "run", "--config="+h.path(".golangci.yml"), "./...").Run()
		})
		h.step(ctx, "go mod tidy "+m.Dir, func() (string, error) {
			return "", h.command(ctx, m.Dir, "go", "mod", "tidy", "-diff").Run()
		})
	}
}

var errNotFormatted = errors.New("the files above are not as gofumpt writes them; run gofumpt -w on them")

func (h *house) gofumpt(ctx context.Context) (note string, err error) {
	bin, err := h.find(gofumpt)
	if err != nil {
		return "", err
	}
	files, err := tree.GoFiles(h.top)
	if err != nil {
		return "", fmt.Errorf("find the files: %w", err)
	}
	for i := range files {
		files[i] = filepath.FromSlash(files[i])
	}
	text, err := h.quietly(ctx, bin, append([]string{"-l"}, files...)...)
	if err == nil && text != "" {
		fmt.Fprintln(h.out, text)
		err = errNotFormatted
	}
	return fmt.Sprintf("%d files", len(files)), err
}

// tools installs what lint needs and is not there yet.
func (h *house) tools(ctx context.Context) {
	for _, t := range []tool{gofumpt, golangci} {
		h.step(ctx, "install "+t.name+" "+t.version, func() (string, error) {
			if bin, err := h.find(t); err == nil {
				return "was there", h.command(ctx, ".", "go", "version", bin).Run()
			}
			cmd := h.builder(ctx, ".", "go", "install", t.pkg+"@"+t.version)
			cmd.Env = append(cmd.Env, "GOBIN="+h.toolDir(t), "GOFLAGS=")
			return "built", cmd.Run()
		})
	}
}

// toolDir is where a tool is installed: by version, outside the repository, so that a fresh clone finds it again.
func (h *house) toolDir(t tool) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = h.path(".cache")
	}
	return filepath.Join(cache, "satchel", "tools", t.name+"@"+t.version)
}

// find returns a tool's binary, wherever it is installed, if it is of the pinned version.
func (h *house) find(t tool) (string, error) {
	name := t.name
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	places := []string{filepath.Join(h.toolDir(t), name)}
	if bin, err := exec.LookPath(t.name); err == nil {
		places = append(places, bin)
	}
	for _, bin := range places {
		if info, err := buildinfo.ReadFile(bin); err == nil && info.Main.Path == t.module && info.Main.Version == t.version {
			return bin, nil
		}
	}
	return "", fmt.Errorf("%s %s is not installed: ./test tools installs it", path.Base(t.pkg), t.version)
}
