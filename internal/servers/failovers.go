//go:build unix

package servers

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// StandbyOf is a PostgreSQL that begins with a copy of what a primary has, and follows whoever its primary_conninfo names.
func StandbyOf(primary *Server) Engine {
	program, err := filepath.EvalSymlinks(primary.path) // so that all programs are of one version
	if err != nil {
		primary.tb.Fatal(err)
	}
	e := PostgreSQL
	e.Install = []string{
		filepath.Join(filepath.Dir(program), "pg_basebackup"), "-h", primary.Folder, "-U", "postgres", "-D", "%s/data", "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
	}
	e.Ready = "ready to accept read-only connections"
	return e
}

// Pair is a primary and the replica that follows it, by a link that can be cut.
type Pair struct {
	Primary *Server
	Store   store.Store // on the primary
	Link    *Proxy      // by which the replica hears of its primary
	Replica store.Store // on the replica
	Promote func()      // makes a primary of the replica, with all that it has heard
}

// Follows creates a record and returns when the replica has it.
func (p Pair) Follows(t *testing.T, key core.Key) {
	t.Helper()
	must(t, p.Store.Create(t.Context(), key, Rec))
	Eventually(t, "the replica has what is new", func() bool {
		kept, err := p.Replica.Load(t.Context(), key)
		return err == nil && kept == Rec
	})
}

// Failover lets the primary end at once, with whatever its replica has not heard, and the replica take its place.
func (p Pair) Failover() {
	p.Primary.Kill()
	p.Link.Drop()
	p.Promote()
}

// FailoverUndoes ends a session, and rotates another, while the replica hears of nothing. Both are acknowledged, and are undone by the failover,
// as Guarantees says of what has no Failover. The store then works on as after any other outage.
func FailoverUndoes(t *testing.T, p Pair) {
	t.Helper()
	ctx := t.Context()
	p.Follows(t, "ended")
	p.Follows(t, "rotated")
	p.Link.Cut()
	must(t, p.Store.Delete(ctx, "ended", 1))
	must(t, p.Store.Replace(ctx, "rotated", 1, Next(1)))
	if _, err := p.Store.Load(ctx, "ended"); !errors.Is(err, store.ErrNotFound) {
		t.Error("before the failover:", err)
	}
	p.Failover()
	for _, key := range []core.Key{"ended", "rotated"} {
		if kept, err := p.Replica.Load(ctx, key); err != nil || kept != Rec {
			t.Errorf("the failover did not undo what was acknowledged: %s is %+v, %v", key, kept, err)
		}
	}
	if p.Store.Guarantees().Failover {
		t.Error("it declares that a failover loses nothing")
	}
	p.works(t)
}

// FailoverKeeps ends sessions where each change waits for the replica. While that hears of nothing none is acknowledged; what is acknowledged is
// there after a failover at the next instant.
func FailoverKeeps(t *testing.T, p Pair) {
	t.Helper()
	ctx := t.Context()
	p.Follows(t, "ended")
	p.Follows(t, "unsure")
	p.Follows(t, "as unsure")
	p.Follows(t, "rotated")
	p.Link.Cut()
	p.Unsure(t, "unsure")
	ended := make(chan error, 1)
	go func() { ended <- p.Store.Delete(ctx, "ended", 1) }()
	p.Unsure(t, "as unsure") // which takes its time
	select {
	case err := <-ended:
		t.Fatal("it was acknowledged though no replica has heard of it:", err)
	default:
	}
	p.Link.Heal()
	must(t, <-ended)
	must(t, p.Store.Replace(ctx, "rotated", 1, Next(1)))
	p.Failover()
	if kept, err := p.Replica.Load(ctx, "ended"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the failover undid a logout: %+v, %v", kept, err)
	}
	if kept, err := p.Replica.Load(ctx, "rotated"); err != nil || kept != Next(1) {
		t.Errorf("the failover undid a rotation: %+v, %v", kept, err)
	}
	p.works(t)
}

// Unsure changes a session, and sees that this is not acknowledged within a while, which is an outage.
func (p Pair) Unsure(t *testing.T, key core.Key) {
	t.Helper()
	within, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err := p.Store.Touch(within, key, 1, Rec.Seen+1, Rec.Deadline)
	Outage(t, "a change that no replica has heard of", err)
}

// works looks whether the replica takes changes now.
func (p Pair) works(t *testing.T) {
	t.Helper()
	for i := range 3 {
		key := core.Key(fmt.Sprint("new ", i))
		must(t, p.Replica.Create(t.Context(), key, Rec))
		must(t, p.Replica.Replace(t.Context(), key, 1, Next(1)))
		must(t, p.Replica.Delete(t.Context(), key, 2))
	}
}
