package lives

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

// fleet are programs that share a kind and a clock. Theirs is the engine's, moved on: what is live may not be over for it.
type fleet struct {
	*testing.T
	kind     satchel.Kind[cart]
	programs []*satchel.Sessions
	open     func(node int) (*satchel.Sessions, error)
	moved    atomic.Int64
}

// home is where the sessions of a fleet live.
type home func(satchel.Kind[cart], store.Store) satchel.Placement

func serverSide(k satchel.Kind[cart], s store.Store) satchel.Placement { return k.ServerSide(s) }

// clientSide returns the homes of sessions that live in the client and can be ended.
func clientSide(t *testing.T) map[string]home {
	t.Helper()
	ring, err := crypto.ParseKeyring("a:primary:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]home{
		"log": func(k satchel.Kind[cart], s store.Store) satchel.Placement {
			return k.ClientSide(satchel.FixedKeys(ring), satchel.Revocable(s, satchel.LogOptions{}))
		},
		"anchor": func(k satchel.Kind[cart], s store.Store) satchel.Placement {
			return k.ClientSide(satchel.FixedKeys(ring), satchel.Anchored(s, 0))
		},
	}
}

func newFleet(t *testing.T, name string, nodes []store.Store, at home, o satchel.Options) *fleet {
	t.Helper()
	f := &fleet{T: t, kind: satchel.NewKind[cart](name)}
	began := time.Now()
	f.open = func(node int) (*satchel.Sessions, error) {
		return satchel.Config{
			CommitLimit: time.Minute, LoadLimit: time.Minute,
			Clock: func() time.Time { return began.Add(time.Duration(f.moved.Load())) },
		}.New(at(f.kind, nodes[node]).With(o))
	}
	f.programs = make([]*satchel.Sessions, len(nodes))
	f.begin()
	return f
}

// begin has new programs on all nodes. They have no copies of what is in the stores, and so know all that was done before.
func (f *fleet) begin() {
	f.Helper()
	for node := range f.programs {
		var err error
		if f.programs[node], err = f.open(node); err != nil {
			f.Fatal(err)
		}
	}
}

// visit is an exchange on one of the nodes, and what the client holds after it.
func (f *fleet) visit(node int, token core.Token, do func(ctx context.Context) error) (core.Token, error) {
	arrived := satchel.Arrived{}
	if token != "" {
		arrived[f.kind.Name()] = token
	}
	ex := f.programs[node%len(f.programs)].Open(arrived)
	defer ex.Close()
	if err := do(ex.Context(f.Context())); err != nil {
		return token, err
	}
	out, err := ex.Commit(f.Context())
	for _, o := range out {
		switch o.Action {
		case core.SendToken:
			token = o.Token
		case core.SendClear:
			token = ""
		case core.SendNothing:
		}
	}
	return token, err
}

func (f *fleet) items(node int, token core.Token) (items int, ok bool) {
	f.Helper()
	_, err := f.visit(node, token, func(ctx context.Context) error {
		c, found, err := f.kind.Get(ctx)
		items, ok = c.Items, found
		return err
	})
	if err != nil {
		f.Error(err)
	}
	return items, ok
}
