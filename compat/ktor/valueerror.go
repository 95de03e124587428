package ktor

import (
	"errors"
	"fmt"

	"github.com/satchel-go/satchel/codec"
)

// failure is an error of a serializer: what failed, for which type, and where in it. Its words are our own, with names
// of types and properties and nothing of a payload.
type failure struct {
	kind   error // a sentinel of package codec
	codec  string
	typ    string
	reason string
}

func (f *failure) Error() string {
	return f.kind.Error() + ": " + f.codec + " of " + f.typ + ": " + f.reason
}

func (f *failure) Unwrap() error { return f.kind }

// fault is why a value cannot be written or a text cannot be read, before it is known of which type it is a part.
type fault struct {
	path string
	why  string
}

func (f *fault) Error() string {
	if f.path == "" {
		return f.why
	}
	return "property " + f.path + " " + f.why
}

func faultf(format string, args ...any) error { return &fault{why: fmt.Sprintf(format, args...)} }

// within puts the name of a property before where a fault is.
func within(name string, err error) error {
	f := new(fault)
	if !errors.As(err, &f) {
		return err
	}
	path := name
	if f.path != "" {
		path += "." + f.path
	}
	return &fault{path: path, why: f.why}
}

// guarded turns a panic into an error, so that one record cannot fail every request of its session. The value of the
// panic may quote the payload, so only its type is printed.
func guarded(err *error, codecName, typ string) { //nolint:gocritic // a deferred call sets the result by its address
	if r := recover(); r != nil {
		*err = &failure{kind: codec.ErrUndecodable, codec: codecName, typ: typ, reason: fmt.Sprintf("panic with a %T", r)}
	}
}
