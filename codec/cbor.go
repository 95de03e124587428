package codec

import (
	"bytes"
	"reflect"
	"sync"

	"github.com/fxamacker/cbor/v2"
)

// The limits of a CBOR payload. They bound the work and memory that a payload asks for; Encode refuses what passes them,
// so that nothing is written which could not be read.
const (
	maxDepth    = 32      // arrays and maps inside each other
	maxElements = 1 << 17 // of one array
	maxPairs    = 1 << 17 // of one map
)

// cborCodec is immutable after CBOR made it.
type cborCodec[T any] struct {
	shape *shape
	err   error // why T is unusable, or nil
}

// CBOR returns the default codec: CBOR after RFC 8949 in its core deterministic encoding (section 4.2.1), without tags
// and indefinite lengths.
//
// Fields are named by the tag `cbor:"name"`, or else `json:"name"`, or else by themselves; `cbor:"1,keyasint"` makes the
// key a small integer and the payload short. Names are case-sensitive. Types may have MarshalCBOR and UnmarshalCBOR, or
// MarshalBinary and UnmarshalBinary, in pairs; UnmarshalCBOR may keep the bytes that it is handed. Instants travel as RFC
// 3339 text in UTC with nanoseconds: they come back equal, in UTC; a pointer to the zero instant comes back nil.
//
// A payload is limited to 32 levels, and to 131,072 elements in an array or pairs in a map. Encode returns ErrUnencodable
// for what Decode would refuse: text that is not UTF-8, too many elements or levels. Decode returns ErrUndecodable for
// anything that is not one CBOR item that fits T. Both return ErrUnusable, as Check does, if T holds what could not come
// back equal: a channel, function, interface or recursive type, an unexported field (unless tagged `cbor:"-"`).
//
// Fields that T does not know are kept by an embedded [Unknown]; without one, DecodeWhole reports them. It also reports
// whatever else T cannot hold and cbor would drop or change without a word: elements that an array has no room for, digits
// that a float has no room for, null where T has none, bytes as a list, an instant as a number, below a nanosecond or with
// an offset from UTC. What a type reads itself counts as whole. A field may be added at any time; any other change of T is
// a new version, see [Migrate].
func CBOR[T any]() Codec[T] {
	s, err := compile[T](cborDialect)
	return &cborCodec[T]{shape: s, err: err}
}

// buffers holds scratch space for encoding. Nothing that it hands out outlives a call, and user code never sees it.
//
//walls:memory room to work in; every use begins with Reset and ends with a copy
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooled is the largest scratch space that is kept, so that one large value does not stay in memory.
const maxPooled = 64 << 10

func release(buf *bytes.Buffer) {
	if buf.Cap() <= maxPooled {
		buffers.Put(buf)
	}
}

var (
	cborEncoding = must(cborEncOptions().UserBufferEncMode())
	cborDecoding = must(cborDecOptions().DecMode())
)

func cborEncOptions() cbor.EncOptions {
	o := cbor.CoreDetEncOptions()
	o.Time = cbor.TimeRFC3339NanoUTC
	o.TimeTag = cbor.EncTagNone
	o.TagsMd = cbor.TagsForbidden
	return o
}

func cborDecOptions() cbor.DecOptions {
	return cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		MaxNestedLevels:   maxDepth,
		MaxArrayElements:  maxElements,
		MaxMapPairs:       maxPairs,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		UTF8:              cbor.UTF8RejectInvalid,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive, // else a newer field "id" would be read into "ID"
	}
}

// must is for options that are constants of this package.
func must[M any](m M, err error) M {
	if err != nil {
		panic(err)
	}
	return m
}

func (c *cborCodec[T]) Name() string { return "cbor" }

func (c *cborCodec[T]) Check() error { return c.err }

func (c *cborCodec[T]) Encode(v T) (string, error) { return c.encodeAfter("", v) }

