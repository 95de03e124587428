package crypto

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"

	"github.com/satchel-go/satchel/core"
)

const (
	maxID      = 8  // bytes of a key id
	secretSize = 32 // bytes of a root secret
)

// State is what a key may be used for. A key passes through the states in their order, so that every node of a fleet
// can open what any other seals, however late it re-reads its keyring.
type State uint8

// The states. The zero State is none of them.
const (
	Pending  State = iota + 1 // opens, but never seals: published before its first use
	Primary                   // seals and opens; a keyring has exactly one
	Retiring                  // opens what it sealed earlier
	Revoked                   // withdrawn: its tokens are refused as such, and nothing is derived from it
)

var stateNames = [...]string{Pending: "pending", Primary: "primary", Retiring: "retiring", Revoked: "revoked"}

// String returns the word that a keyring's text has for the state.
func (s State) String() string {
	if !s.valid() {
		return "invalid"
	}
	return stateNames[s]
}

func (s State) valid() bool { return s >= Pending && s <= Revoked }

func parseState(word string) (State, bool) {
	for s := Pending; s <= Revoked; s++ {
		if word == stateNames[s] {
			return s, true
		}
	}
	return 0, false
}

// root is a secret. It is held by a function, because whatever prints values by reflection stops there: fmt follows a
// pointer in an unexported field when a verb does not fit, and what dumps values for failed tests follows all.
type root struct {
	open func() *material
}

type material struct {
	secret [secretSize]byte
	prk    []byte // HKDF-Extract(salt = none, secret), the same for every derivation
}

var (
	errID     = errors.New("the id must be 1 to 8 characters of a-z, 0-9 and -")
	errState  = errors.New("the state must be pending, primary, retiring or revoked")
	errZero   = errors.New("the secret is all zeros")
	errShort  = errors.New("the secret is shorter than 32 bytes")
	errLong   = errors.New("the secret is longer than 32 bytes")
	errNoRoot = errors.New("a key that NewKey did not make")
	errSince  = errors.New("the instant is not milliseconds since 1970 as digits, 1 to 2^48-1")
)

func newRoot(secret []byte) (*root, error) {
	switch {
	case len(secret) < secretSize:
		return nil, errShort
	case len(secret) > secretSize:
		return nil, errLong
	case subtle.ConstantTimeCompare(secret, make([]byte, secretSize)) == 1:
		return nil, errZero
	}
	prk, err := hkdf.Extract(sha256.New, secret, nil)
	if err != nil {
		return nil, fmt.Errorf("derive: %w", err)
	}
	m := &material{secret: [secretSize]byte(secret), prk: prk}
	return &root{open: func() *material { return m }}, nil
}

// derive returns HKDF-SHA-256 of the secret under info, 32 bytes.
func (r *root) derive(info []byte) ([]byte, error) {
	return hkdf.Expand(sha256.New, r.open().prk, string(info), 32)
}

func (r *root) equal(other *root) bool {
	return subtle.ConstantTimeCompare(r.open().secret[:], other.open().secret[:]) == 1
}

// Key is one root secret with its id and state, and the instant since which it is in that state where that is known. It
// is immutable, and prints without its secret. The zero Key is no key.
type Key struct {
	id    string
	state State
	root  *root
	since int64 // 0: not known
}

// NewKey returns a key of the given id, 1 to 8 characters of a-z, 0-9 and -, that holds a copy of entropy: 32 random
// bytes from the system's generator. No other length is accepted, nor a password in their place. Its errors do not
// quote the entropy.
func NewKey(id string, state State, entropy []byte) (Key, error) {
	var faults []error
	if !validID(id) {
		faults = append(faults, errID)
	}
	if !state.valid() {
		faults = append(faults, errState)
	}
	r, err := newRoot(entropy)
	if err != nil {
		faults = append(faults, err)
	}
	if len(faults) > 0 {
		return Key{}, fmt.Errorf("crypto: new key: %w", errors.Join(faults...))
	}
	return Key{id: id, state: state, root: r}, nil
}

// ID returns the name under which tokens carry the key. It is public.
func (k Key) ID() string { return k.id }

// State returns what the key may be used for.
func (k Key) State() State { return k.state }

// Since returns the instant from which the key is in its state, in Unix milliseconds, or 0 where nobody wrote it down.
func (k Key) Since() int64 { return k.since }

// As returns the same key in another state, since an instant that is not known. [NewKeyring] refuses a state that is none.
func (k Key) As(state State) Key { return k.AsOf(state, 0) }

// AsOf returns the same key in another state since an instant, in Unix milliseconds, for a [Schedule] to count from.
// [NewKeyring] refuses an instant outside 0 … core.MaxInstant.
func (k Key) AsOf(state State, since int64) Key {
	k.state, k.since = state, since
	return k
}

// dated reports whether the key's instant is one, or none.
func (k Key) dated() bool { return k.since >= 0 && k.since <= core.MaxInstant }

// validID reports whether id is 1 to 8 characters of the alphabet of key ids.
func validID[S ~string | ~[]byte](id S) bool {
	if len(id) < 1 || len(id) > maxID {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
