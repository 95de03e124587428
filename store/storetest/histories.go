package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/anishathalye/porcupine"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// step is one call in a history, and outcome its answer. Both compare with ==.
type step struct {
	method         string
	key            core.Key
	at             uint64
	rec            core.Record
	seen, deadline int64
}

type outcome struct {
	answer string // of spell
	rec    core.Record
}

func (s step) String() string {
	return fmt.Sprintf("%s %q at %d %s %d %d", s.method, s.key, s.at, show(s.rec), s.seen, s.deadline)
}

// kept is what one key has at an instant of a history.
type kept struct {
	ok  bool
	rec core.Record
}

// apply is world for one key, as a pure function.
func (k kept) apply(s step) (kept, outcome) {
	w := world{}
	if k.ok {
		w[s.key] = k.rec
	}
	var err error
	var out outcome
	switch s.method {
	case "Load":
		if out.rec, err = w.at(s.key, k.rec.Revision); err != nil {
			out.rec = core.Record{}
		}
	case "Create":
		err = w.create(s.key, s.rec)
	case "Replace":
		err = w.replace(s.key, s.at, s.rec)
	case "Touch":
		err = w.touch(s.key, s.at, s.seen, s.deadline)
	case "Delete":
		err = w.delete(s.key, s.at)
	}
	out.answer = spell(err)
	rec, ok := w[s.key]
	return kept{ok, rec}, out
}

// contract is what porcupine holds a history to, one key at a time.
var contract = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byKey := map[core.Key][]porcupine.Operation{}
		var keys []core.Key
		for _, op := range history {
			key := op.Input.(step).key
			if byKey[key] == nil {
				keys = append(keys, key)
			}
			byKey[key] = append(byKey[key], op)
		}
		var parts [][]porcupine.Operation
		for _, key := range keys {
			parts = append(parts, byKey[key])
		}
		return parts
	},
	Init: func() any { return kept{} },
	Step: func(state, input, output any) (bool, any) {
		next, out := state.(kept).apply(input.(step))
		return out == output.(outcome), next
	},
}

const (
	clients = 4
	steps   = 12
)

// histories lets a few clients call at once, writes down when each call began and ended, and asks for an order of atomic
// steps that explains every answer. The clock is a counter: what happened before something else has a smaller number.
func histories(p *probe) {
	p.swaps()
	for range p.config.Rounds {
		keys := []core.Key{p.key(), p.key()}
		var clock atomic.Int64
		ops := make([][]porcupine.Operation, clients)
		together(clients, func(client int) error {
			seen := map[core.Key]uint64{} // the revision that this client believes in
			for range steps {
				s := anyStep(keys, seen)
				began := clock.Add(1)
				out := p.take(p.store, s)
				ended := clock.Add(1)
				learn(seen, s, out)
				ops[client] = append(ops[client], porcupine.Operation{ClientId: client, Input: s, Call: began, Output: out, Return: ended})
			}
			return nil
		})
		history := slices.Concat(ops...)
		if !porcupine.CheckOperations(contract, history) {
			p.brokenf("No order of atomic steps explains this history (begin, end, call, answer):\n%s", narrate(history))
		}
	}
}

// anyStep draws a step that has a fair chance to succeed. Its chance need not be unpredictable.
//
//nolint:gosec // a test may use a fast generator
func anyStep(keys []core.Key, believed map[core.Key]uint64) step {
	key := keys[rand.IntN(len(keys))]
	at := believed[key]
	rec := live(at+1, fmt.Sprint(rand.Uint32()))
	switch n := rand.IntN(10); {
	case n < 3:
		return step{method: "Load", key: key}
	case n < 5 || at == 0:
		rec.Revision = 1
		return step{method: "Create", key: key, rec: rec}
	case n < 7:
		return step{method: "Replace", key: key, at: at, rec: rec}
	case n < 8:
		return step{method: "Touch", key: key, at: at, seen: present + rand.Int64N(9), deadline: far + rand.Int64N(9)}
	default:
		return step{method: "Delete", key: key, at: at}
	}
}

func (p *probe) take(from store.Store, s step) outcome {
	var err error
	var rec core.Record
	switch s.method {
	case "Load":
		rec, err = from.Load(p.ctx, s.key)
	case "Create":
		err = from.Create(p.ctx, s.key, s.rec)
	case "Replace":
		err = from.Replace(p.ctx, s.key, s.at, s.rec)
	case "Touch":
		err = from.Touch(p.ctx, s.key, s.at, s.seen, s.deadline)
	case "Delete":
		err = from.Delete(p.ctx, s.key, s.at)
	}
	return outcome{spell(err), rec}
}

func learn(believed map[core.Key]uint64, s step, out outcome) {
	switch {
	case out.answer != spell(nil):
	case s.method == "Load":
		believed[s.key] = out.rec.Revision
	case s.method == "Create" || s.method == "Replace":
		believed[s.key] = s.rec.Revision
	}
}

func narrate(history []porcupine.Operation) string {
	slices.SortFunc(history, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	var lines strings.Builder
	for _, op := range history {
		out := op.Output.(outcome)
		fmt.Fprintf(&lines, "\t%3d %3d %s: %s %s\n", op.Call, op.Return, op.Input, out.answer, show(out.rec))
	}
	return lines.String()
}
