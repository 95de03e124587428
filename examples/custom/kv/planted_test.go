package kv_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/examples/custom/kv"
	"github.com/satchel-go/satchel/store"
)

// variable names the planted fault of a process.
const variable = "SATCHEL_EXAMPLE_PLANTED"

// planted are stores with a fault each, and what the kit says to it.
var planted = map[string]struct {
	replace func(ctx context.Context, s kv.Store, key core.Key, at uint64, rec core.Record) error
	remove  func(ctx context.Context, s kv.Store, key core.Key, at uint64) error
	found   string
}{
	"brings back what was deleted": {replace: func(ctx context.Context, s kv.Store, key core.Key, at uint64, rec core.Record) error {
		if _, err := s.Load(ctx, key); errors.Is(err, store.ErrNotFound) {
			return s.Create(ctx, key, rec)
		}
		return s.Replace(ctx, key, at, rec)
	}, found: "Deletion wins: a Replace that finds its record gone does not bring it back."},
	"deletes whatever is there": {remove: func(ctx context.Context, s kv.Store, key core.Key, _ uint64) error {
		rec, err := s.Load(ctx, key)
		if err != nil {
			return err
		}
		return s.Delete(ctx, key, rec.Revision)
	}, found: "Delete at another revision changes nothing and returns ErrConflict."},
	"the last write wins": {replace: func(ctx context.Context, s kv.Store, key core.Key, at uint64, rec core.Record) error {
		err := s.Replace(ctx, key, at, rec)
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
		now, err := s.Load(ctx, key)
		if err != nil {
			return err
		}
		rec.Revision = now.Revision + 1
		return s.Replace(ctx, key, now.Revision, rec)
	}, found: "Replace at another revision, older or newer, changes nothing and returns ErrConflict."},
}

// The ten lines of TestStore find each of these faults, and name the rule that it breaks. A kit fails the test that calls it, so each is found in a process
// of its own.
func TestPlantedFaultsAreFound(t *testing.T) {
	for name, fault := range planted {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestStore$", "-rapid.nofailfile", "-test.timeout=60s")
			cmd.Env = append(os.Environ(), variable+"="+name)
			said, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(said), fault.found) || strings.Contains(string(said), "panic:") {
				t.Errorf("%v\n%.3000s\nwant %q", err, said, fault.found)
			}
		})
	}
}

// bent is the store with one thing wrong.
type bent struct {
	kv.Store

	name string
}

func (b bent) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if fault := planted[b.name]; fault.replace != nil {
		return fault.replace(ctx, b.Store, key, at, rec)
	}
	return b.Store.Replace(ctx, key, at, rec)
}

func (b bent) Delete(ctx context.Context, key core.Key, at uint64) error {
	if fault := planted[b.name]; fault.remove != nil {
		return fault.remove(ctx, b.Store, key, at)
	}
	return b.Store.Delete(ctx, key, at)
}

// underTest is the store, or in a process that was started for it a planted one.
func underTest(s kv.Store) store.Store {
	if name := os.Getenv(variable); name != "" {
		return bent{s, name}
	}
	return s
}
