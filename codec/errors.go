package codec

import (
	"errors"
	"fmt"
)

// The answers of a codec that a caller acts on, found with errors.Is. A payload is either undecodable or newer, never
// both, so that a policy for the one (such as a fresh session) cannot hit the other.
var (
	// ErrUndecodable means that the payload is not what this codec writes, or wrote.
	ErrUndecodable = errors.New("codec: cannot decode")
	// ErrNewer means that the payload is of a version that this program does not know yet: a newer node wrote it.
	ErrNewer = errors.New("codec: payload of a newer version")
	// ErrUnencodable means that the value cannot be written so that it could be read back: its text is not UTF-8, it is
	// larger than what Decode accepts, it holds an instant after the year 9999, or its own encoding failed.
	ErrUnencodable = errors.New("codec: cannot encode")
	// ErrIncomplete means that a write would lose what another version of the type holds.
	ErrIncomplete = errors.New("codec: would lose fields of a newer version")
	// ErrUnusable means that the codec itself cannot serve: its type is no type that comes back as it went, or its parts
	// do not fit together. Check returns it, and so does every call of a codec whose Check would.
	ErrUnusable = errors.New("codec: unusable")
)

// failure is an error that names what failed and where, and prints nothing of the payload: the cause, which may quote
// it, is reached by errors.As alone.
type failure struct {
	kind   error  // the sentinel
	codec  string // the codec's name
	typ    string // the Go type
	reason string // of our own words, type names and offsets
	cause  error  // unprinted; may be nil
}

func (f *failure) Error() string {
	return f.kind.Error() + ": " + f.codec + " of " + f.typ + ": " + f.reason
}

// GoString keeps %#v from printing the cause.
func (f *failure) GoString() string { return f.Error() }

func (f *failure) Unwrap() []error {
	if f.cause == nil {
		return []error{f.kind}
	}
	return []error{f.kind, f.cause}
}

// panicked makes an error of what a type's own decoding panicked with. Without it one record that trips a user's
// UnmarshalCBOR would fail every request of its session. The value may quote the payload; only its type is printed.
func panicked(value any, codec, typ string) error {
	return &failure{kind: ErrUndecodable, codec: codec, typ: typ, reason: fmt.Sprintf("panic with a %T", value)}
}
