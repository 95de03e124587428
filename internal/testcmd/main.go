// Command testcmd is what the script ./test at the top of the repository runs. It needs Go and nothing else to pass the
// tests.
//
//	./test              vet and test every module of the repository
//	./test lint         gofumpt, golangci-lint and go mod tidy over every module
//	./test tools        install the linters, at their pinned versions, into the user's cache
//	./test fuzz [5s]    fuzz each target for a few seconds
//	./test mutants [7]  take each rule (or rule 7) out of the code, and see its tests fail; results go to results/
//	./test long [10m]   what takes long: mutants, fuzz each target for minutes, run TestLong…; results go to results/
//	./test api          write api.txt anew
//
// Several words run one after the other ("./test tools lint tests fuzz 3s" is what CI does), and a duration belongs to the word
// before it. -setup tells the closing table of time that the caller has spent already. It ends with a table of what took how long and
// the number of tests; its exit status is 1 if anything failed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/satchel-go/satchel/internal/mutants"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/internal/tree"
	"github.com/satchel-go/satchel/internal/walls"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Args[1:])
	stop()
	if err == nil {
		return
	}
	if !errors.Is(err, errFailed) { // which the table has said
		fmt.Fprintln(os.Stderr, "test:", err)
	}
	os.Exit(1)
}

var errFailed = errors.New("a step failed")

// run does what the arguments say. It is main but for the process around it.
func run(ctx context.Context, out io.Writer, args []string) error {
	jobs, setup, err := parse(args)
	if err != nil {
		return err
	}
	h, err := newHouse(out)
	if err != nil {
		return err
	}
	h.began = time.Now().Add(-setup)
	if setup > 0 {
		h.rows = append(h.rows, row{name: "set-up before ./test", took: setup})
	}
	for _, j := range jobs {
		words[j.word](ctx, h, j)
	}
	h.close()
	if ctx.Err() != nil {
		return fmt.Errorf("stopped: %w", context.Cause(ctx))
	}
	if h.failed() {
		return errFailed
	}
	return nil
}

// words are what ./test can be told to do.
var words = map[string]func(ctx context.Context, h *house, j job){
	"tests":   func(ctx context.Context, h *house, _ job) { h.tests(ctx) },
	"lint":    func(ctx context.Context, h *house, _ job) { h.lint(ctx) },
	"tools":   func(ctx context.Context, h *house, _ job) { h.tools(ctx) },
	"fuzz":    func(ctx context.Context, h *house, j job) { h.fuzz(ctx, j.each) },
	"mutants": func(ctx context.Context, h *house, j job) { h.mutants(ctx, j.rule) },
	"long":    func(ctx context.Context, h *house, j job) { h.long(ctx, j.each) },
	"api":     func(ctx context.Context, h *house, _ job) { h.api(ctx) },
}

// job is one word of the command line, with the duration or the number of a rule that may follow it.
type job struct {
	word string
	each time.Duration
	rule int
}

func parse(args []string) (jobs []job, setup time.Duration, err error) {
	if len(args) >= 2 && args[0] == "-setup" {
		if setup, err = time.ParseDuration(args[1]); err != nil {
			return nil, 0, fmt.Errorf("-setup: %w", err)
		}
		args = args[2:]
	}
	for _, arg := range args {
		if d, err := time.ParseDuration(arg); err == nil && d > 0 && len(jobs) > 0 && jobs[len(jobs)-1].takesTime() {
			jobs[len(jobs)-1].each = d
			continue
		}
		if n, err := strconv.Atoi(arg); err == nil && len(jobs) > 0 && jobs[len(jobs)-1].takesRule() && n >= 1 && n <= mutants.Rules {
			jobs[len(jobs)-1].rule = n
			continue
		}
		if words[arg] == nil {
			return nil, 0, fmt.Errorf("%q is none of: tests, lint, tools, fuzz [5s], mutants [1…%d], long [10m], api", arg, mutants.Rules)
		}
		jobs = append(jobs, job{word: arg})
	}
	if len(jobs) == 0 {
		jobs = []job{{word: "tests"}}
	}
	return jobs, setup, nil
}

func (j job) takesTime() bool { return j.each == 0 && (j.word == "fuzz" || j.word == "long") }
func (j job) takesRule() bool { return j.rule == 0 && j.word == "mutants" }

// house is the repository that is tested, and what has come of it so far.
type house struct {
	out     io.Writer
	top     string
	ci      bool
	modules []tree.Module
	source  *walls.Source
	rows    []row
	count   count
	began   time.Time
}

func newHouse(out io.Writer) (*house, error) {
	top, err := tree.Top(".")
	if err != nil {
		return nil, fmt.Errorf("start in the repository: %w", err)
	}
	h := &house{out: out, top: top, ci: need.InCI()}
	if h.modules, err = tree.Modules(top); err != nil {
		return nil, fmt.Errorf("find the modules: %w", err)
	}
	if h.source, err = walls.ReadSource(top); err != nil {
		return nil, fmt.Errorf("find the tests: %w", err)
	}
	return h, nil
}

// moduleOf returns the folder of the module that a room belongs to.
func (h *house) moduleOf(room string) string {
	best := "."
	for _, m := range h.modules {
		if len(m.Dir) > len(best) || best == "." {
			if room == m.Dir || strings.HasPrefix(room, m.Dir+"/") {
				best = m.Dir
			}
		}
	}
	return best
}

// has reports whether a module holds any of the given tests.
func (h *house) has(module string, tests []walls.Func) bool {
	return slices.ContainsFunc(tests, func(f walls.Func) bool { return h.moduleOf(f.Room) == module })
}

func (h *house) path(slashed string) string { return filepath.Join(h.top, filepath.FromSlash(slashed)) }
