//go:build unix

package fleet

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
)

// Config is a fleet of three nodes: one ends sessions, one meets what befalls nodes, and with one all is well.
type Config struct {
	Address string // what [Main]'s function is handed by the nodes with which all is well
	Proxied string // and by the other, which goes through the proxy
	Proxy   *Proxy
}

// trouble is what befalls the node in the middle when a session ends.
type trouble struct {
	name   string
	trust  time.Duration // how far the caches trust their feed
	rounds int
	before func(f *fleet)
	after  func(f *fleet) // some time after the end
	blind  bool           // the node cannot hear of the end, so it has to find out
}

// away is how long a trouble lasts: longer than a copy may be served.
const away = maxStale * 3 / 2

var troubles = []trouble{
	{name: "alive", rounds: 50},
	{name: "alive and trusted", rounds: 50, trust: time.Hour},
	{name: "dropped", rounds: 3, trust: time.Hour, before: func(f *fleet) { f.config.Proxy.Drop() }},
	{
		name: "cut", rounds: 2, trust: time.Hour, blind: true,
		before: func(f *fleet) { f.config.Proxy.Cut() },
		after:  func(f *fleet) { f.config.Proxy.Heal() },
	},
	{
		name: "stopped", rounds: 2, trust: time.Hour,
		before: func(f *fleet) { f.signal(syscall.SIGSTOP) },
		after:  func(f *fleet) { f.signal(syscall.SIGCONT) },
	},
	{
		name: "delayed", rounds: 1, trust: time.Hour, blind: true,
		before: func(f *fleet) { f.nodes[1].must(f.t, order{Do: "delay", Delay: 2 * away}) },
		after:  func(f *fleet) { f.nodes[1].must(f.t, order{Do: "delay"}) },
	},
	{name: "lost", rounds: 3, blind: true, before: func(f *fleet) { f.nodes[1].must(f.t, order{Do: "lose", Count: 1}) }},
}

// Run ends sessions on one node, with every trouble, and measures how long after that the others served them. More than MaxStale fails;
// how much less it was is a figure, which the test logs.
func (c Config) Run(t *testing.T) {
	for _, trouble := range troubles {
		t.Run(trouble.name, func(t *testing.T) {
			f := &fleet{t: t, config: c}
			for _, address := range []string{c.Address, c.Proxied, c.Address} {
				f.nodes = append(f.nodes, begin(t, address))
			}
			for _, n := range f.nodes {
				n.must(t, order{Do: "start", Trust: trouble.trust})
			}
			var troubled, well []time.Duration
			for round := range trouble.rounds {
				a, b := f.round(trouble, core.Key(fmt.Sprintf("%-20s%012d", trouble.name, round)))
				troubled, well = append(troubled, a), append(well, b)
			}
			t.Logf("served after the end elsewhere: in trouble %s; else %s", figures(troubled), figures(well))
			stats := f.nodes[2].must(t, order{Do: "stats"}).Stats
			t.Logf("the node with which all is well: feed up %v, its lag at most %v, oldest answer %v, %d hits, %d loads",
				stats.FeedUp, stats.FeedLag, stats.Stalest, stats.Hits, stats.Loads)
			if stats.Stalest >= maxStale || stats.Hits == 0 || stats.Invalidations == 0 {
				t.Errorf("%+v", stats)
			}
		})
	}
}

func figures(d []time.Duration) string {
	slices.Sort(d)
	return fmt.Sprintf("median %v, at most %v", d[len(d)/2], d[len(d)-1])
}

type fleet struct {
	t      *testing.T
	config Config
	nodes  []*process
}

func (f *fleet) signal(s syscall.Signal) {
	if err := f.nodes[1].cmd.Process.Signal(s); err != nil {
		f.t.Fatal(err)
	}
}

// round lets one session end while two nodes serve it, and returns how long after its end each still did.
func (f *fleet) round(trouble trouble, key core.Key) (troubled, well time.Duration) {
	f.nodes[0].must(f.t, order{Do: "create", Key: key})
	f.nodes[1].must(f.t, order{Do: "ready"}) // the last round's trouble may have broken its feed
	for _, n := range f.nodes[1:] {
		n.must(f.t, order{Do: "watch", Key: key})
	}
	if trouble.before != nil {
		trouble.before(f)
	}
	end := f.nodes[0].must(f.t, order{Do: "delete", Key: key}).At
	over := make(chan struct{})
	go func() {
		defer close(over)
		if trouble.after != nil {
			<-time.After(away)
			trouble.after(f)
		}
	}()
	measure := func(n *process) time.Duration {
		select {
		case r := <-n.watched:
			stale := max(0, r.At.Sub(end))
			if stale >= maxStale {
				f.t.Errorf("a session was served %v after its end", stale)
			}
			return stale
		case <-time.After(patience):
			f.t.Fatal("a node never found out")
			return 0
		}
	}
	troubled, well = measure(f.nodes[1]), measure(f.nodes[2])
	<-over
	if trouble.blind && troubled == 0 {
		f.t.Error("the trouble was none: the node heard of the end")
	}
	return troubled, well
}

// patience is how long a test waits for what it knows will come.
const patience = 30 * time.Second

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
	if err := p.orders.Encode(o); err != nil {
		t.Fatal(err)
	}
	select {
	case r := <-p.answers:
		if r.Err != "" {
			t.Fatalf("%s: %s", o.Do, r.Err)
		}
		return r
	case <-time.After(patience):
		t.Fatalf("%s: no answer", o.Do)
		return report{}
	}
}
