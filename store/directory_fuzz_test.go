package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
)

// sweptAt is when the targets sweep: records with deadline 1000 are over then, and those with 9000 are not.
const sweptAt = 5000

// sweepAll sweeps to the end, which comes soon, and returns how many records went.
func sweepAll(t *testing.T, d *Directory) (removed int) {
	t.Helper()
	for range 100 {
		n, more, err := d.Sweep(t.Context(), sweptAt, 10)
		removed += n
		if err != nil {
			t.Fatalf("Sweep returned %v", err)
		}
		if !more {
			return removed
		}
	}
	t.Fatal("a sweep comes to no end")
	return removed
}

// fuzzedLock is a lock file for all runs of a target.
func fuzzedLock(f *testing.F) *os.File {
	f.Helper()
	lock, err := os.CreateTemp(f.TempDir(), "")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { lock.Close() })
	return lock
}

// FuzzDirectoryLedger finds anything in the lock file, before a sweep and in the middle of one. What is missing of it is 0. A sweep comes to its end and takes no record
// that lives; what is written after the one and without the other is swept in its time; and a program that opens the folder anew has
// all swept that is over.
func FuzzDirectoryLedger(f *testing.F) {
	spell := func(due int64, scan uint64, since int64) []byte {
		b := binary.BigEndian.AppendUint64(nil, uint64(due))
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, scan), uint64(since))
	}
	for _, before := range [][]byte{
		nil,
		{0x7f},
		spell(0, 0, 0), spell(math.MaxInt64, 0, math.MaxInt64), spell(math.MaxInt64, 1, math.MinInt64), spell(math.MinInt64, 1, math.MinInt64),
		spell(1001, 7, 999), spell(999, 7, 1001), append(spell(math.MaxInt64, 1, math.MaxInt64), "more"...),
	} {
		f.Add(before, []byte(nil), int64(1000))
		f.Add(before, spell(math.MaxInt64, 9, math.MaxInt64), int64(1001))
		f.Add(before, spell(0, 9, 0), int64(-1))
	}
	lock := fuzzedLock(f)
	put := func(t *testing.T, ledger []byte) {
		t.Helper()
		wantNo(t, lock.Truncate(0))
		_, err := lock.WriteAt(ledger, 0)
		wantNo(t, err)
	}
	f.Fuzz(func(t *testing.T, before, amid []byte, deadline int64) {
		ctx, on := context.Background(), newDisk()
		d := withLock(on, SyncNone, lock)
		put(t, nil)
		live := core.Record{Revision: 1, Deadline: 9000, Body: "alive"}
		wantNo(t, d.Create(ctx, "live", live))
		wantNo(t, d.Create(ctx, "over", core.Record{Revision: 1, Deadline: 1000}))
		in := &d.drawers[0]
		put(t, bytes.Repeat([]byte{0xaa}, ledgerSize)) // of which nothing is to be left
		wantNo(t, in.readLedger())
		put(t, before)
		need.Proportion(t, len(before), func() { wantNo(t, in.readLedger()) })
		if got, want := spell(in.ledger.due, in.ledger.scan, in.ledger.since), append(bytes.Clone(before), make([]byte, ledgerSize)...)[:ledgerSize]; !bytes.Equal(got, want) {
			t.Errorf("%x is read as %x", before, got)
		}
		late := core.Record{Revision: 1, Deadline: deadline & core.MaxInstant, Body: "late"}
		wantNo(t, d.Create(ctx, "late", late))
		if len(amid) > 0 {
			on.broken = func(op string) error {
				if op == "close" { // of the first look
					on.broken = nil
					put(t, amid)
				}
				return nil
			}
		}
		sweepAll(t, d)
		_, lateIsThere := on.names[fileOf("late")]
		if len(amid) == 0 && lateIsThere != (late.Deadline > sweptAt) {
			t.Errorf("after ledger %x a record until %d was written; that it is there after a sweep is %v", before, late.Deadline, lateIsThere)
		}
		on.broken = nil
		put(t, make([]byte, ledgerSize)) // as whoever opens the folder does
		sweepAll(t, d)
		want := []string{lockName, fileOf("live")}
		if late.Deadline > sweptAt {
			want = append(want, fileOf("late"))
		}
		slices.Sort(want)
		if got := slices.Sorted(maps.Keys(on.names)); !slices.Equal(got, want) {
			t.Errorf("after ledgers %x and %x, and another sweep, there are %q, want %q", before, amid, got, want)
		}
		if got, err := d.Load(ctx, "live"); err != nil || got != live {
			t.Errorf("what lives gives %+v, %v", got, err)
		}
	})
}

func fileOf(key core.Key) string {
	_, name := fileName(key)
	return name
}

var nameOfARecord = regexp.MustCompile(`^[0-9a-f]{64}$`)

