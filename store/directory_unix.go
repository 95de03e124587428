//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package store

import (
	"errors"
	"os"
	"syscall"
)

const (
	// fileTimeStep is the finest step of a file's time, in nanoseconds.
	fileTimeStep = 1

	// openQuietly keeps the runtime from asking whether a file can be waited for, which takes more calls than to read it,
	// and the open of a pipe that somebody put in a record's place from waiting for a writer.
	openQuietly = syscall.O_NONBLOCK

	hasModes   = true
	locksFiles = true
)

// tryLock locks a file, and reports whether nobody else had it locked.
func tryLock(f *os.File) (bool, error) {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		}
		return err == nil, os.NewSyscallError("flock", err)
	}
}

func unlock(f *os.File) error {
	return os.NewSyscallError("flock", syscall.Flock(int(f.Fd()), syscall.LOCK_UN))
}

// isLinked reports whether an open file still has a name.
func isLinked(f *os.File) bool {
	var stat syscall.Stat_t
	return syscall.Fstat(int(f.Fd()), &stat) == nil && stat.Nlink > 0
}

func renameIn(root *os.Root, from, to string) error { return root.Rename(from, to) }
