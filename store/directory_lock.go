package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"time"
)

// lockName is a file of a drawer that processes lock. The operating system unlocks it when a process ends, however that
// ends, so a crash leaves nothing that blocks.
const lockName = ".lock"

// Waiting for another process is asking again, because an answer that blocks could not be called off. A lock is held for
// some ten microseconds.
const (
	firstPause = 20 * time.Microsecond
	lastPause  = time.Millisecond
)

var (
	errClosed = errors.New("it is closed")
	errLost   = errors.New("it was emptied while it was open: open it again")
)

// drawer is one of the folders that records lie in, with the lock that each change of it is made under.
type drawer struct {
	folder
	turn   chan struct{} // holds one token while a goroutine of this process has the lock
	lock   *os.File
	ending <-chan struct{} // closed when Close begins
	ledger ledger
	bytes  [ledgerSize]byte // of the ledger, so that reading it allocates nothing
}

// openLock opens the lock file, or makes it. It is going to be written to, so it has to be one.
func openLock(in *os.Root) (*os.File, error) {
	f, err := openRegular(in, lockName, os.O_RDWR)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = in.OpenFile(lockName, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) { // another process has made it
			f, err = openRegular(in, lockName, os.O_RDWR)
		}
	}
	if err != nil {
		return nil, err
	}
	stat, err := f.Stat()
	if err == nil && stat.Size() > ledgerSize {
		err = fmt.Errorf("%s/%s is no lock of a directory", in.Name(), lockName)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// acquire takes the lock, or returns why it cannot.
func (d *drawer) acquire(ctx context.Context) error {
	select {
	case d.turn <- struct{}{}:
	default:
		select {
		case d.turn <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		case <-d.ending:
			return errClosed
		}
	}
	err := d.acquireFile(ctx)
	if err != nil {
		<-d.turn
	}
	return err
}

func (d *drawer) acquireFile(ctx context.Context) error {
	select {
	case <-d.ending:
		return errClosed
	default:
	}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		ok, err := tryLock(d.lock)
		if err != nil {
			return err
		}
		if ok {
			break
		}
		timer := time.NewTimer(pause/2 + rand.N(pause)) //nolint:gosec // so as not to keep step with another that waits
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-d.ending:
			timer.Stop()
			return errClosed
		}
	}
	if !isLinked(d.lock) { // others lock another file by now
		_ = unlock(d.lock)
		return errLost
	}
	return nil
}

func (d *drawer) release() {
	_ = unlock(d.lock) // an error would mean that it is not locked
	<-d.turn
}

// ledger is what the processes that share a drawer tell each other about its records, in its lock file. It is read and
// written under the lock. Losing it costs one look at all records.
type ledger struct {
	due   int64  // no record's deadline is before it
	scan  uint64 // the scan that is going on, by a number that it drew
	since int64  // no record that was written since that began has a deadline before it; the least of all if none is going on
}

const ledgerSize = 24

// read reads the ledger. What is missing is 0, which means that everything may be due.
func (d *drawer) readLedger() error {
	clear(d.bytes[:])
	if _, err := d.lock.ReadAt(d.bytes[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	d.ledger = ledger{
		due:   int64(binary.BigEndian.Uint64(d.bytes[:])),
		scan:  binary.BigEndian.Uint64(d.bytes[8:]),
		since: int64(binary.BigEndian.Uint64(d.bytes[16:])),
	}
	return nil
}

func (d *drawer) writeLedger() error {
	binary.BigEndian.PutUint64(d.bytes[:], uint64(d.ledger.due))
	binary.BigEndian.PutUint64(d.bytes[8:], d.ledger.scan)
	binary.BigEndian.PutUint64(d.bytes[16:], uint64(d.ledger.since))
	_, err := d.lock.WriteAt(d.bytes[:], 0)
	return err
}

// note enters a deadline before a record with it is written. Mostly it is a later one, and nothing is to be done.
func (d *drawer) note(deadline int64) error {
	if err := d.readLedger(); err != nil {
		return err
	}
	if deadline >= d.ledger.due && deadline >= d.ledger.since {
		return nil
	}
	d.ledger.due, d.ledger.since = min(d.ledger.due, deadline), min(d.ledger.since, deadline)
	return d.writeLedger()
}

// beginScan enters a scan that is to look at every record.
func (d *drawer) beginScan() (scan uint64, err error) {
	scan = rand.Uint64() //nolint:gosec // no secret, only unlike the others
	d.ledger = ledger{due: d.ledger.due, scan: scan, since: math.MaxInt64}
	return scan, d.writeLedger()
}

// endScan enters the earliest deadline that a scan has left. If another scan has begun meanwhile it is for that to say.
func (d *drawer) endScan(scan uint64, least int64) error {
	if err := d.readLedger(); err != nil || d.ledger.scan != scan {
		return err
	}
	d.ledger = ledger{due: min(least, d.ledger.since), since: math.MinInt64}
	return d.writeLedger()
}
