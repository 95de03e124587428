package store

import (
	"errors"
	"os"
	"syscall"
	"time"
	"unsafe"
)

const (
	fileTimeStep = 100 // NTFS counts 100 ns
	openQuietly  = 0
	hasModes     = false // access is inherited from the folder above
	locksFiles   = true
)

var (
	kernel32     = syscall.NewLazyDLL("kernel32.dll")
	lockFileEx   = kernel32.NewProc("LockFileEx")
	unlockFileEx = kernel32.NewProc("UnlockFileEx")
)

// The lock is on one byte that no file has, because a locked byte can be read through no other handle.
const lockedByte = 1 << 30

const (
	failImmediately = 1
	exclusive       = 2
	errLocked       = syscall.Errno(33) // ERROR_LOCK_VIOLATION
	errSharing      = syscall.Errno(32) // ERROR_SHARING_VIOLATION
)

// tryLock locks a file, and reports whether nobody else had it locked.
func tryLock(f *os.File) (bool, error) {
	at := syscall.Overlapped{OffsetHigh: 0, Offset: lockedByte}
	//nolint:gosec // the system fills in what it is handed before the call returns
	ok, _, err := lockFileEx.Call(f.Fd(), failImmediately|exclusive, 0, 1, 0, uintptr(unsafe.Pointer(&at)))
	switch {
	case ok != 0:
		return true, nil
	case errors.Is(err, errLocked) || errors.Is(err, syscall.ERROR_IO_PENDING):
		return false, nil
	}
	return false, os.NewSyscallError("LockFileEx", err)
}

func unlock(f *os.File) error {
	at := syscall.Overlapped{Offset: lockedByte}
	//nolint:gosec // as above
	ok, _, err := unlockFileEx.Call(f.Fd(), 0, 1, 0, uintptr(unsafe.Pointer(&at)))
	if ok != 0 {
		return nil
	}
	return os.NewSyscallError("UnlockFileEx", err)
}

// isLinked cannot be asked cheaply here, and a name in use is seldom removed.
func isLinked(*os.File) bool { return true }

// renameIn tries again for a while when somebody has the file open who does not share it, such as a virus scanner.
func renameIn(root *os.Root, from, to string) error {
	for pause := time.Millisecond; ; pause *= 2 {
		err := root.Rename(from, to)
		if err == nil || pause > 64*time.Millisecond ||
			!errors.Is(err, errSharing) && !errors.Is(err, syscall.ERROR_ACCESS_DENIED) {
			return err
		}
		time.Sleep(pause)
	}
}
