package satchel

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/satchel-go/satchel/crypto"
)

// MakeKeyFile makes a file with a keyring of one new key, unless there is a file of that name, and reports whether it did.
// KeysFromFile reads it. Only its owner can read it, and only its owner can open folders that had to be made for it. It has its name only once it is whole: of two programs that start at once, both use the keys of the first.
func MakeKeyFile(path string) (made bool, err error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	ring, err := newKeyring()
	if err != nil {
		return false, err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, err
	}
	whole, err := writeBeside(dir, "# Satchel keys. Whoever has them can read and make every session that they protect.\n"+ring.RevealText())
	if err != nil {
		return false, err
	}
	defer func() { _ = os.Remove(whole) }()
	// A link, unlike a rename, does not replace a file that another program has made meanwhile.
	if err := os.Link(whole, path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return false, nil
		}
		return false, err
	}
	return true, nil
}

func newKeyring() (*crypto.Keyring, error) {
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	return crypto.Generate(time.Now().UnixMilli(), secret)
}

// writeBeside writes text to a new file in dir that only its owner can read, and returns its name.
func writeBeside(dir, text string) (name string, err error) {
	f, err := os.CreateTemp(dir, ".keys-*") // 0600
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
