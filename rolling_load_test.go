package satchel_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// rolling is a deploy under load: as many clients as sessions, each a goroutine.
type rolling struct {
	t      *testing.T
	deploy deploy
	store  store.Store // nil where sessions are client-side
	keys   satchel.Keys
	nodes  map[*program]*rollingNode
	jars   []*jar
}

// rollingNode is a running program, and what its observer was told.
type rollingNode struct {
	*program
	sessions *satchel.Sessions
	seen     *events
	mu       sync.Mutex
	refused  int // writes
	blind    int // reads that gave no session
}

// jar is one session's token, and what was put into the session.
type jar struct {
	mu           sync.Mutex
	token        core.Token
	items, notes []string
}

func newRolling(t *testing.T, d deploy, place string) *rolling {
	t.Helper()
	r := &rolling{t: t, deploy: d, keys: satchel.FixedKeys(testRing(t)), nodes: map[*program]*rollingNode{}}
	if place == "server-side" {
		r.store = store.NewMemory()
	}
	for _, p := range append(slices.Concat(d.fleets...), d.newest) {
		if r.nodes[p] == nil {
			n := &rollingNode{program: p, seen: new(events)}
			n.sessions = satchel.Must(satchel.Config{Observer: n.seen.observer()}.New(p.place(r.store, r.keys)))
			r.nodes[p] = n
		}
	}
	for range 6 {
		j := new(jar)
		r.exchange(j, r.nodes[d.fleets[0][0]], func(ctx ctx, n *rollingNode) { must(t, n.put(ctx, "tea")) })
		j.items = []string{"tea"}
		r.jars = append(r.jars, j)
	}
	return r
}

// exchange lets a jar's session meet a node. A server-side one may meet several at once: its token stays.
func (r *rolling) exchange(j *jar, n *rollingNode, f func(ctx, *rollingNode)) {
	j.mu.Lock()
	token := j.token
	j.mu.Unlock()
	ex := n.sessions.Open(satchel.Arrived{"basket": token})
	f(ex.Context(r.t.Context()), n)
	out, err := ex.Commit(r.t.Context())
	if err != nil {
		r.t.Errorf("%s: commit: %v", n.name, err)
	}
	for _, o := range out {
		if o.Action == core.SendClear {
			r.t.Errorf("%s clears a session", n.name)
		}
		if o.Action == core.SendToken {
			j.mu.Lock()
			j.token = o.Token
			j.mu.Unlock()
		}
	}
}

func (r *rolling) run() {
	for number, fleet := range r.deploy.fleets {
		var clients sync.WaitGroup
		for i := range r.jars {
			random := rand.New(rand.NewPCG(uint64(number), uint64(i)))
			clients.Go(func() {
				for range 60 {
					j := r.jars[i]
					if r.store != nil { // a client-side session cannot know of a parallel change
						j = r.jars[random.IntN(len(r.jars))]
					}
					r.visit(j, r.nodes[fleet[random.IntN(len(fleet))]], random)
				}
			})
		}
		clients.Wait()
	}
	r.nothingIsLost()
	r.nobodyHasSeenMore()
}

// visit reads a session, or writes to it, and notes what must be there afterwards.
func (r *rolling) visit(j *jar, n *rollingNode, random *rand.Rand) {
	r.exchange(j, n, func(ctx ctx, n *rollingNode) {
		switch what := random.IntN(4); {
		case what == 0 && n.note != nil:
			text := fmt.Sprint(random.Uint64())
			if r.wrote(n, n.note(ctx, text)) {
				j.has(&j.notes, text)
			}
		case what <= 1:
			item := []string{"milk", "pear", "tea"}[random.IntN(3)]
			if r.wrote(n, n.put(ctx, item)) {
				j.has(&j.items, item)
			}
		default:
			items, _, ok, err := n.read(ctx)
			if err != nil || ok != (len(items) > 0) || !ok && !slices.Contains(r.deploy.blind, n.program) {
				r.t.Errorf("%s reads %q, %v, %v", n.name, items, ok, err)
			}
			if !ok {
				n.count(&n.blind)
			}
		}
	})
}

func (r *rolling) wrote(n *rollingNode, err error) bool {
	if errors.Is(err, satchel.ErrNewerSchema) && slices.Contains(r.deploy.refuses, n.program) {
		n.count(&n.refused)
		return false
	}
	if err != nil {
		r.t.Errorf("%s cannot write: %v", n.name, err)
	}
	return err == nil
}

func (n *rollingNode) count(what *int) {
	n.mu.Lock()
	*what++
	n.mu.Unlock()
}

func (j *jar) has(list *[]string, one string) {
	j.mu.Lock()
	*list = append(*list, one)
	j.mu.Unlock()
}

// nothingIsLost: the newest program finds all that was ever put into a session, and can write to each.
func (r *rolling) nothingIsLost() {
	for i, j := range r.jars {
		slices.Sort(j.items)
		slices.Sort(j.notes)
		r.exchange(j, r.nodes[r.deploy.newest], func(ctx ctx, n *rollingNode) {
			items, notes, _, err := n.read(ctx)
			slices.Sort(notes)
			if err != nil || !slices.Equal(items, j.items) || !slices.Equal(notes, j.notes) {
				r.t.Errorf("session %d: %v; %d items and %d notes, of %d and %d", i, err, len(items), len(notes), len(j.items), len(j.notes))
			}
			if err := n.put(ctx, "last"); err != nil {
				r.t.Errorf("session %d cannot be written any more: %v", i, err)
			}
		})
	}
}

// nobodyHasSeenMore: observers were told of what a deploy may cost, and it did cost that, and of nothing else.
func (r *rolling) nobodyHasSeenMore() {
	for p, n := range r.nodes {
		blind, refuses := slices.Contains(r.deploy.blind, p), slices.Contains(r.deploy.refuses, p)
		if refuses != (n.refused > 0) || blind != (n.blind > 0) {
			r.t.Errorf("%s refused %d writes, and saw no session %d times", p.name, n.refused, n.blind)
		}
		told := 0
		for _, event := range n.seen.take() {
			switch event {
			case "refused: undecodable":
				told++
			case "created", "saved", "conflicted":
			default:
				r.t.Errorf("%s: %s", p.name, event)
			}
		}
		if blind != (told > 0) {
			r.t.Errorf("%s told of %d sessions that it cannot read", p.name, told)
		}
	}
}
