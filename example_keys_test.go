package satchel_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/crypto"
)

func ExampleFixedKeys() {
	ring, err := crypto.ParseKeyring(exampleKeys)
	fmt.Println(ring, err)
	_, err = satchel.New(baskets.ClientSide(satchel.FixedKeys(ring), satchel.Unrevocable))
	fmt.Println(err)
	// Output:
	// keyring(k1:primary) <nil>
	// <nil>
}

// The file is read again as the program runs, so that a key is replaced by editing it.
func ExampleKeysFromFile() {
	dir, _ := os.MkdirTemp("", "satchel")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "keys")
	keys := satchel.KeysFromFile(path)

	_ = os.WriteFile(path, []byte("k1:primary:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"), 0o600)
	fmt.Println(keys(context.Background()))

	_ = os.WriteFile(path, []byte(`
		k2:primary:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI
		k1:retiring:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
	`), 0o600)
	fmt.Println(keys(context.Background()))
	// Output:
	// keyring(k1:primary) <nil>
	// keyring(k2:primary k1:retiring) <nil>
}

func ExampleKeysFromEnv() {
	os.Setenv("EXAMPLE_KEYS", exampleKeys)
	defer os.Unsetenv("EXAMPLE_KEYS")
	fmt.Println(satchel.KeysFromEnv("EXAMPLE_KEYS")(context.Background()))
	fmt.Println(satchel.KeysFromEnv("OTHER_KEYS")(context.Background()))
	// Output:
	// keyring(k1:primary) <nil>
	// <nil> satchel: keys: the environment has no OTHER_KEYS
}

// Text may come from anywhere, such as a vault. It is asked for again at each KeyRefresh.
func ExampleKeysFromText() {
	vault := func(context.Context) (string, error) { return exampleKeys, nil }
	fmt.Println(satchel.KeysFromText(vault)(context.Background()))
	// Output:
	// keyring(k1:primary) <nil>
}
