package codec

import "unicode/utf8"

// textCodec and bytesCodec have no state.
type textCodec[T ~string] struct{}

// Text returns the codec of a string that is its own payload, byte for byte. Encode and Decode refuse text that is not
// UTF-8, with ErrUnencodable and ErrUndecodable. Any other payload is some text: a kind that may change its codec later
// is better served by [Prefixed] or [Version] around this one.
func Text[T ~string]() Codec[T] { return textCodec[T]{} }

func (textCodec[T]) Name() string { return "text" }

func (c textCodec[T]) Encode(v T) (string, error) {
	if !utf8.ValidString(string(v)) {
		return "", &failure{kind: ErrUnencodable, codec: c.Name(), typ: "string", reason: errNotText.Error()}
	}
	return string(v), nil
}

func (c textCodec[T]) Decode(payload string) (T, error) {
	if !utf8.ValidString(payload) {
		return "", &failure{kind: ErrUndecodable, codec: c.Name(), typ: "string", reason: errNotText.Error()}
	}
	return T(payload), nil
}

type bytesCodec[T ~[]byte] struct{}

// Bytes returns the codec of bytes that are their own payload. Every payload decodes, to a copy of its own. Nil and empty
// bytes have the same payload, which comes back as nil.
func Bytes[T ~[]byte]() Codec[T] { return bytesCodec[T]{} }

func (bytesCodec[T]) Name() string { return "bytes" }

func (bytesCodec[T]) Encode(v T) (string, error) { return string(v), nil }

func (bytesCodec[T]) Decode(payload string) (T, error) {
	if payload == "" {
		return nil, nil
	}
	return T(payload), nil
}
