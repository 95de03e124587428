package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/sealed"
)

var errNoSession = errors.New("without it what has ended would come back")

// refused says why a record is not deleted: it is no session, or it cannot be known whether it is.
func refused(r core.Record, opened bool) error {
	if _, ok := core.ParseRoster(r.Body); ok {
		return fmt.Errorf("it is a subject record; %w", errNoSession)
	}
	_, isLog := core.ParseLog(r.Body)
	_, isSegment := core.ParseSegment(r.Body)
	if isLog || isSegment {
		return fmt.Errorf("it is a log of what ended; %w", errNoSession)
	}
	if !opened && sealedAtRest(r) {
		return misused("it is sealed; name the keys of store/sealed with -sealed")
	}
	return nil
}

// sealedAtRest reports whether a body looks as store/sealed makes them (crypto.Seal): a key's id, epochs of an hour, and the instant of the
// seal, after which it was used last. Our own bodies begin with 1, as an id of one letter would: those say when they began (SPEC.md,
// section 4).
func sealedAtRest(r core.Record) bool {
	likely := func(at int64) bool { return at >= 1_577_836_800_000 && at <= r.Seen } // the year 2020
	id, at, hours, ok := sealedClear([]byte(r.Body))
	if !ok || hours != 0 || !likely(at) || len(r.Body) < 1+len(id)+1+6+12+16 {
		return false
	}
	const head = 1 + 1 + 16 // version, flags, family
	return len(id) > 1 || !likely(int64(binary.BigEndian.Uint64([]byte("\x00\x00"+r.Body[head:head+6]))))
}

// unsealed opens the records of a store that are sealed at rest.
func unsealed(ctx context.Context, s store.Store, path string) (store.Store, error) {
	_, ring, err := readRing(path)
	if err != nil {
		return nil, err
	}
	return sealed.New(ctx, s, func(context.Context) (*crypto.Keyring, error) { return ring, nil })
}
