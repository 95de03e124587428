package satchel_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/internal/need"
)

// Five nodes read one ring, each on a clock of its own and some time after it was written. Sessions live three minutes, and
// all that a schedule has to know follows from that.
const (
	second = int64(1000)

	simRefresh  = 10 * second // of each node's keyring
	simOnItsWay = 50 * second // at the most, before a node could read the ring that was written
	simClocks   = 5 * second  // ahead or behind, of each clock
	simLife     = 180 * second
	simRotate   = 10 * simRefresh
	simLag      = simOnItsWay + simRefresh + 2*simClocks
)

// simNode is one program of the fleet.
type simNode struct {
	sessions *satchel.Sessions
	ahead    int64 // of its clock
	arrived  []simRing
	refusal  core.Refusal // of the exchange at hand
}

// simRing is a ring as a node gets it.
type simRing struct {
	ring *crypto.Keyring
	at   int64
}

// simClient is somebody with a token.
type simClient struct {
	token   core.Token
	holds   string
	created int64 // by the clock of the node that began the session
	writes  bool
}

// simulation is the fleet, its clients, and who makes the rings. It is one goroutine, and the same for the same seed.
type simulation struct {
	t        *testing.T
	random   *rand.Rand
	now      int64 // in truth
	between  int64 // exchanges
	schedule crypto.Schedule
	ring     *crypto.Keyring // the last one written
	changes  []string
	nodes    []*simNode
	clients  []simClient
	lives    map[string]int64 // until when any token under a key lives on some node's clock, by the key's id
	revoked  map[string]bool
	sudden   map[string]bool      // the keys that are primary because the one before was revoked
	refused  map[core.Refusal]int // how many live tokens were
	faults   []string
}

func newSimulation(t *testing.T, seed uint64, s crypto.Schedule) *simulation {
	t.Helper()
	between, clients := int64(1), 3000
	if need.Race() {
		between, clients = 10, 300
	}
	w := &simulation{
		t: t, random: rand.New(rand.NewPCG(seed, 0)), now: newClock().at.Load(), between: between, schedule: s,
		clients: make([]simClient, clients), lives: map[string]int64{}, revoked: map[string]bool{}, sudden: map[string]bool{},
		refused: map[core.Refusal]int{},
	}
	var err error
	w.ring, err = crypto.Generate(w.now, w.entropy())
	must(t, err)
	for i := range 5 {
		n := &simNode{ahead: (int64(i) - 2) * simClocks / 2, arrived: []simRing{{w.ring, w.now}}}
		refused := func(_ context.Context, e satchel.Event) { n.refusal = e.Reason }
		n.sessions, err = satchel.Config{
			Clock: func() time.Time { return time.UnixMilli(w.now + n.ahead) }, Entropy: simEntropy{w.random},
			KeyRefresh: time.Duration(simRefresh) * time.Millisecond, Observer: satchel.Observer{Refused: refused, Expired: refused},
		}.New(carts.ClientSide(func(context.Context) (*crypto.Keyring, error) { return n.latest(w.now).ring, nil }, satchel.Unrevocable).
			With(satchel.Options{Absolute: time.Duration(simLife) * time.Millisecond}))
		must(t, err)
		w.nodes = append(w.nodes, n)
		w.now += simRefresh / 5 // so that no two nodes read their rings at the same time
	}
	return w
}

// simEntropy makes of a seeded source what crypto/rand is to a program.
type simEntropy struct{ *rand.Rand }

func (e simEntropy) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(e.Uint32())
	}
	return len(b), nil
}

func (w *simulation) entropy() []byte {
	b := make([]byte, 32)
	_, _ = simEntropy{w.random}.Read(b)
	return b
}

// latest returns the ring that the node would read now.
func (n *simNode) latest(now int64) simRing {
	last := n.arrived[0]
	for _, r := range n.arrived {
		if r.at <= now {
			last = r
		}
	}
	return last
}

// uses returns what the node is sure to use: what it would have read a refresh ago.
func (n *simNode) uses(now int64) *crypto.Keyring { return n.latest(now - simRefresh).ring }

func stateIn(ring *crypto.Keyring, id string) crypto.State {
	for _, k := range ring.Keys() {
		if k.ID() == id {
			return k.State()
		}
	}
	return 0
}

