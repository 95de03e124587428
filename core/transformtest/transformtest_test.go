package transformtest_test

import (
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/core/transformtest"
	"github.com/satchel-go/satchel/crypto"
)

func ring(t *testing.T) *crypto.Keyring {
	t.Helper()
	key, err := crypto.NewKey("a", crypto.Primary, []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := crypto.NewKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSeal(t *testing.T) {
	transformtest.Config{Authenticates: true}.Run(t, crypto.Seal(ring(t)))
}

func TestSign(t *testing.T) {
	transformtest.Config{Authenticates: true}.Run(t, crypto.Sign(ring(t)))
}

func exampleSeal() core.Transform {
	key, err := crypto.NewKey("a", crypto.Primary, []byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		panic(err)
	}
	r, err := crypto.NewKeyring(key)
	if err != nil {
		panic(err)
	}
	return crypto.Seal(r)
}
