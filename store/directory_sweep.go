package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"strings"
	"time"
)

// A batch of a Directory's sweep: its looks take some microseconds each, so that a batch takes some milliseconds.
const (
	directoryLooks = 256
	directoryNames = 64 // read of a folder in one go
	leftoverAge    = int64(time.Hour / time.Millisecond)
)

// pass is where the sweep of a Directory is. It remembers one open folder and some names, however many records there are.
type pass struct {
	turn  int    // the drawer that is swept
	list  lister // of that drawer, or nil before it was begun
	names []string
	scan  uint64
	least int64 // the earliest deadline that was left
	fault error // of the first file that could not be looked at or removed
}

func (p *pass) end() {
	if p.list != nil {
		_ = p.list.Close()
	}
	p.list, p.names, p.fault = nil, nil, nil
}

// Sweep implements [Sweeper]. It looks at a few hundred files at most, and the next call goes on where this one stopped, so
// it says often that there is more. A folder in which no deadline has come is passed over without a look. Leftovers of
// crashes that are an hour old are removed as well, and do not count.
//
// A file whose head cannot be read has no deadline, so it stays for its operator to look at.
func (d *Directory) Sweep(ctx context.Context, now int64, limit int) (removed int, more bool, err error) {
	if limit < 1 {
		return 0, false, errLimit
	}
	if err := ctx.Err(); err != nil {
		return 0, true, ended("sweep", err)
	}
	select {
	case d.sweeping <- struct{}{}:
		defer func() { <-d.sweeping }()
	case <-ctx.Done():
		return 0, true, ended("sweep", ctx.Err())
	}
	looks := directoryLooks
	for clean := 0; clean < drawerCount; { // until each was seen without anything due, since this call began
		in := &d.drawers[d.pass.turn]
		if d.pass.list == nil {
			due, err := in.begin(ctx, &d.pass, now)
			if err != nil {
				return removed, true, answer("sweep", err)
			}
			if !due {
				clean++
				d.pass.turn = (d.pass.turn + 1) % drawerCount
				continue
			}
			looks-- // so that a drawer which is always due comes to an end
		}
		n, done, err := in.scan(ctx, &d.pass, now, &looks, limit-removed)
		removed += n
		if err != nil {
			d.pass.end()
			d.pass.turn = (d.pass.turn + 1) % drawerCount // so that one bad file does not hold up the other folders
			return removed, true, answer("sweep", err)
		}
		if !done {
			return removed, true, nil
		}
	}
	return removed, false, nil
}

// begin begins a scan of a drawer if a deadline in it may have come.
func (d *drawer) begin(ctx context.Context, p *pass, now int64) (due bool, err error) {
	if err := d.acquire(ctx); err != nil {
		return false, err
	}
	defer d.release()
	if err := d.readLedger(); err != nil || d.ledger.due > now {
		return false, err
	}
	scan, err := d.beginScan()
	if err != nil {
		return false, err
	}
	list, err := d.list()
	if err != nil {
		return false, err
	}
	p.list, p.scan, p.least = list, scan, math.MaxInt64
	return true, nil
}

// scan looks at the files that are next, and reports whether it has seen the last.
func (d *drawer) scan(ctx context.Context, p *pass, now int64, looks *int, limit int) (removed int, done bool, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return removed, false, err
		}
		if len(p.names) == 0 {
			p.names, err = p.list.Readdirnames(directoryNames)
			if errors.Is(err, io.EOF) || err == nil && len(p.names) == 0 {
				fault := p.fault
				return removed, true, errors.Join(d.finish(ctx, p), fault)
			}
			if err != nil {
				return removed, false, err
			}
		}
		if *looks <= 0 || removed == limit {
			return removed, false, nil
		}
		*looks--
		name := p.names[0]
		p.names = p.names[1:]
		gone, until, err := d.clear(ctx, name, now)
		switch {
		case ctx.Err() != nil && err != nil:
			return removed, false, err
		case err != nil: // one bad file does not hold up the others of its folder; it is tried again in an hour
			if p.fault == nil {
				p.fault = err
			}
			p.least = min(p.least, now+leftoverAge)
		case gone:
			removed++
		default:
			p.least = min(p.least, until)
		}
	}
}

// finish enters what a scan has found.
func (d *drawer) finish(ctx context.Context, p *pass) error {
	p.end()
	if err := d.acquire(ctx); err != nil {
		return err
	}
	defer d.release()
	return d.endScan(p.scan, p.least)
}

// clear removes a file whose time has come, and reports whether that was a record; else it returns when to look again.
func (d *drawer) clear(ctx context.Context, name string, now int64) (record bool, until int64, err error) {
	var deadline func(name string) (int64, error)
	switch {
	case isFileName(name):
		deadline = d.recordDeadline
		record = true
	case strings.HasPrefix(name, tempPrefix):
		deadline = d.tempDeadline
	default:
		return false, math.MaxInt64, nil
	}
	if until, err = deadline(name); err != nil || until > now {
		return false, until, err
	}
	if err := d.acquire(ctx); err != nil {
		return false, until, err
	}
	defer d.release()
	if until, err = deadline(name); err != nil || until > now { // it may be another by now
		return false, until, err
	}
	if err := d.remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, until, err
	}
	return record, math.MaxInt64, nil
}

// recordDeadline returns a record's deadline. That of one that is gone or cannot be read never comes.
func (d *drawer) recordDeadline(name string) (int64, error) {
	r, err := d.readHead(name)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrGarbled) {
		return math.MaxInt64, nil
	}
	_, deadline := r.head.times(r.mtime)
	return deadline, err
}

// tempDeadline returns the instant from which a file that was being written is a leftover.
func (d *drawer) tempDeadline(name string) (int64, error) {
	stat, err := d.stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return math.MaxInt64, nil
	}
	if err != nil {
		return 0, err
	}
	return stat.ModTime().UnixMilli() + leftoverAge, nil
}
