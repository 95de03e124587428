package codec

// WholeDecoder is a codec that can tell whether it read all that a payload holds. CBOR, JSON, and what is built on them
// are such codecs.
type WholeDecoder[T any] interface {
	// DecodeWhole is Decode which also reports whether Encode of v would keep all that the payload says. Where whole is
	// false v is good for reading; writing it back would lose what a newer version of the program put there: a field that
	// T does not know, or a value that T cannot hold.
	DecodeWhole(payload string) (v T, whole bool, err error)
}

// Checker is a codec that can say whether it is usable at all.
type Checker interface {
	// Check returns an error that wraps ErrUnusable and lists everything wrong with the codec, or nil.
	Check() error
}

// Read decodes a payload and reports whether v holds all of it. What a codec that is no [WholeDecoder] reads counts as
// whole: it has to refuse what it does not know.
func Read[T any](c Codec[T], payload string) (v T, whole bool, err error) {
	if w, ok := c.(WholeDecoder[T]); ok {
		return w.DecodeWhole(payload)
	}
	v, err = c.Decode(payload)
	return v, err == nil, err
}

// Check returns what makes a codec unusable, or nil. A codec that is no [Checker] is usable.
func Check[T any](c Codec[T]) error {
	if ch, ok := c.(Checker); ok {
		return ch.Check()
	}
	return nil
}
