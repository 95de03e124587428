package ktor

import (
	"reflect"
	"strings"
)

// Optional is a java.util.Optional: a value that may be missing, without being nullable. The zero Optional is empty.
type Optional[T any] struct {
	value   T
	present bool
}

// Some returns an Optional that holds v.
func Some[T any](v T) Optional[T] { return Optional[T]{value: v, present: true} }

// Get returns the value, and whether there is one.
func (o Optional[T]) Get() (v T, ok bool) { return o.value, o.present }

// optional is how a serializer reaches into an Optional of any type.
type optional interface {
	elem() reflect.Type
	held() (v reflect.Value, present bool)
}

// optionalSlot is the same for filling one.
type optionalSlot interface {
	hold(v reflect.Value)
}

func (Optional[T]) elem() reflect.Type { return reflect.TypeFor[T]() }

func (o Optional[T]) held() (reflect.Value, bool) { return reflect.ValueOf(&o.value).Elem(), o.present }

func (o *Optional[T]) hold(v reflect.Value) {
	reflect.ValueOf(&o.value).Elem().Set(v)
	o.present = true
}

// isOptional reports whether t is an Optional, and not a struct that embeds one and has its methods.
func isOptional(t reflect.Type) bool {
	return t.Implements(optionalType) && t.PkgPath() == optionalType.PkgPath() && strings.HasPrefix(t.Name(), "Optional[")
}

// Parameters are Ktor's Parameters as the type of a session, which only [Reflection] writes: names with plain texts, in
// order.
type Parameters []Parameter

// Parameter is a name and one of its values.
type Parameter struct{ Name, Value string }
