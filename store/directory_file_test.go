package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
)

// The bytes are a format: what is written today is read for ever. This one was spelled by hand.
func TestDirectoryFileFormat(t *testing.T) {
	_, name := fileName("key")
	if name != "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683" {
		t.Errorf("the name is %s", name)
	}
	rec := core.Record{Revision: 0x0102030405060708, Seen: 0x112233445566, Deadline: 0x112233445577, Body: "body"}
	wanted := "7361746368656c31" + "0102030405060708" + "0000112233445566" + "0000112233445577" + "0000000000000004"
	got := hex.EncodeToString(appendFile(nil, name, rec))
	if !strings.HasPrefix(got, wanted) || !strings.HasSuffix(got, hex.EncodeToString([]byte("body"))) || len(got) != 2*52 {
		t.Fatalf("the file is %s", got)
	}
	// The sums by another way: CRC-32C bit by bit.
	file := appendFile(nil, name, rec)
	if sum := slowSum([]byte("body")); sum != uint32(file[40])<<24|uint32(file[41])<<16|uint32(file[42])<<8|uint32(file[43]) {
		t.Errorf("the body's sum should be %08x", sum)
	}
	if sum := slowSum(append(file[:44:44], name...)); sum != uint32(file[44])<<24|uint32(file[45])<<16|uint32(file[46])<<8|uint32(file[47]) {
		t.Errorf("the head's sum should be %08x", sum)
	}
}

func slowSum(b []byte) uint32 {
	sum := ^uint32(0)
	for _, c := range b {
		sum ^= uint32(c)
		for range 8 {
			sum = sum>>1 ^ 0x82f63b78*(sum&1)
		}
	}
	return ^sum
}

// Every bit of a file is looked after: whichever is changed, and wherever it is cut or longer, it is garbled.
func TestDirectoryFileDamage(t *testing.T) {
	ctx := context.Background()
	rec := core.Record{Revision: 3, Seen: 1000, Deadline: 5000, Body: "the body"}
	_, name := fileName("key")
	good := appendFile(nil, name, rec)
	check := func(what string, data []byte, revision uint64) {
		t.Helper()
		on := newDisk()
		d := onDisk(t, on, SyncFolder)
		on.names[name] = &inode{data: data, mtime: rawTime}
		got, err := d.Load(ctx, "key")
		if !errors.Is(err, ErrGarbled) || got != (core.Record{Revision: revision}) {
			t.Fatalf("%s: Load has %+v, %v", what, got, err)
		}
		for method, err := range map[string][2]error{
			"Create":         {d.Create(ctx, "key", rec), ErrExists},
			"Replace":        {d.Replace(ctx, "key", 3, rec), ErrGarbled},
			"Touch":          {d.Touch(ctx, "key", 3, 2000, 6000), ErrGarbled},
			"Touch too late": {d.Touch(ctx, "key", 3, 9000, 9000), ErrGarbled},
		} {
			if !errors.Is(err[0], err[1]) {
				t.Fatalf("%s: %s returned %v, want %v", what, method, err[0], err[1])
			}
		}
		if n := on.names[name]; n == nil || !bytes.Equal(n.data, data) || !n.mtime.Equal(rawTime) {
			t.Fatalf("%s: it was changed", what)
		}
		if _, more, err := d.Sweep(ctx, 4999, 100); more || err != nil || on.names[name] == nil {
			t.Fatalf("%s: swept early", what)
		}
		if revision == 0 {
			if err := d.Delete(ctx, "key", 3); !errors.Is(err, ErrGarbled) || on.names[name] == nil {
				t.Fatalf("%s: Delete returned %v", what, err)
			}
			return
		}
		if err := d.Delete(ctx, "key", 4); !errors.Is(err, ErrConflict) {
			t.Fatalf("%s: Delete at another revision returned %v", what, err)
		}
		if err := d.Delete(ctx, "key", 3); err != nil || on.names[name] != nil {
			t.Fatalf("%s: Delete returned %v", what, err)
		}
	}
	for bit := range 8 * len(good) {
		bad := bytes.Clone(good)
		bad[bit/8] ^= 1 << (bit % 8)
		revision := uint64(0)
		if bit/8 >= headSize {
			revision = 3
		}
		check("a bit changed", bad, revision)
	}
	for size := range good {
		revision := uint64(0)
		if size >= headSize {
			revision = 3
		}
		check("cut", good[:size:size], revision)
	}
	check("longer", append(slices.Clip(good), 0), 3)
	_, other := fileName("another key")
	check("another's file", appendFile(nil, other, rec), 0)
	check("of a newer program", append([]byte("satchel2"), good[8:]...), 0)
	check("foreign", []byte("<html>"+strings.Repeat(" ", 100)), 0)
}

