package ktor

import (
	"crypto/sha1" //nolint:gosec // Ktor's default before 1.1.2, and as an HMAC not broken
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"hash"

	"github.com/satchel-go/satchel/core"
)

// Hash names the hash function of a transformer. The zero value is Ktor's default since 1.1.2.
type Hash uint8

// The hash functions. SHA1 is for MACs only, as Ktor's default was before 1.1.2.
const (
	SHA256 Hash = iota
	SHA1
	SHA384
	SHA512
)

var (
	errHash = errors.New("ktor: no such hash function here")
	errKey  = errors.New("ktor: an empty key")
)

// make returns the hash function's constructor, or nil.
func (h Hash) make() func() hash.Hash {
	switch h {
	case SHA256:
		return sha256.New
	case SHA1:
		return sha1.New
	case SHA384:
		return sha512.New384
	case SHA512:
		return sha512.New
	}
	return nil
}

// Must returns a transform, or panics with what was wrong with its key, so that a chain stands on one line.
func Must(t core.Transform, err error) core.Transform {
	if err != nil {
		panic(err)
	}
	return t
}
