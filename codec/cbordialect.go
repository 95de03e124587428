package codec

import (
	"encoding"
	"math/big"
	"reflect"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// cborDialect is how cbor looks at types: its tag before json's, MarshalCBOR before MarshalBinary.
var cborDialect = dialect{
	codec: "cbor",
	tag: func(tag reflect.StructTag) string {
		if t := tag.Get("cbor"); t != "" {
			return t
		}
		return tag.Get("json")
	},
	key:     cborKey,
	nameOK:  func(string) bool { return true },
	quotes:  func(reflect.Type, string) bool { return false },
	refused: cborRefused,
	own:     cborOwn,
	byValue: func(reflect.Type) bool { return true }, // cbor takes the address of a copy
	binary: func(t reflect.Type) bool {
		p := reflect.PointerTo(t)
		return !p.Implements(reflect.TypeFor[cbor.Unmarshaler]()) && p.Implements(reflect.TypeFor[encoding.BinaryUnmarshaler]())
	},
	nulls: func(t reflect.Type) bool { // the zero instant is written as null
		return t == timeType || reflect.PointerTo(t).Implements(reflect.TypeFor[cbor.Unmarshaler]())
	},
	bytes:  func(t reflect.Type) bool { return t.Elem().Kind() == reflect.Uint8 },
	mapKey: cborMapKey,
}

func cborKey(name, options string) ([]byte, error) {
	for option := range strings.SplitSeq(options, ",") {
		if option == "keyasint" {
			n, err := strconv.Atoi(name)
			if err != nil {
				return nil, err
			}
			if n < 0 {
				return appendHead(nil, 1, uint64(-(n + 1))), nil
			}
			return appendHead(nil, 0, uint64(n)), nil
		}
	}
	return append(appendHead(nil, majorText, uint64(len(name))), name...), nil
}

func cborRefused(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[big.Int](), reflect.TypeFor[cbor.Tag](), reflect.TypeFor[cbor.RawTag]():
		return "is a " + t.String() + ", which needs CBOR tags"
	}
	return ""
}

func cborOwn(t reflect.Type) (writes, reads bool) {
	p := reflect.PointerTo(t)
	writes, reads = p.Implements(reflect.TypeFor[cbor.Marshaler]()), p.Implements(reflect.TypeFor[cbor.Unmarshaler]())
	if writes || reads {
		return writes, reads
	}
	return p.Implements(reflect.TypeFor[encoding.BinaryMarshaler]()), p.Implements(reflect.TypeFor[encoding.BinaryUnmarshaler]())
}

// cborMapKey accepts kinds of which equal keys, and only those, have equal encodings. Floats are not among them (NaN is
// unequal to itself), nor instants, nor types that write themselves.
func cborMapKey(t reflect.Type) bool {
	if writes, reads := cborOwn(t); writes || reads {
		return false
	}
	switch t.Kind() {
	case reflect.Bool, reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	case reflect.Array:
		return t.Elem().Kind() == reflect.Uint8
	default:
		return false
	}
}