// FuzzDirectoryFile reads any bytes as a file, and what reads as a record is written as these very bytes.
func FuzzDirectoryFile(f *testing.F) {
	_, name := fileName("key")
	for _, rec := range []core.Record{
		{},
		{Revision: 1, Seen: 1000, Deadline: 5000, Body: "body"},
		{Revision: math.MaxUint64, Seen: math.MinInt64, Deadline: math.MaxInt64, Body: strings.Repeat("\x00", 100)},
	} {
		good := appendFile(nil, name, rec)
		f.Add(good, int64(2000), int64(1234))
		f.Add(good[:len(good)-1], int64(0), int64(0))
		f.Add(good[:headSize-1], int64(-1), int64(999))
	}
	f.Add([]byte{}, int64(0), int64(0))
	lock, err := os.CreateTemp(f.TempDir(), "")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { lock.Close() })
	f.Fuzz(func(t *testing.T, data []byte, seconds, nanoseconds int64) {
		on := newDisk()
		mtime := time.Unix(seconds, nanoseconds)
		on.names[name] = &inode{data: data, mtime: mtime}
		d := withLock(on, SyncNone, lock)
		var rec core.Record
		var err error
		need.Proportion(t, len(data), func() { rec, err = d.Load(context.Background(), "key") })
		if err != nil {
			if !errors.Is(err, ErrGarbled) || rec.Seen != 0 || rec.Deadline != 0 || rec.Body != "" {
				t.Fatalf("%+v, %v", rec, err)
			}
			return
		}
		h, _ := readHead(data, name)
		if rec.Seen < h.seen {
			t.Fatalf("seen went back from %d to %d", h.seen, rec.Seen)
		}
		rec.Seen, rec.Deadline = h.seen, h.deadline
		if !bytes.Equal(appendFile(nil, name, rec), data) {
			t.Fatal("the same record has another spelling")
		}
	})
}

// A file that is shortened while it is read, and one that is far larger than any record, cost no more than they should.
func TestDirectoryFileOfOddSize(t *testing.T) {
	b := buffer(100)
	defer giveBack(b)
	if err := fill(&diskFile{inode: &inode{data: make([]byte, 60)}, disk: newDisk()}, b); err != nil || len(*b) != 60 {
		t.Errorf("read %d bytes, %v", len(*b), err)
	}
	d, err := DirectoryConfig{Path: t.TempDir(), Sync: SyncNone}.New()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ctx := context.Background()
	wantNo(t, d.Create(ctx, "key", core.Record{Revision: 1, Deadline: 9, Body: "body"}))
	in, name := d.find("key")
	f, err := in.folder.(rootFolder).OpenFile(name, os.O_RDWR, 0)
	wantNo(t, err)
	defer f.Close()
	wantNo(t, f.Truncate(1<<40)) // without a byte on the disk
	if rec, err := d.Load(ctx, "key"); !errors.Is(err, ErrGarbled) || rec.Revision != 1 {
		t.Errorf("Load has %+v, %v", rec, err)
	}
	if err := d.Create(ctx, "key", core.Record{Revision: 1}); !errors.Is(err, ErrExists) {
		t.Errorf("Create returned %v", err)
	}
	_, err = f.WriteAt(appendFile(nil, name, core.Record{Revision: 2}), 0) // whose body is empty, if only its head is read
	wantNo(t, err)
	if rec, err := d.Load(ctx, "key"); !errors.Is(err, ErrGarbled) || rec.Revision != 2 {
		t.Errorf("Load has %+v, %v", rec, err)
	}
	wantNo(t, f.Truncate(0))
	if _, err := d.Load(ctx, "key"); !errors.Is(err, ErrGarbled) {
		t.Errorf("Load of an empty file returned %v", err)
	}
	wantNo(t, in.remove(name))
	wantNo(t, in.folder.(rootFolder).Mkdir(name, 0o700))
	if _, err := d.Load(ctx, "key"); !errors.Is(err, ErrGarbled) {
		t.Errorf("Load of a folder returned %v", err)
	}
	if err := d.Create(ctx, "other", core.Record{Body: strings.Repeat("b", maxBody+1)}); !errors.Is(err, ErrFull) {
		t.Errorf("Create of more than a file may hold returned %v", err)
	}
	_, err = io.ReadAll(f)
	wantNo(t, err)
}
