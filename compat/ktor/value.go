package ktor

import (
	"math/big"
	"reflect"
)

// kind is what a Go type stands for in Kotlin.
type kind byte

const (
	kindInt kind = iota
	kindLong
	kindShort
	kindByte
	kindFloat
	kindDouble
	kindBoolean
	kindChar
	kindString
	kindEnum
	kindUUID
	kindBigInteger
	kindBigDecimal
	kindOptional
	kindList
	kindSet
	kindMap
	kindClass
	kindSealed
)

// node is a Kotlin type with the Go type that holds its values. A tree of nodes is made once per codec and never changes.
type node struct {
	kind     kind
	typ      reflect.Type // without the pointer
	pointer  bool         // the Go type is a pointer to typ
	nullable bool         // null is a value: of a pointer, or where the tag says so
	isMap    bool         // a set as map[K]struct{}
	elem     *node        // of lists, sets and Optionals; the value of maps
	key      *node
	class    *class
	sealed   *sealed
	enum     map[string]bool
}

// class is a Kotlin class with the struct that holds its instances.
type class struct {
	typ        reflect.Type
	pointer    bool   // instances are pointers to typ
	name       string // as a subclass of a sealed class, or ""
	properties []property
	sorted     []int          // their order by name
	byName     map[string]int // as they are spelled
	byFold     map[string]int // without regard for case
}

// property is a property of a Kotlin class with the field that holds it.
type property struct {
	name       string
	index      int
	node       *node
	hasDefault bool
	fallback   string // the default, as the codec writes it
}

// sealed is a sealed class with its subclasses.
type sealed struct {
	classes []*class
	byName  map[string]*class
	byType  map[reflect.Type]*class // by the type that an interface holds
}

// lift sets into, of the node's Go type, to the value that fill gives to a new one of typ.
func (n *node) lift(into reflect.Value, fill func(v reflect.Value) error) error {
	if !n.pointer {
		return fill(into)
	}
	p := reflect.New(n.typ)
	if err := fill(p.Elem()); err != nil {
		return err
	}
	into.Set(p)
	return nil
}

// isNull reports whether v, of the node's Go type, is null.
func (n *node) isNull(v reflect.Value) bool {
	switch {
	case n.pointer || n.kind == kindSealed:
		return v.IsNil()
	case n.kind == kindList, n.kind == kindSet, n.kind == kindMap:
		return n.nullable && v.IsNil()
	}
	return false
}

// errNull is why null is refused where Kotlin's type has none.
func errNull() error { return faultf("is null, and its Kotlin type has no null") }

// setNull sets into to null.
func (n *node) setNull(into reflect.Value) error {
	if !n.nullable {
		return errNull()
	}
	into.SetZero()
	return nil
}

// value returns what v holds behind its pointer.
func (n *node) value(v reflect.Value) reflect.Value {
	if n.pointer {
		return v.Elem()
	}
	return v
}

// instance returns the class of the object that an interface holds, and the struct.
func (s *sealed) instance(v reflect.Value) (*class, reflect.Value, error) {
	held := v.Elem()
	c := s.byType[held.Type()]
	if c == nil {
		return nil, held, faultf("holds a %v, which Sealed does not name", held.Type())
	}
	if c.pointer {
		if held.IsNil() {
			return nil, held, errNull()
		}
		held = held.Elem()
	}
	return c, held, nil
}

// create sets into, an interface, to a new instance that fill fills.
func (c *class) create(into reflect.Value, fill func(v reflect.Value) error) error {
	p := reflect.New(c.typ)
	if err := fill(p.Elem()); err != nil {
		return err
	}
	if c.pointer {
		into.Set(p)
	} else {
		into.Set(p.Elem())
	}
	return nil
}

var (
	bigIntType     = reflect.TypeFor[big.Int]()
	bigDecimalType = reflect.TypeFor[BigDecimal]()
	optionalType   = reflect.TypeFor[optional]()
	emptyType      = reflect.TypeFor[struct{}]()
)
