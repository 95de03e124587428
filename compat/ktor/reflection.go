package ktor

import (
	"reflect"

	"github.com/satchel-go/satchel/codec"
)

// Reflection returns a codec for the text of Ktor's SessionSerializerReflection: the default of Ktor 1.x and 2.x on the
// JVM, and reflectionSessionSerializer since. A session User(userId = "id1", cart = emptyList()) is
//
//	cart=%23cl&userId=%23sid1
//
// T is a struct, an interface that [Sealed] names, or [Parameters]. The package comment says which Go type stands for
// which Kotlin type. Check reports types that Ktor could write and not read: objects in collections; a Short or Byte; a
// Float that is nullable or in a collection; an Optional of a Float, enum, UUID or object; names that differ in case alone.
//
// Encode writes what Ktor writes, byte for byte, but for the order of a Go map, which is that of its keys. It returns
// ErrUnencodable where Ktor's reader would not get the value back: for an element with "&" and a map's key with "=" (by
// which a client that chooses an element would add others), for nested collections of more than one element, and for text
// that is not UTF-8. With [Corrected] all but the last are written so that Ktor reads them right.
//
// Decode reads as Ktor does: names are matched without regard for case, of a name that occurs twice the first counts, at
// most 1000 pairs are read, space around them is trimmed, an Int is taken for a Long, and a list for a set. Names that T
// does not know are passed over, and DecodeWhole reports them: Ktor writes computed properties too, so let T have them.
// All properties must be there, for Ktor demands it, but those with a tag "default", which are properties that the Kotlin
// constructor does not have. Only where Ktor would guess is Decode stricter: bytes that are no UTF-8, half characters, and
// hexadecimal floats are refused.
func Reflection[T any](options ...SerializerOption) codec.Codec[T] {
	c := &reflection[T]{shape: shape{typ: reflect.TypeFor[T]()}}
	if c.typ != reflect.TypeFor[Parameters]() {
		s := settingsOf(options)
		c.writer = reflectionWriter{s.corrected}
		c.compile(reflectionDialect, s, c.writer.value)
	}
	return c
}

// reflection is immutable after Reflection made it.
type reflection[T any] struct {
	shape
	writer reflectionWriter
}

func (c *reflection[T]) Name() string { return reflectionDialect.codec }

// reflectionDialect is what Ktor's reflection can write and read again.
var reflectionDialect = dialect{
	codec: "ktor reflection",
	refuse: func(n *node, at place) string {
		inside := at.element || at.optional
		switch n.kind {
		case kindShort, kindByte:
			return "is a Short or Byte, which Ktor writes and cannot read: make it an Int"
		case kindFloat:
			if inside || n.nullable {
				return "is a Float that is nullable, or inside of something, where Ktor reads a Double: make it a Double"
			}
		case kindEnum, kindUUID:
			if at.optional {
				return "is an Optional of what Ktor reads back as a String"
			}
		case kindClass, kindSealed:
			if inside {
				return "is an object in a collection or Optional, which Ktor writes and cannot read"
			}
		}
		if at.optional && n.nullable {
			return "is an Optional of a nullable type, which Java does not have"
		}
		return ""
	},
	refuseClass: func(c *class, s *settings) (problems []string) {
		problems = c.names("of which Ktor reads the first for both")
		if _, ok := c.byFold[typeToken]; ok {
			problems = append(problems, "has a property $type, which names the class")
		}
		if s.before15 && c.name != "" {
			problems = append(problems, "is a subclass of a sealed class, which Ktor before 1.5 cannot read")
		}
		for _, p := range c.properties {
			if s.before15 && (p.node.class != nil || p.node.sealed != nil) {
				problems = append(problems, "has the object "+p.name+", which Ktor before 1.5 cannot read")
			}
		}
		return problems
	},
}

// typeToken is the name of the pair that names a subclass of a sealed class.
const typeToken = "$type"

func (c *reflection[T]) Encode(v T) (string, error) {
	if c.err != nil {
		return "", c.err
	}
	if p, ok := any(v).(Parameters); ok {
		payload, err := writeParameters(p)
		return payload, c.failed(codec.ErrUnencodable, c.Name(), err)
	}
	payload, err := c.writer.object(c.root, reflect.ValueOf(&v).Elem())
	return payload, c.failed(codec.ErrUnencodable, c.Name(), err)
}

func (c *reflection[T]) Decode(payload string) (T, error) {
	v, _, err := c.DecodeWhole(payload)
	return v, err
}

func (c *reflection[T]) DecodeWhole(payload string) (v T, whole bool, err error) {
	if c.err != nil {
		return v, false, c.err
	}
	defer guarded(&err, c.Name(), c.typ.String())
	read := new(T)
	r := &reflectionReader{}
	if p, ok := any(read).(*Parameters); ok {
		*p, err = readParameters(payload)
	} else {
		err = r.root(c.root, payload, reflect.ValueOf(read).Elem())
	}
	if err != nil {
		return v, false, c.failed(codec.ErrUndecodable, c.Name(), err)
	}
	return *read, !r.sawUnknown, nil
}
