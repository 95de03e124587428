package codec

import (
	"errors"
	"fmt"
	"strings"
)

// fallback chooses by prefix, among readers of which the first is the writer.
type fallback[T any] struct {
	readers []Codec[T] // in the order given
	starts  []string   // the prefix of each; "" reads what no other does
	err     error
}

// Fallback returns a codec that writes with write, and reads with it or one of the readers of older formats. The reader is
// chosen by the payload's first bytes before anything is decoded: a payload belongs to the codec whose [Prefixer] prefix
// it begins with, and otherwise to the one codec that has none. What the chosen one cannot read is its error, and never
// another's turn. A payload that belongs to nobody is ErrUndecodable.
//
// At most one codec may have no prefix, and no prefix may be the beginning of another, else all calls return
// ErrUnusable. Give a codec without marks of its own one by [Prefixed], [StartingWith] or [Version].
func Fallback[T any](write Codec[T], readers ...Codec[T]) Codec[T] {
	f := &fallback[T]{readers: append([]Codec[T]{write}, readers...)}
	var problems []error
	for _, c := range f.readers {
		problems = append(problems, Check(c))
		prefix := ""
		if p, ok := c.(Prefixer); ok {
			prefix = p.Prefix()
		}
		for _, other := range f.starts {
			if clash(prefix, other) {
				problems = append(problems, f.unusable(prefix, other))
			}
		}
		f.starts = append(f.starts, prefix)
	}
	f.err = errors.Join(problems...)
	return f
}

// clash reports whether one payload could begin with both. The codec without a prefix has what is left over.
func clash(a, b string) bool {
	if a == "" || b == "" {
		return a == b
	}
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}

func (f *fallback[T]) unusable(a, b string) error {
	return &failure{
		kind: ErrUnusable, codec: f.Name(), typ: typeName[T](),
		reason: fmt.Sprintf("the prefixes %q and %q do not tell two formats apart", a, b),
	}
}

func (f *fallback[T]) Name() string { return f.readers[0].Name() }

func (f *fallback[T]) Check() error { return f.err }

// owner returns the index of the codec that a payload belongs to, or -1.
func (f *fallback[T]) owner(payload string) int {
	rest := -1
	for i, start := range f.starts {
		switch {
		case start == "":
			rest = i
		case strings.HasPrefix(payload, start):
			return i
		}
	}
	return rest
}

func (f *fallback[T]) Encode(v T) (string, error) {
	if f.err != nil {
		return "", f.err
	}
	payload, err := f.readers[0].Encode(v)
	if err == nil && f.owner(payload) != 0 {
		return "", &failure{
			kind: ErrUnencodable, codec: f.Name(), typ: typeName[T](), reason: "its payload begins as those of an older format do",
		}
	}
	return payload, err
}

func (f *fallback[T]) Decode(payload string) (T, error) {
	v, _, err := f.DecodeWhole(payload)
	return v, err
}

func (f *fallback[T]) DecodeWhole(payload string) (v T, whole bool, err error) {
	if f.err != nil {
		return v, false, f.err
	}
	i := f.owner(payload)
	if i < 0 {
		return v, false, &failure{
			kind: ErrUndecodable, codec: f.Name(), typ: typeName[T](), reason: "begins as no known format does",
		}
	}
	return Read(f.readers[i], payload)
}
