// Package ktor reads and writes what Ktor's Sessions read and write, so that a service in Go and one in Kotlin share
// sessions while one is moved after the other.
//
// # Serializers
//
// [Reflection], [BackwardCompatible] and [JSON] are the three of Ktor, as codecs for Go structs. Each field names its
// property:
//
//	type User struct {
//		ID   string   `ktor:"userId"`
//		Cart []string `ktor:"cart,default"`
//	}
//
// A field without a tag is an error of Check, as is one that is not exported; the tag "-" leaves it out. Which Kotlin type
// a Go type stands for:
//
//	int, int32            Int (values beyond 32 bits are refused)
//	int64                 Long
//	int tagged "long"     Long
//	int16, int8           Short, Byte
//	float64, float32      Double, Float
//	bool                  Boolean
//	rune tagged "char"    Char
//	string                String
//	string type + Enum    an enum class, by the names of its constants
//	[16]byte              UUID
//	big.Int, BigDecimal   BigInteger, BigDecimal
//	Optional[T]           java.util.Optional
//	[]T                   List; Set, if tagged "set"
//	map[T]struct{}        Set, written in ascending order of its elements' texts
//	map[K]V               Map, written in ascending order of its keys
//	struct                a class; an object, if it has no fields
//	interface + Sealed    a sealed class
//	*T                    T?
//
// Slices, maps and interfaces tagged "nullable" are null if nil. Without that word a nil slice or map is an empty one, and
// comes back as one that is not nil. The words "char" and "long" are about what a slice, map or Optional holds as well; a
// Char or Double as the key of a map has no Go type here. The word "default" is for a property that may be missing, for it
// has a default (see [Defaults]): JSON leaves it out where it equals that.
//
// # Rules
//
// What Ktor wrote is read, and what is written Ktor reads as the same value; a value for which there is no such text is
// codec.ErrUnencodable, and a type that has none is codec.ErrUnusable. Every byte is Ktor's own, and where Ktor's writer
// makes something that its reader does not undo, nothing is written, unless [Corrected] asks for the form that works.
//
// Doubles and Floats are spelled as Java does since JDK 19; an older one writes about three in a hundred with other
// digits, which are read as the same number.
//
// Time and memory are in proportion to the text; a BigInteger has at most ten thousand digits.
package ktor
