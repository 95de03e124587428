package ktor

import (
	"fmt"
	"reflect"
)

// SerializerOption tells a serializer what Go's types do not say of Kotlin's, or chooses how it writes. The options are
// [Sealed], [Enum], [Defaults], [ReadableByKtor14] and [Corrected].
type SerializerOption func(*settings)

// settings are the options together.
type settings struct {
	sealed    map[reflect.Type][]Subclass
	enums     map[reflect.Type][]string
	defaults  map[reflect.Type]reflect.Value
	before15  bool
	corrected bool
	problems  []string
}

func settingsOf(options []SerializerOption) *settings {
	s := &settings{
		sealed:   map[reflect.Type][]Subclass{},
		enums:    map[reflect.Type][]string{},
		defaults: map[reflect.Type]reflect.Value{},
	}
	for _, o := range options {
		o(s)
	}
	return s
}

// Subclass is a class of a sealed one: see [Sealed].
type Subclass struct {
	typ  reflect.Type
	name string
}

// Class names the Kotlin class, or object, that the struct T stands for. [Reflection] uses the simple name, "Circle"; [JSON]
// the serial name, which is the qualified one, "com.example.Circle", unless @SerialName says another. A Kotlin object is
// a struct without fields. T may be a pointer to the struct, if that is what implements the interface.
func Class[T any](name string) Subclass { return Subclass{typ: reflect.TypeFor[T](), name: name} }

// Sealed says that the interface Base stands for a sealed Kotlin class and which subclasses that has. A nil interface is
// null, which a field takes only if its tag says "nullable".
func Sealed[Base any](classes ...Subclass) SerializerOption {
	return func(s *settings) {
		base := reflect.TypeFor[Base]()
		if base.Kind() != reflect.Interface {
			s.problems = append(s.problems, fmt.Sprintf("Sealed: %v is no interface", base))
			return
		}
		for _, c := range classes {
			switch {
			case !c.typ.Implements(base):
				s.problems = append(s.problems, fmt.Sprintf("Sealed: %v does not implement %v", c.typ, base))
			case structOf(c.typ) == nil:
				s.problems = append(s.problems, fmt.Sprintf("Sealed: %v is neither a struct nor a pointer to one", c.typ))
			}
		}
		s.sealed[base] = append(s.sealed[base], classes...)
	}
}

// structOf returns the struct type that t is or points to, or nil.
func structOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

// Enum says that the Go type E stands for an enum class of Kotlin with these constants. Any other text is then refused,
// in writing and in reading, as Ktor refuses it.
func Enum[E ~string](constants ...E) SerializerOption {
	return func(s *settings) {
		t := reflect.TypeFor[E]()
		if t == reflect.TypeFor[string]() {
			s.problems = append(s.problems, "Enum: string itself is a String; define a type")
		}
		for _, c := range constants {
			s.enums[t] = append(s.enums[t], string(c))
		}
	}
}

// Defaults says which defaults the Kotlin class has that the struct C stands for: those of v, for the properties that are
// tagged "default". Without it these are the zero values of Go, where a nil slice or map is empty.
func Defaults[C any](v C) SerializerOption {
	return func(s *settings) { s.defaults[reflect.TypeFor[C]()] = reflect.ValueOf(v) }
}

// ReadableByKtor14 refuses types that Ktor before 1.5 cannot read: it knew neither objects inside of objects nor subclasses
// of sealed ones. It is for [Reflection].
func ReadableByKtor14() SerializerOption { return func(s *settings) { s.before15 = true } }

// Corrected writes values that Ktor's own writer spoils in the form in which Ktor's reader, of any version, gets them
// right; without it they are refused. It is for [Reflection], where "&" and "=" inside collections get the escape that
// Ktor forgets, so that nested collections work as well, and for [BackwardCompatible], where elements of lists lose the
// escape that Ktor's reader forgets. The bytes of all other values stay the same.
func Corrected() SerializerOption { return func(s *settings) { s.corrected = true } }
