package satchel

import (
	"fmt"
	"reflect"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
)

// Kind returns a placed kind by its name, for generic tools that do not know its Go type. Its values are of the type that
// it was declared with, in an any.
func (s *Sessions) Kind(name string) (Kind[any], bool) {
	index, ok := s.byName[name]
	if !ok {
		return Kind[any]{}, false
	}
	return Kind[any]{name: name, codec: s.placed[index].kind.untyped()}, true
}

// Replay does over what a transcript of a kind's exchange says, under the kind's policy and the keyring of the moment, and
// returns the transcript of that: the same text if and only if this program does the same. It writes to no store.
func (s *Sessions) Replay(kind, transcript string) (string, error) {
	index, ok := s.byName[kind]
	if !ok {
		return "", fmt.Errorf("%w: %q", ErrUnplaced, kind)
	}
	return core.Replay(s.placed[index].current.Load().policy, transcript)
}

// anyKind is a kind whose Go type is known at run time only.
type anyKind interface {
	Name() string
	valueType() reflect.Type
	check() error
	untyped() anyCodec
}

func (k Kind[T]) valueType() reflect.Type { return reflect.TypeFor[T]() }

func (k Kind[T]) check() error {
	if k.codec == nil {
		return fmt.Errorf("no codec for %s; kinds are made by NewKind", k.valueType())
	}
	return codec.Check(k.codec)
}

func (k Kind[T]) untyped() anyCodec { return erased[T]{k.codec} }

// anyCodec is a codec of values of one Go type that come in an any.
type anyCodec interface {
	codec.Codec[any]
	codec.WholeDecoder[any]
	valueType() reflect.Type
}

type erased[T any] struct{ codec.Codec[T] }

func (erased[T]) valueType() reflect.Type { return reflect.TypeFor[T]() }

func (e erased[T]) Encode(v any) (string, error) {
	t, ok := v.(T)
	if !ok {
		return "", fmt.Errorf("satchel: the kind holds %s, not %T", reflect.TypeFor[T](), v)
	}
	return e.Codec.Encode(t)
}

func (e erased[T]) Decode(payload string) (any, error) { return e.Codec.Decode(payload) }

func (e erased[T]) DecodeWhole(payload string) (any, bool, error) {
	v, whole, err := codec.Read(e.Codec, payload)
	return v, whole, err
}
