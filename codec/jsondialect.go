package codec

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// jsonDialect is how encoding/json looks at types.
var jsonDialect = dialect{
	codec:   "json",
	tag:     func(tag reflect.StructTag) string { return tag.Get("json") },
	key:     func(name, _ string) ([]byte, error) { return []byte(name), nil },
	nameOK:  jsonName,
	quotes:  jsonQuotes,
	refused: jsonRefused,
	own:     jsonOwn,
	byValue: jsonByValue,
	binary:  func(reflect.Type) bool { return false },
	nulls: func(t reflect.Type) bool {
		return t != timeType && reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]())
	},
	bytes:  jsonBytes,
	mapKey: jsonMapKey,
}

// jsonName reports whether encoding/json takes a name from a tag. It ignores one with other characters.
func jsonName(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r)
	})
}

func jsonOwn(t reflect.Type) (writes, reads bool) {
	p := reflect.PointerTo(t)
	writes, reads = p.Implements(reflect.TypeFor[json.Marshaler]()), p.Implements(reflect.TypeFor[json.Unmarshaler]())
	if writes || reads {
		return writes, reads
	}
	return p.Implements(reflect.TypeFor[encoding.TextMarshaler]()), p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// jsonMapKey accepts what encoding/json writes as a name in one way: strings, integers, and types that write themselves
// as text. (Of a string with text methods it would use only one.)
func jsonMapKey(t reflect.Type) bool {
	writes := t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) // a key has no address
	reads := reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
	switch t.Kind() {
	case reflect.String:
		return !writes && !reads
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return writes == reads
	default:
		return writes && reads
	}
}

// jsonQuotes reports whether a field has the option "string", and is of a kind that it concerns.
func jsonQuotes(t reflect.Type, options string) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return slices.Contains(strings.Split(options, ","), "string")
	}
	return false
}

func jsonRefused(t reflect.Type) string {
	if t == reflect.TypeFor[json.Number]() {
		return "is a json.Number: an empty one would come back as 0"
	}
	return ""
}

// jsonBytes reports whether encoding/json writes a type in base64. An array it writes as numbers.
func jsonBytes(t reflect.Type) bool {
	if t.Kind() != reflect.Slice || t.Elem().Kind() != reflect.Uint8 {
		return false
	}
	p := reflect.PointerTo(t.Elem())
	return !p.Implements(reflect.TypeFor[json.Marshaler]()) && !p.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

// jsonByValue reports whether a type has by value the method that encoding/json calls by its pointer.
func jsonByValue(t reflect.Type) bool {
	of := reflect.TypeFor[encoding.TextMarshaler]()
	if m := reflect.TypeFor[json.Marshaler](); reflect.PointerTo(t).Implements(m) {
		of = m
	}
	return t.Implements(of)
}