// write sends the next ring to all nodes; no node sees an older one after a newer.
func (w *simulation) write(ring *crypto.Keyring, changes []crypto.Change, err error) {
	w.t.Helper()
	must(w.t, err)
	if ring == w.ring {
		return
	}
	for _, n := range w.nodes {
		lag := []int64{0, simOnItsWay, w.random.Int64N(simOnItsWay)}[w.random.IntN(3)]
		n.arrived = append(n.arrived, simRing{ring, max(w.now+lag, n.arrived[len(n.arrived)-1].at)})
	}
	w.ring = ring
	hurry := slices.ContainsFunc(changes, func(c crypto.Change) bool { return c.From == crypto.Primary && c.To == crypto.Revoked })
	for _, c := range changes {
		w.changes = append(w.changes, c.String())
		if c.To == 0 && !w.revoked[c.ID] && w.now < w.lives[c.ID] {
			w.faultf("%v, %d ms before its last token is over", c, w.lives[c.ID]-w.now)
		}
		w.revoked[c.ID] = w.revoked[c.ID] || c.To == crypto.Revoked
		w.sudden[c.ID] = w.sudden[c.ID] || hurry && c.To == crypto.Primary
	}
}

// operator does what a job does that runs each second, on a clock that is neither right.
func (w *simulation) operator() {
	w.t.Helper()
	now := w.now + w.random.Int64N(2*simClocks+1) - simClocks
	w.write(w.schedule.Next(w.ring, now, w.entropy()))
	for _, k := range w.ring.Keys() {
		w.dropping(k, now)
	}
}

// dropping looks at what would be said to somebody who drops a key now.
func (w *simulation) dropping(key crypto.Key, now int64) {
	w.t.Helper()
	if key.State() != crypto.Retiring || w.now >= w.lives[key.ID()] {
		return
	}
	rest := slices.DeleteFunc(w.ring.Keys(), func(k crypto.Key) bool { return k == key })
	without, err := crypto.NewKeyring(rest...)
	must(w.t, err)
	needed, is := errors.AsType[*crypto.NeededError](w.schedule.CheckStep(w.ring, without, now))
	switch {
	case !is:
		w.faultf("%v can be dropped without a word", key)
	case needed.Until < w.lives[key.ID()]-simClocks: // on the clock of whoever asks
		w.faultf("%v is said to be needed for less long than it is", key)
	}
}

func (w *simulation) faultf(format string, args ...any) {
	after := time.Duration(w.now-newClock().at.Load()) * time.Millisecond
	w.faults = append(w.faults, fmt.Sprintf("after %v: %s", after, fmt.Sprintf(format, args...)))
}

// exchange lets any client come to any node.
func (w *simulation) exchange() {
	c, n := &w.clients[w.random.IntN(len(w.clients))], w.nodes[w.random.IntN(len(w.nodes))]
	n.refusal = core.NotRefused
	ex := n.sessions.Open(satchel.Arrived{"cart": c.token})
	ctx := ex.Context(w.t.Context())
	if c.token == "" {
		*c = simClient{holds: fmt.Sprint(w.random.Uint64()), created: w.now + n.ahead, writes: w.random.IntN(2) == 0}
		must(w.t, carts.Set(ctx, cart{[]string{c.holds}}))
	} else {
		v, ok, err := carts.Get(ctx)
		must(w.t, err)
		if ok != slices.Equal(v.Items, []string{c.holds}) {
			w.faultf("a session holds %q", v.Items)
		}
		if w.judge(c, n, ok); !ok {
			*c = simClient{}
			return
		}
		if c.writes && w.random.IntN(4) == 0 {
			c.holds = fmt.Sprint(w.random.Uint64())
			must(w.t, carts.Set(ctx, cart{[]string{c.holds}}))
		}
	}
	out, err := ex.Commit(w.t.Context())
	must(w.t, err)
	if out[0].Action == core.SendToken {
		c.token = out[0].Token
		id := keyOf(w.t, c.token)
		w.lives[id] = max(w.lives[id], c.created+simLife+simClocks)
	}
}

// judge says whether a node was right to give a session, or not to.
func (w *simulation) judge(c *simClient, n *simNode, ok bool) {
	id := keyOf(w.t, c.token)
	over := w.now+n.ahead >= c.created+simLife
	if !ok && !over {
		w.refused[n.refusal]++
	}
	used := n.uses(w.now)
	switch {
	case over && ok:
		w.faultf("a session is given after its life")
	case ok && stateIn(used, id) == crypto.Revoked:
		w.faultf("a token under %s is taken by a node that had a refresh to hear of its revocation", id)
	case ok || over:
	case n.refusal == core.RevokedKey && stateIn(n.latest(w.now).ring, id) == crypto.Revoked:
	case n.refusal == core.UnknownKey && stateIn(used, id) == 0 && w.sudden[id]:
	default:
		w.faultf("a token under %s is refused: %v", id, n.refusal)
	}
}

// keyOf returns the id of the key that a token was sealed under, which stands in it in the clear.
func keyOf(t *testing.T, token core.Token) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(string(token)[:16])
	must(t, err)
	return string(b[2 : 2+b[1]])
}

// run lets time pass: a thousand exchanges a second, and a hundred under the race detector.
func (w *simulation) run(d int64) {
	w.t.Helper()
	for range d / w.between {
		if w.now%second == 0 {
			w.operator()
		}
		w.exchange()
		w.now += w.between
	}
}
