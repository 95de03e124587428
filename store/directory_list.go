package store

import (
	"context"
	"errors"
	"io"
	"iter"

	"github.com/satchel-go/satchel/core"
)

var _ Lister = (*Directory)(nil)

// List implements [Lister]. It takes no lock. It opens each file to read its head.
func (d *Directory) List(ctx context.Context) iter.Seq2[Listed, error] {
	return func(yield func(Listed, error) bool) {
		for i := range d.drawers {
			goOn, err := d.listDrawer(ctx, &d.drawers[i], yield)
			if err != nil {
				yield(Listed{}, answer("list", err))
				return
			}
			if !goOn {
				return
			}
		}
	}
}

// listDrawer goes through one folder, and returns false if the caller has had enough.
func (d *Directory) listDrawer(ctx context.Context, in *drawer, yield func(Listed, error) bool) (goOn bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	select {
	case <-d.ending:
		return false, errClosed
	default:
	}
	list, err := in.list()
	if err != nil {
		return false, err
	}
	defer list.Close() // it was only read
	for {
		names, err := list.Readdirnames(directoryNames)
		if errors.Is(err, io.EOF) || err == nil && len(names) == 0 {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				return false, err
			}
			if !isFileName(name) {
				continue
			}
			l, err := d.listed(in, name)
			if errors.Is(err, ErrNotFound) {
				continue // it was removed meanwhile
			}
			if err != nil {
				return false, err
			}
			if !yield(l, nil) {
				return false, nil
			}
		}
	}
}

// listed reads a file's head. The file's name is the record's.
func (d *Directory) listed(in *drawer, name string) (Listed, error) {
	l := Listed{
		Name:   name,
		Load:   func(ctx context.Context) (core.Record, error) { return d.load(ctx, in, name) },
		Delete: func(ctx context.Context, at uint64) error { return d.delete(ctx, in, name, at) },
	}
	r, err := in.readHead(name)
	if errors.Is(err, ErrGarbled) {
		l.Garbled = true
		return l, nil
	}
	if err != nil {
		return Listed{}, err
	}
	l.Revision, l.Size = r.head.revision, int(min(r.head.bodySize, maxBody))
	l.Seen, l.Deadline = r.head.times(r.mtime)
	return l, nil
}
