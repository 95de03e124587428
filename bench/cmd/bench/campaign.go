package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// campaign is one run of everything.
type campaign struct {
	label     string
	rounds    int
	benchTime string
	loadTime  time.Duration
	only      string
	note      string
	add       bool // to the measurements that are there
}

func (c campaign) wants(part string) bool {
	return c.only == "" || strings.Contains(","+c.only+",", ","+part+",")
}

// run measures round by round, writes what it measures as it comes, and reports.
func (c campaign) run(ctx context.Context) error {
	if c.label == "" {
		c.label = machineLabel()
	}
	folder := filepath.Join("results", c.label)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	mode := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if c.add {
		mode = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	}
	raw, err := os.OpenFile(filepath.Join(folder, "raw.txt"), mode, 0o644)
	if err != nil {
		return err
	}
	if err := errors.Join(c.measure(ctx, raw), raw.Close()); err != nil {
		return err
	}
	return report(folder)
}

func (c campaign) measure(ctx context.Context, raw io.Writer) error {
	built, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(built)
	binary := filepath.Join(built, "bench.test")
	if said, err := exec.CommandContext(ctx, "go", "test", "-c", "-o", binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, said)
	}
	var sites []*site
	if c.wants("load") {
		sites, err = startSites(ctx)
		defer func() { stopSites(sites) }()
		if err != nil {
			return err
		}
	}
	c.heading(ctx, raw)
	for round := range c.rounds {
		fmt.Fprintf(raw, "# round %d of %d at %s, load average %s\n", round+1, c.rounds, time.Now().UTC().Format(time.TimeOnly), loadAverage())
		fmt.Printf("round %d of %d, load average %s\n", round+1, c.rounds, loadAverage())
		if err := c.round(ctx, binary, round, sites, raw); err != nil {
			return err
		}
	}
	return nil
}

// round measures everything once. Millions of sessions are made in each fifth round
// only: it takes long, and bytes do not vary.
func (c campaign) round(ctx context.Context, binary string, round int, sites []*site, raw io.Writer) error {
	if c.wants("process") {
		err := errors.Join(
			c.bench(ctx, binary, raw, "^BenchmarkToken$", "1"),
			c.bench(ctx, binary, raw, "^BenchmarkRequest$", "1,2"),
		)
		if err != nil {
			return err
		}
	}
	if c.wants("memory") && round%5 == 0 {
		if err := c.bench(ctx, binary, raw, "^BenchmarkMemory$", "1"); err != nil {
			return err
		}
	}
	if c.wants("engines") {
		if err := c.bench(ctx, binary, raw, "^(BenchmarkRedis|BenchmarkPostgres)$", "2"); err != nil {
			return err
		}
	}
	if c.wants("load") {
		return loadAll(ctx, sites, c.loadTime, raw)
	}
	return nil
}

// bench runs some benchmarks once. GOGC is 1000 for all: a test's heap is so small that with 100 it would be collected as
// often as no server's is, which would flatter whoever allocates least. Between benchmarks the heap shrinks; with madvdontneed=0
// its pages stay, as those of a server do, and the next benchmark does not pay for getting them again.
func (c campaign) bench(ctx context.Context, binary string, raw io.Writer, pattern, cpus string) error {
	cmd := exec.CommandContext(ctx, binary, "-test.run=^$", "-test.bench="+pattern, "-test.cpu="+cpus,
		"-test.benchtime="+c.benchTime, "-test.timeout=30m")
	cmd.Env = append(os.Environ(), "GOGC=1000", "GODEBUG=madvdontneed=0")
	cmd.Stdout, cmd.Stderr = raw, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", pattern, err)
	}
	return nil
}

// heading says of what and on what this is a measurement.
func (c campaign) heading(ctx context.Context, raw io.Writer) {
	commit, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output()
	if err != nil {
		commit = []byte("unknown")
	}
	parts := c.only
	if parts == "" {
		parts = "everything"
	}
	fmt.Fprintf(raw, "# %s: %s, on %s, %d CPUs, %s/%s, %s, of commit %s, rounds: %d, each benchmark for %s, GOGC=1000\n",
		time.Now().UTC().Format("2006-01-02 15:04 UTC"), parts, processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH,
		runtime.Version(), strings.TrimSpace(string(commit)), c.rounds, c.benchTime)
	if c.note != "" {
		fmt.Fprintf(raw, "# note: %s\n", c.note)
	}
}

// processor is the name that the processor gives itself.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		_, after, _ := strings.Cut(string(text), "model name")
		line, _, _ := strings.Cut(after, "\n")
		if _, name, ok := strings.Cut(line, ": "); ok {
			return strings.TrimSpace(name)
		}
	}
	return runtime.GOARCH
}

// machineLabel names a machine by what matters of it, and not by who owns it.
func machineLabel() string {
	name := strings.ToLower(strings.Join(strings.Fields(processor()), "-"))
	return fmt.Sprintf("%s-%dcpu", name, runtime.NumCPU())
}

func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
