package store

// Row is what a table has of a record beside its key and body. It is for those who write stores over tables, where a conditional write
// says how many rows it changed and not why it changed none: these methods judge that by the row that a look afterwards finds.
type Row struct{ Revision, Seen, Deadline int64 }

// Readable reports whether the numbers are a record's.
func (r Row) Readable() bool { return r.Revision > 0 && CheckInstants(r.Seen, r.Deadline) == nil }

// Known returns the revision, or 0 where it is none.
func (r Row) Known() uint64 { return uint64(max(r.Revision, 0)) }

// Listed returns what a listing tells of the row, whose body has size bytes.
func (r Row) Listed(size int) Listed {
	if !r.Readable() {
		return Listed{Revision: r.Known(), Garbled: true}
	}
	return Listed{Revision: r.Known(), Seen: r.Seen, Deadline: r.Deadline, Size: size}
}

// Replace says why a Replace at a revision leaves the row as it is. If it would not, the answer is again.
func (r Row) Replace(at uint64, again error) error {
	switch {
	case !r.Readable():
		return ErrGarbled
	case r.Known() != at:
		return ErrConflict
	}
	return again
}

// Touch says why a Touch at a revision leaves the row as it is: nil if there is nothing to move. If it would not, the answer is again.
func (r Row) Touch(at uint64, seen, deadline int64, again error) error {
	switch {
	case !r.Readable():
		return ErrGarbled
	case seen >= r.Deadline:
		return ErrNotFound
	case r.Known() != at:
		return ErrConflict
	case seen <= r.Seen && deadline <= r.Deadline:
		return nil
	}
	return again
}

// Delete says why a Delete at a revision leaves the row. If it would not, the answer is again.
func (r Row) Delete(at uint64, again error) error {
	switch {
	case r.Revision < 1:
		return ErrGarbled
	case r.Known() != at:
		return ErrConflict
	}
	return again
}
