package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/satchel-go/satchel/bench/load"
	"github.com/satchel-go/satchel/bench/peers"
)

// site is a server in a process of its own.
type site struct {
	load.Site
	address string
	cmd     *exec.Cmd
}

// startSites starts a process for each site. They idle until they are loaded, and end with this one.
func startSites(ctx context.Context) (all []*site, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	for _, s := range load.Sites() {
		cmd := exec.CommandContext(ctx, self, "serve", s.Via, s.Name)
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			return all, err
		}
		if err := cmd.Start(); err != nil {
			return all, err
		}
		at := &site{Site: s, cmd: cmd}
		all = append(all, at)
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			return all, fmt.Errorf("%s on %s does not serve: %w", s.Name, s.Via, err)
		}
		at.address = strings.TrimSpace(line)
	}
	return all, nil
}

func stopSites(all []*site) {
	for _, s := range all {
		_ = s.cmd.Process.Kill() // it may have ended
		_ = s.cmd.Wait()         // killed
	}
}

// loadAll loads each site in each way once, and writes a line for each as go test does for a benchmark.
func loadAll(ctx context.Context, sites []*site, lasting time.Duration, w io.Writer) error {
	for _, way := range []string{peers.Read, peers.Write} {
		for _, s := range sites {
			if err := ctx.Err(); err != nil {
				return err
			}
			var spent [2]time.Duration
			n := 0
			var failed error
			r, err := load.Config{For: lasting}.Run(s.address, "/"+way, s.Name != "bare", func() {
				var err error
				spent[n], err = spentBy(s.cmd.Process.Pid)
				n, failed = n+1, errors.Join(failed, err)
			})
			if err = errors.Join(err, failed); err != nil {
				return fmt.Errorf("%s on %s, %s: %w", s.Name, s.Via, way, err)
			}
			fmt.Fprintf(w, "BenchmarkLoad/%s/%s/%s %d %.0f req/s %.2f cpu-µs/req %.0f p50-µs %.0f p99-µs\n", s.Via, way, s.Name,
				r.Requests, r.PerSecond(), float64(spent[1]-spent[0])/1000/float64(max(r.Requests, 1)),
				float64(r.Latency(0.5).Microseconds()), float64(r.Latency(0.99).Microseconds()))
		}
	}
	return nil
}

// spentBy is the processor time that a process has had, from the 14th and 15th fields of its stat (proc_pid_stat(5)), which
// count hundredths of a second.
func spentBy(pid int) (time.Duration, error) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0, errors.New("bench: a stat without processor times")
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}