// FuzzDirectoryNames finds files of any names, with the bytes of a record of that name, of another's, or of none. Listed is exactly what is
// named like a record, each once; a sweep takes exactly the records that are over and old leftovers; and a record of our own is as it was.
func FuzzDirectoryNames(f *testing.F) {
	hexes := strings.Repeat("0123456789abcdef", 4)
	for _, names := range []string{
		"", "a", hexes, hexes[1:], hexes + "0", strings.ToUpper(hexes), hexes + "\n" + fileOf("other"), ".lock\n.LOCK\n.lock.", ".tmp-\n.tmp-a\n.tmp\ntmp-a\n.tmp-" + hexes,
		hexes[:63] + "\x00\n" + hexes[:63] + "\xff\n" + hexes[:61] + "é", "..\n...\n-\n \n" + fileOf("own"),
	} {
		for _, kinds := range []string{"", "\x00", "\x01\x02", "\x03\x04\x05"} {
			f.Add(names, kinds)
		}
	}
	lock := fuzzedLock(f)
	f.Fuzz(func(t *testing.T, names, kinds string) {
		on := newDisk()
		d := withLock(on, SyncNone, lock)
		wantNo(t, lock.Truncate(0))
		own := core.Record{Revision: 3, Deadline: 9000, Body: "own"}
		left, over := map[string]*inode{}, 0
		garbled := map[string]bool{fileOf("own"): false}
		for i, name := range strings.Split(names, "\n") {
			if on.names[name] != nil || name == fileOf("own") || strings.ContainsAny(name, "/\x00") || name == "" || len(on.names) > 20 {
				continue // no folder has such a file, or it is there already
			}
			n, bad, ends := strange(name, kinds, i)
			on.names[name] = n
			record := nameOfARecord.MatchString(name)
			if record {
				garbled[name] = bad
			}
			switch {
			case record && ends:
				over++
			case strings.HasPrefix(name, ".tmp-") && n.mtime.Before(time.UnixMilli(sweptAt).Add(-time.Hour+1)):
			default:
				left[name] = &inode{slices.Clone(n.data), n.mtime}
			}
		}
		wantNo(t, d.Create(t.Context(), "own", own))
		wantListed(t, d, garbled)
		if removed := sweepAll(t, d); removed != over {
			t.Errorf("%q: a sweep removed %d records, want %d", names, removed, over)
		}
		for name, n := range left {
			if got := on.names[name]; got == nil || !bytes.Equal(got.data, n.data) || !got.mtime.Equal(n.mtime) {
				t.Errorf("%q is not as it was", name)
			}
		}
		if extra := len(on.names) - len(left) - 2; extra != 0 { // beside our own and the lock
			t.Errorf("%q: %d files are there that were to go", names, extra)
		}
		if got, err := d.Load(t.Context(), "own"); err != nil || got != own {
			t.Errorf("our own gives %+v, %v", got, err)
		}
	})
}

// strange is a file with the bytes that one of kinds asks for: whether its head is not that of a record of its name, and if it is that of one
// whether that is over.
func strange(name, kinds string, i int) (n *inode, garbled, over bool) {
	kind := byte(0)
	if kinds != "" {
		kind = kinds[i%len(kinds)]
	}
	n = &inode{mtime: rawTime}
	if kind&8 != 0 {
		n.mtime = time.UnixMilli(sweptAt).Add(-time.Hour - time.Duration(kind>>4))
	}
	switch kind % 6 {
	case 0:
		return n, true, false
	case 1:
		n.data = appendFile(nil, name, core.Record{Revision: 1, Deadline: 1000, Body: "over"})
		return n, false, true
	case 2:
		n.data = appendFile(nil, name, core.Record{Revision: 1, Deadline: 9000, Body: "alive"})
		return n, false, false
	case 3:
		n.data = appendFile(nil, "x"+name, core.Record{Revision: 1, Deadline: 1000, Body: "of another name"})
		return n, true, false
	case 4:
		n.data = appendFile(nil, name, core.Record{Revision: 1, Deadline: 1000})[:headSize-1]
		return n, true, false
	default:
		n.data = []byte(kinds)
		return n, true, false
	}
}

// wantListed lists one folder: exactly these names, and of each whether it is garbled. Each gives its own record, or is garbled.
func wantListed(t *testing.T, d *Directory, garbled map[string]bool) {
	t.Helper()
	seen := map[string]bool{}
	_, err := d.listDrawer(t.Context(), &d.drawers[0], func(l Listed, err error) bool {
		bad, there := garbled[l.Name]
		if err != nil || !there || seen[l.Name] || l.Garbled != bad {
			t.Errorf("listed is %q, garbled %v, %v", l.Name, l.Garbled, err)
		}
		seen[l.Name] = true
		if rec, err := l.Load(t.Context()); errors.Is(err, ErrGarbled) != bad || !bad && (rec.Revision != l.Revision || len(rec.Body) != l.Size) {
			t.Errorf("%q, garbled %v, gives %+v, %v", l.Name, bad, rec, err)
		}
		return true
	})
	if err != nil || len(seen) != len(garbled) {
		t.Errorf("%d are listed of %d, %v", len(seen), len(garbled), err)
	}
}
