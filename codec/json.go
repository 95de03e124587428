package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// jsonCodec is immutable after JSON made it.
type jsonCodec[T any] struct {
	shape *shape
	err   error // why T is unusable, or nil
}

// JSON returns a codec that writes what encoding/json does, with map keys sorted and without HTML escapes. It is for
// payloads that other programs read; CBOR is smaller and several times faster.
//
// Decode returns ErrUndecodable for anything that is not one JSON text (RFC 8259) in UTF-8 that fits T, for an object in
// which a name occurs twice, and for text with half of a surrogate pair (RFC 7493, section 2.1). Encode returns
// ErrUnencodable for text that is not UTF-8 and for instants in a zone with seconds in its offset, which encoding/json would
// change without a word, and for NaN and infinities.
// Both return ErrUnusable, as Check does, for the same types that [CBOR] refuses, for json.Number, and for types in a map that
// write themselves by their pointer alone, which encoding/json has none of there; an unexported field is left out by the
// tag `json:"-"`. Instants keep their offset from UTC, so two that are the same instant in two zones
// have two payloads.
//
// Names are matched exactly, at every depth, where encoding/json would match them without regard for case. Fields that T
// does not know are kept by an embedded [Unknown]; without one, and further in, DecodeWhole reports them. It also reports
// whatever else T cannot hold and encoding/json would drop or change without a word: elements that an array has no room
// for, digits that a float has no room for (by its shortest text), null where T has none, an instant below a nanosecond, a
// name that is not how the key of a map is written. What a type reads itself counts as whole.
func JSON[T any]() Codec[T] {
	s, err := compile[T](jsonDialect)
	return &jsonCodec[T]{shape: s, err: err}
}

func (c *jsonCodec[T]) Name() string { return "json" }

func (c *jsonCodec[T]) Check() error { return c.err }

func (c *jsonCodec[T]) Encode(v T) (string, error) { return c.encodeAfter("", v) }

func (c *jsonCodec[T]) encodeAfter(prefix string, v T) (string, error) {
	if c.err != nil {
		return "", c.err
	}
	buf := buffers.Get().(*bytes.Buffer)
	defer release(buf)
	buf.Reset()
	buf.WriteString(prefix)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(&v); err != nil {
		return "", c.fail(ErrUnencodable, jsonReason(err), err)
	}
	buf.Truncate(buf.Len() - 1) // the line feed
	text := buf.Bytes()[len(prefix):]
	if err := c.kept(text, reflect.ValueOf(&v)); err != nil {
		return "", c.fail(ErrUnencodable, err.Error(), nil)
	}
	if c.shape.opaque {
		if err := checkJSON(text); err != nil {
			return "", c.fail(ErrUnencodable, err.Error(), err)
		}
	}
	if unknown := c.shape.unknownOf(reflect.ValueOf(&v).Elem()); unknown != nil && unknown.pairs != "" {
		if unknown.form != formJSON {
			return "", c.fail(ErrIncomplete, "its Unknown was read by another codec", nil)
		}
		buf.Truncate(buf.Len() - 1) // the closing brace
		appendMembers(buf, unknown.pairs, c.shape.known)
		buf.WriteByte('}')
	}
	return buf.String(), nil
}

// kept returns what of a value encoding/json has not written as it is, or nil. It puts U+FFFD, plain or as an escape, in place
// of what is not UTF-8, and leaves the seconds of an offset from UTC out; only where either can be does the value need a
// look.
func (c *jsonCodec[T]) kept(text []byte, v reflect.Value) error {
	if !c.shape.instant && !bytes.Contains(text, []byte("\uFFFD")) && !bytes.Contains(text, []byte(`\ufffd`)) {
		return nil
	}
	return keptJSON(v)
}

func (c *jsonCodec[T]) Decode(payload string) (T, error) {
	v, _, err := c.DecodeWhole(payload)
	return v, err
}

func (c *jsonCodec[T]) DecodeWhole(payload string) (v T, whole bool, err error) {
	if c.err != nil {
		return v, false, c.err
	}
	defer func() {
		if r := recover(); r != nil {
			err = panicked(r, c.Name(), c.shape.name)
		}
	}()
	return c.decode(payload)
}

func (c *jsonCodec[T]) decode(payload string) (_ T, whole bool, err error) {
	var none T
	data := []byte(payload)
	if err := checkJSON(data); err != nil {
		if _, _, marked := parseMark(payload); marked {
			return none, false, c.fail(ErrNewer, "has a version, which this program does not expect", nil)
		}
		return none, false, c.fail(ErrUndecodable, jsonReason(err), err)
	}
	pairs := ""
	if c.shape.keeps() {
		data, pairs = splitJSON(data, c.shape.known)
	}
	whole = wholeJSON(data, c.shape.root)
	v := new(T)
	if err := json.Unmarshal(data, v); err != nil {
		return none, false, c.fail(ErrUndecodable, jsonReason(err), err)
	}
	if unknown := c.shape.unknownOf(reflect.ValueOf(v).Elem()); unknown != nil && pairs != "" {
		*unknown = Unknown{form: formJSON, pairs: pairs}
	}
	return *v, whole, nil
}

func (c *jsonCodec[T]) fail(kind error, reason string, cause error) error {
	return &failure{kind: kind, codec: c.Name(), typ: c.shape.name, reason: reason, cause: cause}
}

// jsonReason says in our own words what encoding/json's error says, because its texts quote the payload.
func jsonReason(err error) string {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("malformed text at byte %d", e.Offset)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("what is at byte %d does not fit type %v", e.Offset, e.Type)
	}
	if _, ok := errors.AsType[*json.UnsupportedValueError](err); ok {
		return "value outside of what JSON can hold"
	}
	if errors.Is(err, errNotText) || errors.Is(err, errHalf) || errors.Is(err, errTwice) {
		return err.Error()
	}
	return fmt.Sprintf("refused with a %T", err)
}
