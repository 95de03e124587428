//go:build unix

package fleet

import (
	"syscall"
	"time"
)

// trouble is what befalls the node in the middle, or the server of all, when a session ends.
type trouble struct {
	name   string
	trust  time.Duration // how far the caches trust their feed
	rounds int
	long   int            // rounds of a long run
	before func(f *fleet) // just before the end
	ended  func(f *fleet) // just after it
	after  func(f *fleet) // some time after it
	blind  bool           // the node cannot hear of the end, so it has to find out
}

// away is how long a trouble lasts: longer than a copy may be served.
const away = maxStale * 3 / 2

// alive are those that are none: there the feed is as fast as it can be.
var alive = []trouble{
	{name: "alive", rounds: 50, long: 1000},
	{name: "alive and trusted", rounds: 50, long: 1000, trust: time.Hour},
}

var troubles = []trouble{
	{name: "dropped", rounds: 3, long: 30, trust: time.Hour, before: func(f *fleet) { f.config.Proxy.Drop() }},
	{
		name: "cut", rounds: 2, long: 10, trust: time.Hour, blind: true,
		before: func(f *fleet) { f.config.Proxy.Cut() },
		after:  func(f *fleet) { f.config.Proxy.Heal() },
	},
	{
		name: "half open", rounds: 1, long: 10, trust: time.Hour, blind: true,
		before: func(f *fleet) { f.config.Proxy.Vanish() }, // what comes after it makes connections of its own
		after:  func(*fleet) {},
	},
	{
		name: "stopped", rounds: 2, long: 10, trust: time.Hour,
		before: func(f *fleet) { f.signal(syscall.SIGSTOP) },
		after:  func(f *fleet) { f.signal(syscall.SIGCONT) },
	},
	{
		name: "delayed", rounds: 1, long: 10, trust: time.Hour, blind: true,
		before: func(f *fleet) { f.nodes[1].must(f.t, order{Do: "delay", Delay: 2 * away}) },
		after:  func(f *fleet) { f.nodes[1].must(f.t, order{Do: "delay"}) },
	},
	{name: "lost", rounds: 3, long: 10, blind: true, before: func(f *fleet) { f.lose() }},
	{
		name: "server stopped", rounds: 1, long: 10, trust: time.Hour,
		ended: func(f *fleet) { f.config.Server.Stop() },
		after: func(f *fleet) { f.config.Server.Resume() },
	},
	{
		name: "lost, and server stopped", rounds: 1, long: 10, blind: true,
		before: func(f *fleet) { f.lose() },
		ended:  func(f *fleet) { f.config.Server.Stop() },
		after:  func(f *fleet) { f.config.Server.Resume() },
	},
	{
		name: "server killed", rounds: 1, long: 10, trust: time.Hour,
		ended: func(f *fleet) { f.config.Server.Kill() },
		after: func(f *fleet) { f.config.Server.Up() },
	},
	{
		name: "lost, and server killed", rounds: 1, long: 10, // that the feed broke is heard soon
		before: func(f *fleet) { f.lose() },
		ended:  func(f *fleet) { f.config.Server.Kill() },
		after:  func(f *fleet) { f.config.Server.Up() },
	},
	{
		name: "server restarted", rounds: 1, long: 10, trust: time.Hour,
		ended: func(f *fleet) { f.config.Server.Kill(); f.config.Server.Up() },
	},
}

func (f *fleet) lose() { f.nodes[1].must(f.t, order{Do: "lose", Count: 1}) }

func (f *fleet) signal(s syscall.Signal) {
	if err := f.nodes[1].cmd.Process.Signal(s); err != nil {
		f.t.Fatal(err)
	}
}
