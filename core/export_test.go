package core

import "testing"

// What the tests outside the package borrow.

func Golden(t *testing.T, path, got string) { t.Helper(); golden(t, path, got) }

// Update reports whether golden files are to be written anew.
func Update() bool { return *update }

// LiveKey returns the key of the record that was found, and whether a pointer led to it.
func (s Session) LiveKey() (Key, bool) { return s.live.key, s.live.way == byPointer }

// BodyText spells a record's body as plans.txt shows it.
func BodyText(s string) (Body, bool) {
	b, ok := parseBody(s)
	return Body(b), ok
}

// RotatedAway marks a tombstone, and RenewedAway a pointer.
const (
	RotatedAway = rotated
	RenewedAway = renewed
)

// Body is what a record says.
type Body body

// Spell writes a body as a record keeps it.
func (b Body) Spell() string { return (*body)(&b).text() }
