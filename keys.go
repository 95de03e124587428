package satchel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/satchel-go/satchel/crypto"
)

// Keys hands out the keyring of the moment. It is asked when sessions are made and then again as the program runs
// (Config.KeyRefresh), so that keys rotate without a restart; it returns the same pointer as long as nothing changed.
// It may be called by many goroutines at once.
type Keys func(context.Context) (*crypto.Keyring, error)

// FixedKeys is one keyring for good.
func FixedKeys(ring *crypto.Keyring) Keys {
	return func(context.Context) (*crypto.Keyring, error) {
		if ring == nil {
			return nil, errors.New("satchel: no keyring")
		}
		return ring, nil
	}
}

// KeysFromFile reads the keyring's text (see crypto.ParseKeyring) from a file, each time anew.
func KeysFromFile(path string) Keys {
	return KeysFromText(func(context.Context) (string, error) {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("satchel: key file: %w", err)
		}
		return string(text), nil
	})
}

// KeysFromEnv reads the keyring's text from an environment variable. A program's environment does not change from outside, so
// keys that come from it rotate with a restart.
func KeysFromEnv(name string) Keys {
	return KeysFromText(func(context.Context) (string, error) {
		text, ok := os.LookupEnv(name)
		if !ok {
			return "", fmt.Errorf("satchel: keys: the environment has no %s", name)
		}
		return text, nil
	})
}

// KeysFromText reads the keyring's text from anywhere. Text that did not change gives the same keyring.
func KeysFromText(read func(context.Context) (string, error)) Keys {
	var last struct {
		sync.Mutex
		text string
		ring *crypto.Keyring
	}
	return func(ctx context.Context) (*crypto.Keyring, error) {
		if read == nil {
			return nil, errors.New("satchel: keys: no source")
		}
		text, err := read(ctx)
		if err != nil {
			return nil, err
		}
		last.Lock()
		defer last.Unlock()
		if last.ring == nil || last.text != text {
			ring, err := crypto.ParseKeyring(text)
			if err != nil {
				return nil, fmt.Errorf("satchel: keys: %w", err)
			}
			last.text, last.ring = text, ring
		}
		return last.ring, nil
	}
}
