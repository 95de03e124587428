package codec

// Unknown keeps the fields that a newer version of a type has, so that they survive a write by this version. Embed it in
// the type of a kind, by value and at its top:
//
//	type Cart struct {
//		Items []string `cbor:"1,keyasint"`
//		codec.Unknown
//	}
//
// Decode fills it and Encode writes it back among the known fields. It belongs to the codec that read it: writing what
// JSON read as CBOR is ErrIncomplete. A field that the type knows wins over an unknown one of the same name. Two values
// are equal only if what they keep is. The zero Unknown keeps nothing; a handler that sets a whole new value instead of
// changing the one that it read drops what that kept.
//
// Only the outermost struct can keep unknown fields. Fields unknown to a struct further in are reported as
// [WholeDecoder] says, whether or not the outermost keeps its own.
type Unknown struct {
	form  form
	pairs string // encoded pairs in ascending order of their keys, as the form spells them
}

// form is the format that an Unknown was read from.
type form byte

const (
	formNone form = iota
	formCBOR
	formJSON
)
