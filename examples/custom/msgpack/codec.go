// Package msgpack is a codec of a user's own: Go values as MessagePack, by a library of the user's choice.
package msgpack

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/satchel-go/satchel/codec"
)

// New returns the codec. It has no state, so many goroutines use it at once.
func New[T any]() codec.Codec[T] { return messagePack[T]{} }

type messagePack[T any] struct{}

// Name returns the codec's name, for errors.
func (messagePack[T]) Name() string { return "MessagePack" }

// Check says whether T can be kept. It is called when a kind is placed. The library sorts the keys of three sorts of maps only, which the
// kit found out: any other would be spelled in another order each time.
func (messagePack[T]) Check() error {
	if t := unsorted(reflect.TypeFor[T](), map[reflect.Type]bool{}); t != nil {
		return fmt.Errorf("%w: MessagePack spells a %v in another order each time", codec.ErrUnusable, t)
	}
	return nil
}

// unsorted returns a type of map inside t whose keys are not sorted, or nil.
func unsorted(t reflect.Type, seen map[reflect.Type]bool) reflect.Type {
	if seen[t] {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Map:
		if t != reflect.TypeFor[map[string]string]() && t != reflect.TypeFor[map[string]bool]() {
			return t
		}
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return unsorted(t.Elem(), seen)
	case reflect.Struct:
		for field := range t.Fields() {
			if found := unsorted(field.Type, seen); found != nil {
				return found
			}
		}
	}
	return nil
}

// Encode sorts the keys of maps, so that equal values give equal payloads: a save of what is there already then costs nothing.
func (messagePack[T]) Encode(v T) (string, error) {
	var b bytes.Buffer
	e := msgpack.NewEncoder(&b)
	e.SetSortMapKeys(true)
	e.UseCompactInts(true)
	if err := e.Encode(v); err != nil {
		return "", fmt.Errorf("%w: %w", codec.ErrUnencodable, err)
	}
	return b.String(), nil
}

// Decode refuses fields that T does not know, which a write would lose, and anything behind the value. It goes over the payload once
// before it decodes: the library makes room for a million elements when so many are announced, and eleven bytes can announce them. Its
// errors do not say what is wrong with the payload, for the library's might quote it.
func (messagePack[T]) Decode(payload string) (v T, err error) {
	defer func() {
		if recover() != nil { // what a client or a broken disk made may not end the program
			var none T
			v, err = none, errMessagePack
		}
	}()
	r := strings.NewReader(payload)
	d := msgpack.NewDecoder(r)
	if d.Skip() != nil || r.Len() > 0 {
		return v, errMessagePack
	}
	r.Reset(payload)
	d.DisallowUnknownFields(true)
	if d.Decode(&v) != nil || r.Len() > 0 {
		var none T
		return none, errMessagePack
	}
	return v, nil
}

var errMessagePack = fmt.Errorf("%w: no MessagePack of this type", codec.ErrUndecodable)
