package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// defaultKeys returns where the keys are kept if nothing else is said: with the user, not in the repository.
func defaultKeys() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no place for the keys, name one with -keys: %w", err)
	}
	return filepath.Join(dir, "satchel-shop", "keys"), nil
}
