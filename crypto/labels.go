package crypto

import (
	"encoding/binary"

	"github.com/satchel-go/satchel/core"
)

// The labels separate every use of a root secret from every other. A label never changes; a new format has a new one.
const (
	labelSealKey = "satchel seal key v1" // HKDF info: the AES-256-GCM key of one kind, purpose and epoch
	labelSealTag = "satchel seal tag v1" // what a seal's tag binds
	labelSignKey = "satchel sign key v1" // HKDF info: the HMAC-SHA-256 key of one kind and purpose
	labelSignTag = "satchel sign tag v1" // what a signature binds
)

// appendField appends s with its length before it, as 4 bytes big-endian, so that no two lists of fields are spelled
// alike.
func appendField[S ~string](dst []byte, s S) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(s)))
	return append(dst, s...)
}

// appendSealInfo appends the HKDF info of the key that a slot names: field(label) field(kind) field(purpose) e epoch,
// where e is one byte and epoch 8, big-endian.
func appendSealInfo(dst []byte, at slot) []byte {
	dst = appendField(dst, labelSealKey)
	dst = appendField(dst, at.kind)
	dst = appendField(dst, at.purpose)
	dst = append(dst, at.exponent)
	return binary.BigEndian.AppendUint64(dst, uint64(at.epoch))
}

// appendSignInfo appends the HKDF info of a signing key: field(label) field(kind) field(purpose).
func appendSignInfo(dst []byte, at slot) []byte {
	dst = appendField(dst, labelSignKey)
	dst = appendField(dst, at.kind)
	return appendField(dst, at.purpose)
}

// appendBound appends what a tag binds beside the message: field(label) version field(kind) field(purpose)
// field(audience) field(tenant) and the token's clear prefix, which begins with its key id's length and so ends itself.
func appendBound(dst []byte, label string, f core.Frame, clear []byte) []byte {
	dst = appendField(dst, label)
	dst = append(dst, f.Version)
	dst = appendField(dst, f.Kind)
	dst = appendField(dst, f.Purpose)
	dst = appendField(dst, f.Audience)
	dst = appendField(dst, f.Tenant)
	return append(dst, clear...)
}
