package crypto

import (
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/satchel-go/satchel/core"
)

const maxKeys = 64 // of one ring: rotation needs three or four

// Keyring is an immutable set of keys, of which one is primary. Many goroutines may use it at once. It prints without
// its secrets. The zero Keyring has no keys: it seals nothing and knows no id.
type Keyring struct {
	ring *ring
}

// ring is what a Keyring and its transforms share. The memories are of pure results and show nowhere.
type ring struct {
	keys    []Key
	primary Key
	aeads   memo[cipher.AEAD]
	macs    memo[*signer]
	scratch sync.Pool // of *[]byte: bound bytes while a tag is made
}

// noKeys is what the zero Keyring and a nil one stand for. Without a key nothing is ever derived in it.
var noKeys = &ring{}

func (k *Keyring) inner() *ring {
	if k == nil || k.ring == nil {
		return noKeys
	}
	return k.ring
}

var (
	errEmpty      = errors.New("the keyring has no keys")
	errNoPrimary  = errors.New("no key is primary")
	errTooMany    = fmt.Errorf("more than %d keys", maxKeys)
	errSameID     = errors.New("the same id as entry")
	errSameSecret = errors.New("the same secret as entry")
	errTwoPrimary = errors.New("primary, as is entry")
)

// NewKeyring returns a ring of the given keys. Exactly one must be primary; ids and secrets must differ. One error lists
// everything that is wrong, by entry number and id.
func NewKeyring(keys ...Key) (*Keyring, error) {
	var faults []error
	for i, k := range keys {
		fault := func(err error) { faults = append(faults, entryFault(i, k.id, err)) }
		switch {
		case k.root == nil:
			fault(errNoRoot)
		case !k.state.valid():
			fault(errState)
		case !k.dated():
			fault(errSince)
		}
	}
	if faults = append(faults, ringFaults(keys)...); len(faults) > 0 {
		return nil, fmt.Errorf("crypto: keyring: %w", errors.Join(faults...))
	}
	r := &ring{keys: slices.Clone(keys)}
	for _, k := range keys {
		if k.state == Primary {
			r.primary = k
		}
	}
	return &Keyring{ring: r}, nil
}

// ringFaults lists what is wrong with keys as a set. A key without an id, a state or a root has been reported already,
// and is only compared by what it has.
func ringFaults(keys []Key) (faults []error) {
	if len(keys) == 0 {
		return []error{errEmpty}
	}
	if len(keys) > maxKeys {
		return []error{errTooMany} // and compare no further: that grows with the square
	}
	primary, stateless := -1, false
	for i, k := range keys {
		clash := func(err error, j int) {
			faults = append(faults, entryFault(i, k.id, fmt.Errorf("%w %d", err, j+1)))
		}
		if j := slices.IndexFunc(keys[:i], func(o Key) bool { return k.id != "" && o.id == k.id }); j >= 0 {
			clash(errSameID, j)
		}
		sameSecret := func(o Key) bool { return k.root != nil && o.root != nil && k.root.equal(o.root) }
		if j := slices.IndexFunc(keys[:i], sameSecret); j >= 0 {
			clash(errSameSecret, j)
		}
		switch {
		case !k.state.valid():
			stateless = true
		case k.state == Primary && primary >= 0:
			clash(errTwoPrimary, primary)
		case k.state == Primary:
			primary = i
		}
	}
	if primary < 0 && !stateless { // an entry whose state was not understood may have been meant as the primary
		faults = append(faults, errNoPrimary)
	}
	return faults
}

// entryFault names the entry of index i, by its id too where that is known to be one.
func entryFault(i int, id string, err error) error {
	if id == "" {
		return fmt.Errorf("entry %d: %w", i+1, err)
	}
	return fmt.Errorf("entry %d (%s): %w", i+1, id, err)
}

// Keys returns the ring's keys in the order of its text, for tools that list ids and states and for those that make the
// next ring.
func (k *Keyring) Keys() []Key { return slices.Clone(k.inner().keys) }

// RevealText returns the ring as text that [ParseKeyring] reads, secrets included: one line of id:state:secret for each
// key, and :since where that is known. It is for writing a key file, and for nothing that is logged or shown.
func (k *Keyring) RevealText() string {
	var b strings.Builder
	for _, key := range k.inner().keys {
		fmt.Fprintf(&b, "%s:%s:%s", key.id, key.state, base64.RawURLEncoding.EncodeToString(key.root.open().secret[:]))
		if key.since != 0 {
			fmt.Fprintf(&b, ":%d", key.since)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// opening returns the root under which a token of the given id may be opened. Of a revoked key it gives nothing away to
// derive from.
func (r *ring) opening(id []byte) (*root, core.Refusal) {
	for i := range r.keys {
		if k := &r.keys[i]; k.id == string(id) {
			if k.state == Revoked {
				return nil, core.RevokedKey
			}
			return k.root, core.NotRefused
		}
	}
	return nil, core.UnknownKey
}

const maxScratch = 1 << 10 // what a pool keeps: a long tenant's name does not stay in memory

// bound lends the bytes that a tag binds, until they are given back.
func (r *ring) bound(label string, f core.Frame, clear []byte) *[]byte {
	b, ok := r.scratch.Get().(*[]byte)
	if !ok {
		b = new(make([]byte, 0, 256))
	}
	*b = appendBound((*b)[:0], label, f, clear)
	return b
}

func (r *ring) giveBack(b *[]byte) {
	if cap(*b) <= maxScratch {
		r.scratch.Put(b)
	}
}
