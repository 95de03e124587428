package store

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/satchel-go/satchel/core"
)

// tempPrefix begins the name of a file that is being written. One that a crash left is removed by a sweep, an hour later.
const tempPrefix = ".tmp-"

func newTempName() string { return tempPrefix + strings.ToLower(rand.Text()) }

// read is a record's file as it was read.
type read struct {
	head  fileHead
	mtime time.Time
	bytes *[]byte // from the buffers; nil if only the head was asked for
}

func (r read) record() core.Record {
	seen, deadline := r.head.times(r.mtime)
	return core.Record{Revision: r.head.revision, Seen: seen, Deadline: deadline, Body: string((*r.bytes)[headSize:])}
}

// done gives the buffer back.
func (r read) done() {
	if r.bytes != nil {
		giveBack(r.bytes)
	}
}

// read reads a record's file. With ErrGarbled it returns a head if at least that can be read.
func (d *drawer) read(name string) (r read, err error) {
	f, stat, err := d.look(name)
	if err != nil {
		return r, err
	}
	defer f.Close()
	r.mtime = stat.ModTime()
	size := stat.Size()
	if size > headSize+maxBody {
		size = headSize // it is no record of ours, and is not worth the memory
	}
	r.bytes = buffer(int(size))
	if err := fill(f, r.bytes); err != nil {
		return r, err
	}
	var ok bool
	r.head, ok = readHead(*r.bytes, name)
	if !ok || size != stat.Size() || !r.head.owns((*r.bytes)[headSize:]) {
		return r, ErrGarbled
	}
	return r, nil
}

// readHead reads the head of a record's file, which may be damaged behind it.
func (d *drawer) readHead(name string) (r read, err error) {
	f, stat, err := d.look(name)
	if err != nil {
		return r, err
	}
	defer f.Close()
	b := buffer(headSize)
	defer giveBack(b)
	if err := fill(f, b); err != nil {
		return r, err
	}
	head, ok := readHead(*b, name)
	if !ok {
		return r, ErrGarbled
	}
	return read{head: head, mtime: stat.ModTime()}, nil
}

// fill reads a file into a buffer, and shortens the buffer to what there is.
func fill(f file, b *[]byte) error {
	n, err := io.ReadFull(f, *b)
	*b = (*b)[:n]
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// look opens a record's file. What is no regular file cannot be read as a record. A link may be followed, but only inside the
// folder, and what it leads to is a record only if the sum in its head is for this name.
func (d *drawer) look(name string) (file, fs.FileInfo, error) {
	f, err := d.open(name)
	if err != nil {
		return nil, nil, d.missing(name, err)
	}
	stat, err := f.Stat()
	if err == nil && !stat.Mode().IsRegular() {
		err = ErrGarbled
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, stat, nil
}

// missing says what it means that a file could not be opened. Something else may lie there: a socket, or a link to nothing or
// to elsewhere. If there is no file that is ErrNotFound, but where the folder itself has been emptied or removed: that is
// no answer about a record.
func (d *drawer) missing(name string, err error) error {
	if stat, odd := d.stat(name); odd == nil && !stat.Mode().IsRegular() {
		return ErrGarbled
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	switch _, err := d.stat(lockName); {
	case err == nil:
		return ErrNotFound
	case errors.Is(err, fs.ErrNotExist):
		return errLost
	default:
		return err
	}
}

// stage writes a file that no reader finds, and flushes it if that is to be.
func (d *Directory) stage(in *drawer, name string, rec core.Record) (temp string, head fileHead, err error) {
	temp = newTempName()
	b := buffer(0)
	defer giveBack(b)
	*b = appendFile(*b, name, rec)
	head, _ = readHead(*b, name)
	f, err := in.create(temp)
	if err != nil {
		return "", head, err
	}
	_, err = f.Write(*b)
	if err == nil && d.sync != SyncNone {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", head, errors.Join(err, in.remove(temp))
	}
	return temp, head, nil
}

// publish lets a staged file take the record's name, under the lock. Its time is set before, so that no reader finds the
// instant of writing and takes it for a touch. Under the lock no sweep can take the file for a leftover.
func (d *Directory) publish(in *drawer, temp, name string, head fileHead, rec core.Record) error {
	if err := in.note(rec.Deadline); err != nil {
		return err
	}
	t, _ := head.mtime(rec.Seen, rec.Deadline, d.timeLimit)
	if err := in.setTime(temp, t); err != nil {
		return err
	}
	return in.rename(temp, name)
}

// settle makes what was done in a folder last, if that is to be.
func (d *Directory) settle(in *drawer) error {
	if d.sync != SyncFolder {
		return nil
	}
	return in.flush()
}
