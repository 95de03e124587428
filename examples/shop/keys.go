package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/satchel-go/satchel/crypto"
)

// defaultKeys returns where the keys are kept if nothing else is said: with the user, not in the repository.
func defaultKeys() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no place for the keys, name one with -keys: %w", err)
	}
	return filepath.Join(dir, "satchel-shop", "keys"), nil
}

// ensureKeys makes a key file unless there is one. The file has its name only once it is whole, and never replaces
// another: of two shops that start at once, both use the keys of the first.
func ensureKeys(path string) (made bool, err error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	ring, err := newKeys()
	if err != nil {
		return false, err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, err
	}
	whole, err := writeBeside(dir, "# Keys of the Satchel shop. Whoever has them can read and make its cookies.\n"+ring.RevealText())
	if err != nil {
		return false, err
	}
	defer os.Remove(whole)
	if err := os.Link(whole, path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return false, nil
		}
		return false, err
	}
	return true, nil
}

func newKeys() (*crypto.Keyring, error) {
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	key, err := crypto.NewKey("k1", crypto.Primary, secret)
	if err != nil {
		return nil, err
	}
	return crypto.NewKeyring(key)
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
