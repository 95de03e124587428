package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
)

// A kill shows nothing about loss of power, because what was written outlives the process. So these tests write down what
// a Directory does to its folder, build every folder that a crash at any instant may leave by the rules below, and open
// the store on each.
//
//   - What was written to a file before it was synced is all there. What was not may be missing, be a part, be zeros
//     of the full length, or be all there.
//   - Renames and removals before a flush of the folder have happened. Of those after it any may have happened or not.
//   - A time that was set may be there or not, whatever was synced.

// claim is what the store has said of a key: the record that it acknowledged, or that there is none.
type acked struct {
	key core.Key
	rec core.Record // a zero revision is none
}

// begun is what a call is about to make of a key, before it is acknowledged.
type begun acked

// crashScript calls a store, and notes in the trace what was begun and what acknowledged.
func crashScript(t *testing.T, d *Directory, on *disk) {
	t.Helper()
	ctx := context.Background()
	do := func(key core.Key, rec core.Record, call func() error) {
		t.Helper()
		on.note(begun{key, rec})
		if err := call(); err != nil {
			t.Fatal(err)
		}
		on.note(acked{key, rec})
	}
	rec := func(revision uint64, seen, deadline int64) core.Record {
		return core.Record{Revision: revision, Seen: seen, Deadline: deadline, Body: fmt.Sprintf("body of revision %d", revision)}
	}
	create := func(key core.Key, r core.Record) { do(key, r, func() error { return d.Create(ctx, key, r) }) }
	replace := func(key core.Key, r core.Record) {
		do(key, r, func() error { return d.Replace(ctx, key, r.Revision-1, r) })
	}
	touch := func(key core.Key, r core.Record) {
		do(key, r, func() error { return d.Touch(ctx, key, r.Revision, r.Seen, r.Deadline) })
	}
	remove := func(key core.Key, at uint64) {
		do(key, core.Record{}, func() error { return d.Delete(ctx, key, at) })
	}
	create("a", rec(1, 1000, 5000))
	touch("a", rec(1, 1500, 5500)) // by the file's time
	replace("a", rec(2, 2000, 6000))
	touch("a", rec(2, 2100, 9000)) // which no rule of the file's time expresses
	create("b", rec(1, 1000, 5000))
	remove("a", 2)
	create("a", rec(7, 3000, 7000))
	remove("b", 1)
	// Another process removes a record and dies before it flushes. Then a logout finds nothing, and reports that.
	_, name := fileName("a")
	on.note(begun{"a", core.Record{}})
	if err := on.remove(name); err != nil {
		t.Fatal(err)
	}
	if err := d.Delete(ctx, "a", 7); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	on.note(acked{"a", core.Record{}})
}

// lawful is what a store may say of each key after a crash.
type lawful struct {
	last     map[core.Key]core.Record // acknowledged last
	underway map[core.Key]core.Record
	ever     map[core.Key][]core.Record // acknowledged or begun at any time, and the absence that was first
}

func lawOf(trace []step) lawful {
	l := lawful{map[core.Key]core.Record{}, map[core.Key]core.Record{}, map[core.Key][]core.Record{"a": {{}}, "b": {{}}}}
	for _, s := range trace {
		switch note := s.note.(type) {
		case begun:
			l.underway[note.key] = note.rec
			l.ever[note.key] = append(l.ever[note.key], note.rec)
		case acked:
			l.last[note.key] = note.rec
			delete(l.underway, note.key)
		}
	}
	return l
}

// breach says what is wrong with an answer of Load, or nothing.
func (l lawful) breach(sync Sync, key core.Key, got core.Record, err error) string {
	if errors.Is(err, ErrNotFound) {
		got, err = core.Record{}, nil
	}
	if errors.Is(err, ErrGarbled) && sync == SyncNone {
		return ""
	}
	if err != nil {
		return fmt.Sprintf("%s: %v", key, err)
	}
	if !slices.Contains(l.ever[key], got) {
		return fmt.Sprintf("%s: never was %+v", key, got)
	}
	if sync != SyncFolder {
		return ""
	}
	allowed := []core.Record{l.last[key]}
	if next, ok := l.underway[key]; ok {
		allowed = append(allowed, next)
	}
	for _, a := range allowed {
		// A touch is not flushed, so the times may be earlier ones. That they were together once is looked at above.
		if got.Revision == a.Revision && got.Body == a.Body && got.Seen <= a.Seen && got.Deadline <= a.Deadline {
			return ""
		}
	}
	return fmt.Sprintf("%s: has %+v, acknowledged was %+v", key, got, l.last[key])
}

// image is one folder that a crash may leave.
type image struct {
	names map[string]*inode // each a copy
	told  string            // how it came to be
}

