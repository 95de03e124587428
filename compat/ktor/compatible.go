package ktor

import (
	"reflect"

	"github.com/satchel-go/satchel/codec"
)

// BackwardCompatible returns a codec for the text of Ktor's KotlinxBackwardCompatibleSessionSerializer (2.2 and newer). It
// is the text of [Reflection] but for its order, which is that of the declaration, and for sets, which are written as
// lists:
//
//	userId=%23sid1&cart=%23cl%23sapple
//
// Ktor's reader does not undo what Ktor's writer did: elements of lists keep their escapes, an empty list comes back as
// one empty element, "+" in a map's value becomes a space, names of map keys lose their case, and an object inside of
// another loses what follows its "&". Decode reads what was written and not what Ktor's reader makes of it. Encode writes
// what Ktor writes, reads it as Ktor's reader does, and returns ErrUnencodable where that is not the value; so an empty
// list or set is refused, as it is by no other codec. With [Corrected] elements of lists and maps are written so that
// Ktor reads them right, where there is such a way: not for "&" and "%" in a list, nor for an empty one. (Both readers of
// Ktor, this and reflection's, read the corrected form.)
//
// Check reports types that Ktor's writer loses: a Short or Byte; BigDecimal, BigInteger, Optional and UUID; sealed classes;
// objects and collections in collections; and an object that is not the last property of its class, because Ktor writes it
// under the name of the last one.
//
// A name that T does not know is ErrUndecodable, as it is an exception in Ktor, where names are compared with their case. A
// missing property is one too, unless it is tagged "default"; the writer writes it all the same. Where Ktor's reader cuts
// off two characters whatever they are, Decode demands the right prefix, and null only where the type has it.
func BackwardCompatible[T any](options ...SerializerOption) codec.Codec[T] {
	s := settingsOf(options)
	c := &compatible[T]{shape: shape{typ: reflect.TypeFor[T]()}, writer: compatibleWriter{s.corrected}}
	c.compile(compatibleDialect, s, c.writer.value)
	return c
}

// compatible is immutable after BackwardCompatible made it.
type compatible[T any] struct {
	shape
	writer compatibleWriter
}

// compatibleDialect is what Ktor's encoder for kotlinx.serialization does not lose.
var compatibleDialect = dialect{
	codec: "ktor backward-compatible",
	refuse: func(n *node, at place) string {
		switch n.kind {
		case kindShort, kindByte:
			return "is a Short or Byte, which Ktor leaves out when it writes: make it an Int"
		case kindBigDecimal, kindBigInteger, kindOptional, kindUUID:
			return "is of a Java type that this format does not have: make it a String"
		case kindSealed:
			return "is a sealed class, which Ktor cannot read in this format"
		case kindClass, kindList, kindSet, kindMap:
			if at.element {
				return "is an object or a collection in a collection, which Ktor loses when it writes"
			}
		}
		return ""
	},
	refuseClass: func(c *class, _ *settings) (problems []string) {
		problems = c.names("which Ktor writes under one name")
		for i, p := range c.properties {
			if p.node.class != nil && i != len(c.properties)-1 {
				problems = append(problems, "has the object "+p.name+
					", which is not the last property, and Ktor would write it under the name of the last")
			}
		}
		return problems
	},
}

func (c *compatible[T]) Name() string { return compatibleDialect.codec }

func (c *compatible[T]) Encode(v T) (string, error) {
	if c.err != nil {
		return "", c.err
	}
	value := reflect.ValueOf(&v).Elem()
	payload, err := c.writer.object(c.root, value)
	if err == nil && !c.ktorReads(payload, value) {
		payload, err = "", faultf("holds a text that Ktor's reader changes, or an empty list (see BackwardCompatible)")
	}
	return payload, c.failed(codec.ErrUnencodable, c.Name(), err)
}

// ktorReads reports whether Ktor's reader, faults included, reads a payload as v. Values are compared by a text that two
// of them never share, which is why this format's own will not do.
func (c *compatible[T]) ktorReads(payload string, v reflect.Value) bool {
	read := reflect.New(c.typ).Elem()
	if err := (compatibleReader{asKtor: true}).object(c.root, payload, read); err != nil {
		return false
	}
	distinct := reflectionWriter{corrected: true}
	want, err := distinct.object(c.root, v)
	if err != nil {
		return false
	}
	got, err := distinct.object(c.root, read)
	return err == nil && got == want
}

func (c *compatible[T]) Decode(payload string) (v T, err error) {
	if c.err != nil {
		return v, c.err
	}
	defer guarded(&err, c.Name(), c.typ.String())
	read := new(T)
	r := compatibleReader{}
	if err := r.root(c.root, payload, reflect.ValueOf(read).Elem()); err != nil {
		return v, c.failed(codec.ErrUndecodable, c.Name(), err)
	}
	return *read, nil
}