func (c *cborCodec[T]) encodeAfter(prefix string, v T) (string, error) {
	if c.err != nil {
		return "", c.err
	}
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	buf.WriteString(prefix)
	defer release(buf)
	if err := cborEncoding.MarshalToBuffer(&v, buf); err != nil {
		return "", c.fail(ErrUnencodable, cborReason(err), err)
	}
	if err := c.addUnknown(buf, len(prefix), c.shape.unknownOf(reflect.ValueOf(&v).Elem())); err != nil {
		return "", err
	}
	item := buf.Bytes()[len(prefix):]
	// A payload shorter than both limits cannot hold more elements, and a type's depth is known: so only text and what
	// types write themselves need a second look.
	if c.shape.opaque || len(item) > min(maxElements, maxPairs) || c.shape.text && !textsAreUTF8(item) {
		if err := checkCBOR(item); err != nil {
			return "", c.fail(ErrUnencodable, err.Error(), nil)
		}
	}
	return buf.String(), nil
}

// addUnknown puts what unknown keeps among the pairs of the item that begins at start.
func (c *cborCodec[T]) addUnknown(buf *bytes.Buffer, start int, unknown *Unknown) error {
	if unknown == nil || unknown.pairs == "" {
		return nil
	}
	if unknown.form != formCBOR {
		return c.fail(ErrIncomplete, "its Unknown was read by another codec", nil)
	}
	merged, err := mergeCBOR(buf.Bytes()[start:], unknown.pairs, c.shape.known)
	if err != nil {
		return c.fail(ErrUnencodable, err.Error(), nil)
	}
	buf.Truncate(start)
	buf.Write(merged)
	return nil
}

func (c *cborCodec[T]) Decode(payload string) (T, error) {
	v, _, err := c.decodeSafely(payload, false)
	return v, err
}

func (c *cborCodec[T]) DecodeWhole(payload string) (v T, whole bool, err error) {
	return c.decodeSafely(payload, true)
}

// decodeSafely is decode where user code may panic.
func (c *cborCodec[T]) decodeSafely(payload string, look bool) (v T, whole bool, err error) {
	if c.err != nil {
		return v, false, c.err
	}
	defer func() {
		if r := recover(); r != nil {
			err = panicked(r, c.Name(), c.shape.name)
		}
	}()
	return c.decode(payload, look)
}

// decode works on a copy of the payload: one of its own where user code, which may keep or change it, is handed some of it. It
// looks whether the value is whole where that is asked.
func (c *cborCodec[T]) decode(payload string, look bool) (_ T, whole bool, err error) {
	var none T
	var data []byte
	var pairs string
	if c.shape.opaque { // what is handed to a type as it is has to be as good as what Encode lets out
		data = []byte(payload)
		if err := checkCBOR(data); err != nil {
			return none, false, c.undecodable(payload, err.Error(), nil)
		}
	} else {
		buf := buffers.Get().(*bytes.Buffer)
		defer release(buf)
		buf.Reset()
		buf.WriteString(payload)
		data = buf.Bytes()
	}
	if c.shape.keeps() {
		if data, pairs, err = splitCBOR(data, c.shape.known); err != nil {
			return none, false, c.undecodable(payload, err.Error(), nil)
		}
	}
	if look { // before a type that reads itself may change the data
		_, whole = wholeCBOR(c.shape.root, data, 0)
	}
	v := new(T)
	if err = cborDecoding.Unmarshal(data, v); err != nil {
		return none, false, c.undecodable(payload, cborReason(err), err)
	}
	if pairs != "" {
		*c.shape.unknownOf(reflect.ValueOf(v).Elem()) = Unknown{form: formCBOR, pairs: pairs}
	}
	return *v, whole, nil
}

// undecodable tells a payload that has a version from one that is merely broken: an older program without versions must
// not take what a newer one wrote for garbage.
func (c *cborCodec[T]) undecodable(payload, reason string, cause error) error {
	if _, _, marked := parseMark(payload); marked {
		return c.fail(ErrNewer, "has a version, which this program does not expect", nil)
	}
	return c.fail(ErrUndecodable, reason, cause)
}

func (c *cborCodec[T]) fail(kind error, reason string, cause error) error {
	return &failure{kind: kind, codec: c.Name(), typ: c.shape.name, reason: reason, cause: cause}
}
