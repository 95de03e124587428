package satchel

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/internal/folders"
)

// MakeKeyFile makes a file with a keyring of one new key, unless there is a file of that name, and reports whether it did.
// KeysFromFile reads it. Only its owner can read it, and only its owner can open folders that had to be made for it. It has its name
// only once it is whole: of two programs that start at once, both use the keys of the first. A file that they make outlasts a loss of power
// before either goes on, where the operating system can flush a folder (Windows cannot): no token is out whose key is gone.
func MakeKeyFile(path string) (made bool, err error) {
	dir := filepath.Dir(path)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			_ = folders.Flush(dir) // for another program that makes it just now; where this one may not, it is an operator's file
		}
		return false, err
	}
	ring, err := newKeyring()
	if err != nil {
		return false, err
	}
	if err := folders.MakeAll(dir, 0o700); err != nil {
		return false, err
	}
	err = folders.Create(path, "# Satchel keys. Whoever has them can read and make every session that they protect.\n"+ring.RevealText())
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	return err == nil, err
}

func newKeyring() (*crypto.Keyring, error) {
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	return crypto.Generate(time.Now().UnixMilli(), secret)
}
