//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package store

import (
	"errors"
	"os"
)

const (
	fileTimeStep = 1
	openQuietly  = 0
	hasModes     = false
	locksFiles   = false // so New refuses: without a lock a compare-and-swap would be none
)

func tryLock(*os.File) (bool, error) { return false, errors.ErrUnsupported }

func unlock(*os.File) error { return errors.ErrUnsupported }

func isLinked(*os.File) bool { return true }

func renameIn(root *os.Root, from, to string) error { return root.Rename(from, to) }
