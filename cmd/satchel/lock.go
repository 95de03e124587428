package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// lock keeps others from changing a keyring from its reading to its replacing, by a file beside it that only one can make. It is there for
// milliseconds; what is killed in them leaves it, which the error of whoever comes next says. It is never taken for stale, because two who do
// so at once would both go on.
func lock(path string) (unlock func() error, err error) {
	beside := path + ".lock"
	f, err := os.OpenFile(beside, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("%s is changed by another at this moment; try again (or, if that was killed, remove %s)", path, beside)
	case err != nil:
		return nil, err
	}
	return func() error { return os.Remove(beside) }, f.Close()
}
