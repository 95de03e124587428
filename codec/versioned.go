package codec

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Versioned is a codec that puts a version before its payloads, reads that version and every older one back to the first
// that it was given, and writes the newest. It is immutable and made by [Version] or [Unversioned], and [Migrate].
//
// The grammar of a payload, in the notation of RFC 5234:
//
//	payload = "v" version ":" inner
//	version = %x31-39 *4DIGIT          ; 1 to 99999, no leading zero
//
// No CBOR map and no JSON text begins so.
type Versioned[T any] struct {
	inner  Codec[T]
	number int
	mark   string // "v2:", or "" for the unversioned
	first  int
	older  func(number int, inner string) (T, bool, error) // nil in the first version
	prev   any                                             // the *Versioned before, or nil
	err    error
}

const maxVersion = 99999

// Version returns the codec of the first version that a program still reads. Its number is 1 in a new program; one that
// has dropped its oldest versions begins with a higher one.
func Version[T any](number int, c Codec[T]) *Versioned[T] {
	v := &Versioned[T]{inner: c, number: number, first: number, mark: mark(number), err: Check(c)}
	if number < 1 || number > maxVersion {
		v.err = errors.Join(v.err, v.unusable(fmt.Sprintf("version %d is not between 1 and %d", number, maxVersion)))
	}
	return v
}

// Unversioned returns c as version 0, whose payloads have no version before them: it is what a program wrote before it
// had versions. What begins with a version is never handed to c. Encode returns ErrUnencodable for a payload of c that
// begins as if it had a version, which those of CBOR and JSON structs do not.
func Unversioned[T any](c Codec[T]) *Versioned[T] {
	return &Versioned[T]{inner: c, err: Check(c)}
}

// Migrate returns the codec of the version after prev: c writes and reads it, and up makes its values from those of the
// version before. Reading an older version runs one step after the other. up is a pure function, its argument is its own
// to change; an error or a panic of it makes the payload ErrUndecodable. What it does not carry over is lost at the next
// write, an [Unknown] included.
func Migrate[A, B any](prev *Versioned[A], c Codec[B], up func(A) (B, error)) *Versioned[B] {
	v := &Versioned[B]{
		inner: c, number: prev.number + 1, first: prev.first, mark: mark(prev.number + 1), prev: prev,
		err: errors.Join(prev.err, Check(c)),
	}
	if v.number > maxVersion {
		v.err = errors.Join(v.err, v.unusable(fmt.Sprintf("version %d is not between 1 and %d", v.number, maxVersion)))
	}
	if up == nil {
		v.err = errors.Join(v.err, v.unusable(fmt.Sprintf("no migration from version %d", prev.number)))
	}
	v.older = func(number int, inner string) (B, bool, error) {
		var none B
		a, whole, err := prev.read(number, inner)
		if err != nil {
			return none, false, err
		}
		b, err := step(v, up, a)
		if err != nil {
			return none, false, err
		}
		return b, whole, nil
	}
	return v
}

// step runs one migration.
func step[A, B any](v *Versioned[B], up func(A) (B, error), a A) (b B, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = panicked(r, v.Name(), typeName[B]())
		}
	}()
	b, err = up(a)
	if err != nil {
		return b, &failure{
			kind: ErrUndecodable, codec: v.Name(), typ: typeName[B](), cause: err,
			reason: fmt.Sprintf("migration from version %d ended with a %T", v.number-1, err),
		}
	}
	return b, nil
}

func mark(number int) string { return "v" + strconv.Itoa(number) + ":" }

// parseMark cuts the version off a payload, after the grammar above.
func parseMark(payload string) (number int, inner string, marked bool) {
	digits, _, ok := strings.Cut(payload[:min(len(payload), len("v99999:"))], ":")
	if !ok || len(digits) < 2 || digits[0] != 'v' || digits[1] == '0' {
		return 0, "", false
	}
	for _, d := range []byte(digits[1:]) {
		if d < '0' || d > '9' {
			return 0, "", false
		}
		number = number*10 + int(d-'0')
	}
	return number, payload[len(digits)+1:], true
}

// Name returns the inner codec's name and the version, as in "cbor v2".
func (v *Versioned[T]) Name() string {
	if v.number == 0 {
		return v.inner.Name()
	}
	return v.inner.Name() + " v" + strconv.Itoa(v.number)
}

// Prefix returns "v", with which all versions begin, or nothing if unversioned payloads are read too.
func (v *Versioned[T]) Prefix() string {
	if v.first == 0 {
		return ""
	}
	return "v"
}

// Check returns everything that makes this or an older version unusable.
func (v *Versioned[T]) Check() error { return v.err }

// Encode writes the newest version.
func (v *Versioned[T]) Encode(value T) (string, error) { return v.encodeAfter("", value) }

func (v *Versioned[T]) encodeAfter(prefix string, value T) (string, error) {
	if v.err != nil {
		return "", v.err
	}
	if v.number > 0 {
		if prefix == "" {
			return encodeAfter(v.inner, v.mark, value)
		}
		return encodeAfter(v.inner, prefix+v.mark, value)
	}
	payload, err := encodeAfter(v.inner, prefix, value)
	if err == nil {
		if _, _, marked := parseMark(payload[len(prefix):]); marked {
			return "", v.fail(ErrUnencodable, "its payload begins as if it had a version")
		}
	}
	return payload, err
}

// Decode reads any version from the first to the newest. A version after the newest is ErrNewer.
func (v *Versioned[T]) Decode(payload string) (T, error) {
	value, _, err := v.DecodeWhole(payload)
	return value, err
}

// DecodeWhole is Decode; an older version is whole if its own codec read all of it.
func (v *Versioned[T]) DecodeWhole(payload string) (value T, whole bool, err error) {
	if v.err != nil {
		return value, false, v.err
	}
	number, inner, ok := parseMark(payload)
	if !ok {
		number, inner = 0, payload
	}
	switch {
	case number > v.number:
		return value, false, v.fail(ErrNewer, fmt.Sprintf("version %d, and %d is the newest known", number, v.number))
	case number < v.first && number == 0:
		return value, false, v.fail(ErrUndecodable, "has no version")
	case number < v.first:
		return value, false, v.fail(ErrUndecodable, fmt.Sprintf("version %d, and %d is the oldest known", number, v.first))
	}
	return v.read(number, inner)
}

// read decodes a version that is known.
func (v *Versioned[T]) read(number int, inner string) (T, bool, error) {
	if number == v.number {
		return Read(v.inner, inner)
	}
	return v.older(number, inner)
}

func (v *Versioned[T]) fail(kind error, reason string) error {
	return &failure{kind: kind, codec: v.Name(), typ: typeName[T](), reason: reason}
}

func (v *Versioned[T]) unusable(reason string) error { return v.fail(ErrUnusable, reason) }

func typeName[T any]() string { return reflect.TypeFor[T]().String() }
