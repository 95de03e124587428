// Package bolt keeps sessions in one file of the local disk, through bbolt. It needs no server, and what it has acknowledged survives
// a loss of power.
//
//	records, err := bolt.Open("sessions.db")
//	…
//	defer records.Close()
//	sessions, err := satchel.New(carts.ServerSide(records))
//
// # Rules
//
// The rules of package store hold. One process has the file at a time, by a lock of the operating system: another waits for it while
// it opens, as after a rolling restart, and then fails.
//
// A write is acknowledged when it has been flushed. Writes that come while another is being flushed are flushed together: one writer
// alone waits for one flush, and many share it. So no write waits for a timer. A caller whose context ends leaves at once; if its
// write had begun, it may take effect.
//
// Readers wait for no flush. When the file outgrows its map, which is seldom and takes a moment, readers and the writer wait for each other.
//
// A store has no goroutine of its own. One runs while there is something to write, and Close waits for it.
//
// A sweep, such as store.Sweeping makes from time to time, looks at a thousand records at a time, in a view of its own each time, and removes a hundred at most by one write, which
// queues with those of the requests. There is no index by deadline, because every touch would have to write to it: a sweep reads
// the whole file, as nothing but a sweep does, so one each few minutes is often enough.
//
// A bounded store ([Config].MaxBytes) refuses the new with store.ErrFull when its file may not grow. So does a full disk. Whatever fails
// is known to have changed nothing before that is said; where it is not known, the error is an outage, as always.
//
// # The file
//
// It has one bucket, "satchel records", whose keys are the records' behind one byte "k", because bbolt knows no empty key, and whose
// values have the layout of store.AppendRecord. The file has mode 0600. Bodies lie in it as they were handed in, so whoever may read the
// file may read what the codec and the chain left readable; store/sealed encrypts them. The file never shrinks: what a sweep frees is used again.
//
// Opening reads the whole file, to find its damage and its free pages: about a second for a million sessions.
//
// A file that is damaged, or whose disk cannot be read, is an outage for those who meet the damage and no panic. A network file system
// may lie about locks and flushing, so none is promised. On Windows the file grows in larger steps.
package bolt
