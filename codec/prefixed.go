package codec

import (
	"errors"
	"fmt"
	"strings"
)

// Prefixer is a codec all of whose payloads, and no other format's, begin with one text.
type Prefixer interface {
	// Prefix returns that text. Empty means that nothing is known of the payloads' beginning.
	Prefix() string
}

// prefixEncoder is a codec that can write a prefix and a payload in one allocation.
type prefixEncoder[T any] interface {
	encodeAfter(prefix string, v T) (string, error)
}

func encodeAfter[T any](c Codec[T], prefix string, v T) (string, error) {
	if e, ok := c.(prefixEncoder[T]); ok {
		return e.encodeAfter(prefix, v)
	}
	payload, err := c.Encode(v)
	if err != nil {
		return "", err
	}
	return prefix + payload, nil
}

// prefixed puts a prefix before the payloads of another codec, or knows that they have it.
type prefixed[T any] struct {
	inner  Codec[T]
	prefix string
	native bool // the inner codec writes and reads the prefix itself
	err    error
}

func newPrefixed[T any](prefix string, c Codec[T], native bool) *prefixed[T] {
	p := &prefixed[T]{inner: c, prefix: prefix, native: native, err: Check(c)}
	if prefix == "" {
		p.err = errors.Join(p.err, p.fail(ErrUnusable, "the prefix is empty"))
	}
	return p
}

// Prefixed returns a codec that puts prefix before the payloads of c and takes it off again, so that a later program can
// tell them from those of another format. Decode returns ErrUndecodable for a payload without it.
func Prefixed[T any](prefix string, c Codec[T]) Codec[T] {
	return newPrefixed(prefix, c, false)
}

// StartingWith returns c with the knowledge that its payloads begin with prefix, which stays part of them: JSON objects
// begin with "{". Decode returns ErrUndecodable for a payload that does not, Encode ErrUnencodable for a value of which
// the payload would not.
func StartingWith[T any](prefix string, c Codec[T]) Codec[T] {
	return newPrefixed(prefix, c, true)
}

func (p *prefixed[T]) Name() string { return p.inner.Name() }

func (p *prefixed[T]) Prefix() string { return p.prefix }

func (p *prefixed[T]) Check() error { return p.err }

func (p *prefixed[T]) Encode(v T) (string, error) { return p.encodeAfter("", v) }

func (p *prefixed[T]) encodeAfter(prefix string, v T) (string, error) {
	if p.err != nil {
		return "", p.err
	}
	if !p.native {
		return encodeAfter(p.inner, prefix+p.prefix, v)
	}
	payload, err := encodeAfter(p.inner, prefix, v)
	if err == nil && !strings.HasPrefix(payload[len(prefix):], p.prefix) {
		return "", p.fail(ErrUnencodable, fmt.Sprintf("its payload does not begin with %q", p.prefix))
	}
	return payload, err
}

func (p *prefixed[T]) Decode(payload string) (T, error) {
	v, _, err := p.DecodeWhole(payload)
	return v, err
}

func (p *prefixed[T]) DecodeWhole(payload string) (v T, whole bool, err error) {
	if p.err != nil {
		return v, false, p.err
	}
	rest, ok := strings.CutPrefix(payload, p.prefix)
	if !ok {
		return v, false, p.fail(ErrUndecodable, fmt.Sprintf("does not begin with %q", p.prefix))
	}
	if p.native {
		rest = payload
	}
	return Read(p.inner, rest)
}

func (p *prefixed[T]) fail(kind error, reason string) error {
	return &failure{kind: kind, codec: p.Name(), typ: typeName[T](), reason: reason}
}
