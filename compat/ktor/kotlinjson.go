package ktor

import (
	"reflect"

	"github.com/satchel-go/satchel/codec"
)

// JSON returns a codec for the text of kotlinx.serialization's Json with its defaults, which is Ktor's serializer since
// 3.0, and on Native since 2.2:
//
//	{"userId":"id1","cart":["apple"]}
//
// Properties stand in the order of their declaration, without spaces. One that is tagged "default" is left out where it
// equals its default (see [Defaults]), and may be missing when it is read; all others are written and demanded, null
// included. A property that T does not know is ErrUndecodable, as it is an exception in Ktor. An object whose declared type
// is a sealed class begins with its "type", the name that [Class] gives. Strings and numbers have the escapes and the
// spelling of Kotlin, byte for byte; a Go map is written in the order of its keys.
//
// Encode returns ErrUnencodable for NaN and infinities, which Json refuses too, and for text that is not UTF-8. Decode
// refuses what Json never writes although it would take it: a property twice, whole numbers in quotes or with an exponent,
// unescaped control characters, half characters.
//
// Check reports BigDecimal, BigInteger and Optional, for which kotlinx.serialization has nothing: they are what the Kotlin
// class's own serializer makes of them, mostly a string. A UUID is kotlin.uuid.Uuid.
func JSON[T any](options ...SerializerOption) codec.Codec[T] {
	c := &kotlinJSON[T]{shape{typ: reflect.TypeFor[T]()}}
	c.compile(jsonDialect, settingsOf(options), writeJSON)
	return c
}

// kotlinJSON is immutable after JSON made it.
type kotlinJSON[T any] struct{ shape }

// discriminator is the property that names the class of an object whose declared type is a sealed class.
const discriminator = "type"

var jsonDialect = dialect{
	codec: "ktor json",
	refuse: func(n *node, _ place) string {
		switch n.kind {
		case kindBigDecimal, kindBigInteger, kindOptional:
			return "is of a Java type for which kotlinx.serialization has no serializer: take what the Kotlin class writes"
		case kindSealed:
			for _, c := range n.sealed.classes {
				if _, ok := c.byName[discriminator]; ok {
					return "has a subclass with a property \"type\", which names the class"
				}
			}
		}
		return ""
	},
	refuseClass: func(*class, *settings) []string { return nil },
}

func (c *kotlinJSON[T]) Name() string { return jsonDialect.codec }

func (c *kotlinJSON[T]) Encode(v T) (string, error) {
	if c.err != nil {
		return "", c.err
	}
	payload, err := writeJSON(c.root, reflect.ValueOf(&v).Elem())
	return payload, c.failed(codec.ErrUnencodable, c.Name(), err)
}

func (c *kotlinJSON[T]) Decode(payload string) (v T, err error) {
	if c.err != nil {
		return v, c.err
	}
	defer guarded(&err, c.Name(), c.typ.String())
	read := new(T)
	if err := readJSON(c.root, payload, reflect.ValueOf(read).Elem()); err != nil {
		return v, c.failed(codec.ErrUndecodable, c.Name(), err)
	}
	return *read, nil
}
