package codec

import (
	"errors"
	"fmt"
)

// stillWriting reads as one version and writes as the one before it.
type stillWriting[A, B any] struct {
	old  *Versioned[A]
	next *Versioned[B]
	down func(B) (A, error)
	err  error
}

// StillWriting returns a codec that reads all that next reads, and writes what old does, the version before: for the first
// of two deploys that bring a new version to nodes which share sessions, see "Change" of the package. down undoes the
// migration from old to next, and is pure as that is.
//
// Nothing is lost. Encode returns ErrIncomplete for a value that reads back as another one from what old writes of it,
// and for one that down ends with an error or a panic for. DecodeWhole reports that a payload is not whole where writing it back so would
// lose something: of next, what only it can say; of old, what the migration does not carry over and down not restore.
//
// All calls return ErrUnusable if next was not made by Migrate of this very old.
func StillWriting[A, B any](old *Versioned[A], next *Versioned[B], down func(B) (A, error)) Codec[B] {
	s := &stillWriting[A, B]{old: old, next: next, down: down, err: errors.Join(old.err, next.err)}
	if next.prev != any(old) {
		s.err = errors.Join(s.err, s.fail(ErrUnusable, old.Name()+" is not the version before"))
	}
	if down == nil {
		s.err = errors.Join(s.err, s.fail(ErrUnusable, "no way back to "+old.Name()))
	}
	return s
}

// Name returns both versions, as in "cbor v2, written as v1".
func (s *stillWriting[A, B]) Name() string {
	return fmt.Sprintf("%s, written as v%d", s.next.Name(), s.old.number)
}

// Prefix returns with what all that is read begins.
func (s *stillWriting[A, B]) Prefix() string { return s.next.Prefix() }

// Check returns everything that makes either version unusable.
func (s *stillWriting[A, B]) Check() error { return s.err }

func (s *stillWriting[A, B]) Encode(v B) (string, error) {
	if s.err != nil {
		return "", s.err
	}
	payload, err := s.write(v)
	if err != nil {
		return "", err
	}
	same, err := s.reads(payload, v)
	if err == nil && !same {
		err = s.fail(ErrIncomplete, fmt.Sprintf("what version %d can say of it reads back as another value", s.old.number))
	}
	if err != nil {
		return "", err
	}
	return payload, nil
}

// write makes the older version's payload of a value.
func (s *stillWriting[A, B]) write(v B) (string, error) {
	a, err := s.back(v)
	if err != nil {
		return "", err
	}
	return s.old.Encode(a)
}

// back runs the way back, on a copy: what it is handed is its own to change, as in Migrate.
func (s *stillWriting[A, B]) back(v B) (a A, err error) {
	payload, err := s.next.Encode(v)
	if err == nil {
		v, err = s.next.Decode(payload)
	}
	if err != nil {
		return a, err
	}
	defer func() {
		if r := recover(); r != nil {
			err = s.fail(ErrIncomplete, fmt.Sprintf("the way back to version %d panicked with a %T", s.old.number, r))
		}
	}()
	a, err = s.down(v)
	if err != nil {
		return a, &failure{
			kind: ErrIncomplete, codec: s.Name(), typ: typeName[B](), cause: err,
			reason: fmt.Sprintf("the way back to version %d ended with a %T", s.old.number, err),
		}
	}
	return a, nil
}

// reads reports whether a payload reads as a value. Equal values have equal payloads, so it compares those; an error is that
// the value has none.
func (s *stillWriting[A, B]) reads(payload string, v B) (bool, error) {
	want, err := s.next.Encode(v)
	if err != nil {
		return false, err
	}
	read, err := s.next.Decode(payload)
	if err != nil {
		return false, nil //nolint:nilerr // then it reads as nothing
	}
	got, err := s.next.Encode(read)
	return err == nil && got == want, nil
}

func (s *stillWriting[A, B]) Decode(payload string) (B, error) {
	if s.err != nil {
		var none B
		return none, s.err
	}
	return s.next.Decode(payload)
}

func (s *stillWriting[A, B]) DecodeWhole(payload string) (v B, whole bool, err error) {
	if s.err != nil {
		return v, false, s.err
	}
	v, whole, err = s.next.DecodeWhole(payload)
	return v, whole && s.keeps(payload, v), err
}

// keeps reports whether a payload that was read as v loses nothing when v is written back.
func (s *stillWriting[A, B]) keeps(payload string, v B) bool {
	written, err := s.write(v)
	if err != nil {
		return false
	}
	if number, _, _ := parseMark(payload); number == s.next.number {
		same, err := s.reads(written, v)
		return err == nil && same
	}
	a, err := s.old.Decode(payload)
	if err != nil {
		return false
	}
	again, err := s.old.Encode(a)
	return err == nil && again == written
}

func (s *stillWriting[A, B]) fail(kind error, reason string) error {
	return &failure{kind: kind, codec: s.Name(), typ: typeName[B](), reason: reason}
}
