package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/satchel-go/satchel/store"
)

// defaultKeys returns where the keys are kept if nothing else is said: with the user, not in the repository.
func defaultKeys() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no place for the keys, name one with -keys: %w", err)
	}
	return filepath.Join(dir, "satchel-shop", "keys"), nil
}

// openStore is a store, and what ends it.
type openStore interface {
	store.Store
	io.Closer
}

// keep opens the store that was asked for. It says where that is, and whether the folder is new.
func keep(o options, out io.Writer) (openStore, error) {
	if o.memory {
		fmt.Fprintln(out, "Keeping sessions in memory: they end with the shop.")
		return store.MemoryConfig{SweepEvery: time.Minute}.New()
	}
	kept, made, err := openFolder(o.sessions)
	switch {
	case err != nil:
		return nil, fmt.Errorf("-sessions: %w", err)
	case made:
		fmt.Fprintln(out, "Made a new folder for sessions:", o.sessions)
	default:
		fmt.Fprintln(out, "Using the folder of sessions:", o.sessions)
	}
	return kept, nil
}

func openFolder(path string) (kept openStore, made bool, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		made = true
		// The store makes its own folder, and none above it.
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, false, err
		}
	}
	kept, err = store.DirectoryConfig{Path: path, SweepEvery: time.Minute}.New()
	return kept, made, err
}

// where says to visitors where server-side sessions are kept. Only those who sit at this machine are told its folders.
func (o options) where() string {
	switch {
	case o.memory:
		return "in the shop's memory; when the shop closes, it is gone"
	case o.https:
		return "as a file of the shop's; it is there after a restart"
	}
	return "as a file in the folder " + o.sessions + "; it is there after a restart"
}
