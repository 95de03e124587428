//go:build unix

package fleet

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// process is a node as its parent sees it.
type process struct {
	cmd     *exec.Cmd
	orders  *json.Encoder
	answers chan report
	watched chan report
}

// Again returns this very program, ready to be started as another process, which is killed when the test ends. What the variable of its
// environment says tells it what it is.
func Again(tb testing.TB, variable, value string) *exec.Cmd {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.CommandContext(tb.Context(), self) //nolint:gosec // it is this very program
	cmd.Env = append(os.Environ(), variable+"="+value)
	cmd.Stderr = os.Stderr
	return cmd
}

// begin starts a node, which ends with the test.
func begin(t *testing.T, address string) *process {
	t.Helper()
	p := &process{cmd: Again(t, variable, address), answers: make(chan report, 8), watched: make(chan report, 8)}
	in, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.orders = json.NewEncoder(in)
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var r report
			if json.Unmarshal(lines.Bytes(), &r) != nil {
				continue // a goroutine dump, say, which is on its way to the log
			}
			if r.Watch {
				p.watched <- r
			} else {
				p.answers <- r
			}
		}
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it has no more to do, and it may be stopped
		<-read
		_ = p.cmd.Wait()
	})
	return p
}

// must gives an order and returns its answer, which is no error.
func (p *process) must(t *testing.T, o order) report {
	t.Helper()
	r := p.try(t, o)
	if r.Err != "" {
		t.Fatalf("%s: %s", o.Do, r.Err)
	}
	return r
}

// try gives an order and returns its answer.
func (p *process) try(t *testing.T, o order) report {
	t.Helper()
	if err := p.orders.Encode(o); err != nil {
		t.Fatal(err)
	}
	select {
	case r := <-p.answers:
		return r
	case <-time.After(patience):
		t.Fatalf("%s: no answer", o.Do)
		return report{}
	}
}

// creates makes a session. It tries again, since its connection may be one that a trouble has ended.
func (p *process) creates(t *testing.T, key core.Key) {
	t.Helper()
	p.insists(t, order{Do: "create", Key: key}, store.ErrExists)
}

// ends lets a session end, and returns when the call that did it had returned.
func (p *process) ends(t *testing.T, key core.Key, tombstone bool) time.Time {
	t.Helper()
	if tombstone {
		return p.insists(t, order{Do: "bury", Key: key}, store.ErrConflict)
	}
	return p.insists(t, order{Do: "delete", Key: key}, store.ErrNotFound)
}

// insists gives an order until it is obeyed. done says that it was, by an attempt whose answer was lost.
func (p *process) insists(t *testing.T, o order, done error) time.Time {
	t.Helper()
	for began := time.Now(); ; {
		r := p.try(t, o)
		if r.Err == "" || strings.Contains(r.Err, done.Error()) {
			return r.At
		}
		if time.Since(began) > patience {
			t.Fatalf("%s: %s", o.Do, r.Err)
		}
	}
}