// images calls use with every folder that a crash after the trace may leave.
func images(trace []step, use func(image)) {
	files := map[*inode]*past{}
	of := func(n *inode) *past {
		if files[n] == nil {
			files[n] = &past{mtimes: []time.Time{rawTime}}
		}
		return files[n]
	}
	settled, loose := map[string]*inode{}, []step(nil)
	apply := func(names map[string]*inode, s step) {
		delete(names, s.from)
		if s.op == "rename" {
			names[s.to] = s.inode
		}
	}
	for _, s := range trace {
		switch s.op {
		case "write":
			of(s.inode).data, of(s.inode).synced = s.data, false
		case "sync":
			of(s.inode).synced = true
		case "time":
			of(s.inode).mtimes = append(of(s.inode).mtimes, s.mtime)
		case "rename", "remove":
			loose = append(loose, s)
		case "flush":
			for _, s := range loose {
				apply(settled, s)
			}
			loose = nil
		}
	}
	for subset := range 1 << len(loose) {
		names := maps.Clone(settled)
		for i, s := range loose {
			if subset>>i&1 == 1 {
				apply(names, s)
			}
		}
		variants(names, files, fmt.Sprintf("%0*b of the last renames and removals", len(loose), subset), use)
	}
}

// past is what a file may have come to the disk with.
type past struct {
	data   []byte
	synced bool
	mtimes []time.Time
}

func (p *past) contents() [][]byte {
	if p.synced {
		return [][]byte{p.data}
	}
	zeros := make([]byte, len(p.data))
	tail := append(slices.Clone(p.data[:headSize+2]), zeros[headSize+2:]...)
	return [][]byte{p.data, nil, p.data[:headSize/2], p.data[:headSize], p.data[:len(p.data)-1], zeros, tail}
}

// variants calls use with every content and time that the named files may have.
func variants(names map[string]*inode, files map[*inode]*past, told string, use func(image)) {
	list := []image{{map[string]*inode{lockName: {}}, told}}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		var more []image
		for _, have := range list {
			for i, data := range files[names[name]].contents() {
				for j, mtime := range files[names[name]].mtimes {
					next := maps.Clone(have.names)
					next[name] = &inode{slices.Clone(data), mtime}
					more = append(more, image{next, fmt.Sprintf("%s; %.4s… has content %d and time %d", have.told, name, i, j)})
				}
			}
		}
		list = more
	}
	for _, one := range list {
		use(one)
	}
}

// crashes runs the script, crashes it at every instant in every way, and returns how many folders there were and what was
// wrong with them.
func crashes(t *testing.T, runs, promises Sync) (count int, breaches []string) {
	t.Helper()
	ctx := context.Background()
	on := newDisk()
	crashScript(t, onDisk(t, on, runs), on)
	lock, err := os.OpenFile(filepath.Join(t.TempDir(), lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	for at := range len(on.trace) + 1 {
		law := lawOf(on.trace[:at])
		images(on.trace[:at], func(left image) {
			count++
			after := withLock(&disk{names: left.names}, runs, lock)
			for _, key := range []core.Key{"a", "b"} {
				got, err := after.Load(ctx, key)
				if wrong := law.breach(promises, key, got, err); wrong != "" {
					breaches = append(breaches, fmt.Sprintf("after step %d, %s: %s", at, left.told, wrong))
				}
				if wrong := usable(ctx, after, key, got, err); wrong != "" {
					breaches = append(breaches, fmt.Sprintf("after step %d, %s: %s", at, left.told, wrong))
				}
			}
		})
	}
	return count, breaches
}

// usable goes on with what a crash has left, and says what does not work.
func usable(ctx context.Context, d *Directory, key core.Key, got core.Record, err error) string {
	next := core.Record{Revision: got.Revision + 1, Seen: 1, Deadline: 2, Body: "after the crash"}
	switch {
	case err == nil:
		err = d.Replace(ctx, key, got.Revision, next)
	case errors.Is(err, ErrNotFound):
		err = d.Create(ctx, key, next)
	case errors.Is(err, ErrGarbled):
		if err := d.Create(ctx, key, next); !errors.Is(err, ErrExists) {
			return fmt.Sprintf("Create over what is garbled: %v", err)
		}
		return ""
	}
	if err != nil {
		return fmt.Sprintf("%s cannot be written: %v", key, err)
	}
	if now, err := d.Load(ctx, key); err != nil || now != next {
		return fmt.Sprintf("%s was written, and Load has %+v, %v", key, now, err)
	}
	return ""
}

func TestDirectoryAfterEveryCrash(t *testing.T) {
	for _, c := range []struct {
		name string
		sync Sync
		most int
	}{{"folder", SyncFolder, 1 << 20}, {"file", SyncFile, 1 << 20}, {"none", SyncNone, 1 << 20}} {
		t.Run(c.name, func(t *testing.T) {
			count, breaches := crashes(t, c.sync, c.sync)
			t.Logf("%d folders", count)
			if count < 100 {
				t.Errorf("only %d folders: the search is idle", count)
			}
			for _, wrong := range breaches[:min(5, len(breaches))] {
				t.Error(wrong)
			}
		})
	}
}

// The search finds what a weaker mode breaks of a stronger one's promise, so it would find it in the stronger one too.
func TestCrashesFindBrokenPromises(t *testing.T) {
	for _, c := range []struct {
		name           string
		runs, promises Sync
	}{{"no flush of the folder", SyncFile, SyncFolder}, {"no flush of the file", SyncNone, SyncFile}} {
		t.Run(c.name, func(t *testing.T) {
			if _, breaches := crashes(t, c.runs, c.promises); len(breaches) == 0 {
				t.Error("nothing was found")
			}
		})
	}
}
