package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// row is one line of the closing table.
type row struct {
	name   string
	took   time.Duration
	note   string
	failed bool
}

func (r row) String() string {
	verdict := "ok"
	if r.failed {
		verdict = "FAILED"
	}
	return strings.TrimRight(fmt.Sprintf("%-44s %8s  %-6s  %s", r.name, r.took.Round(100*time.Millisecond), verdict, r.note), " ")
}

// step runs one step, and keeps what it took for the closing table. A step that fails does not keep the others from
// running. After an interrupt none is begun.
func (h *house) step(ctx context.Context, name string, do func() (note string, err error)) {
	if ctx.Err() != nil {
		return
	}
	fmt.Fprintf(h.out, "\n== %s\n", name)
	began := time.Now()
	note, err := do()
	h.done(row{name: name, took: time.Since(began), note: note, failed: err != nil}, err)
}

// done keeps a row, and prints the error that made it one of failure.
func (h *house) done(r row, err error) {
	if err != nil {
		fmt.Fprintf(h.out, "%s: %v\n", r.name, err)
	}
	h.rows = append(h.rows, r)
}

func (h *house) failed() bool {
	return slices.ContainsFunc(h.rows, func(r row) bool { return r.failed })
}

// close prints what took how long, and last the line by which a machine knows how many tests there were.
func (h *house) close() {
	fmt.Fprint(h.out, "\n== what took how long\n")
	for _, r := range h.rows {
		fmt.Fprintln(h.out, r)
	}
	fmt.Fprintln(h.out, row{name: "all, some steps side by side", took: time.Since(h.began), failed: h.failed()})
	if c := h.count; c != (count{}) {
		fmt.Fprintf(h.out, "\n%v\n", c)
	}
}

// command prepares a command in a folder of the repository. Modules are taken one by one, without the workspace, because
// that is how users get them.
func (h *house) command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = h.path(dir)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	cmd.Stdout, cmd.Stderr = h.out, h.out
	// An interrupt at the terminal reaches the command itself; it has a while to clean up.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// roomy lets the collector of a program that builds or lints run less often, for up to two gigabytes more, which takes a fifth of its time
// away. It is not for tests: these run as they are run everywhere.
var roomy = []string{"GOGC=400", "GOMEMLIMIT=3GiB"}

// asEverywhere is what starts a test without that.
var asEverywhere = []string{"env", "-u", "GOGC", "-u", "GOMEMLIMIT"}

// decided reports whether the caller has said how the collector is to run.
func decided() bool { return os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" }

// builder prepares a command that builds or lints.
func (h *house) builder(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := h.command(ctx, dir, name, args...)
	if !decided() {
		cmd.Env = append(cmd.Env, roomy...)
	}
	return cmd
}

// tester prepares go test, which builds and then runs tests.
func (h *house) tester(ctx context.Context, dir string, args ...string) *exec.Cmd {
	if _, err := exec.LookPath(asEverywhere[0]); err != nil || decided() { // there is none on Windows
		return h.command(ctx, dir, "go", append([]string{"test"}, args...)...)
	}
	return h.builder(ctx, dir, "go", append([]string{"test", "-exec=" + strings.Join(asEverywhere, " ")}, args...)...)
}

// quietly runs a command at the top whose output matters only if it fails, or is what is asked for.
func (h *house) quietly(ctx context.Context, name string, args ...string) (string, error) {
	var text strings.Builder
	cmd := h.command(ctx, ".", name, args...)
	cmd.Stdout, cmd.Stderr = &text, io.Discard
	err := cmd.Run()
	return strings.TrimSpace(text.String()), err
}
