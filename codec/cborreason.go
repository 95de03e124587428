package codec

import (
	"errors"
	"fmt"
	"io"

	"github.com/fxamacker/cbor/v2"
)

// cborReason says in our own words what cbor's error says, because several of its texts quote keys and numbers of the
// payload. The names of types and fields that it prints are those of T.
func cborReason(err error) string {
	var (
		mismatch  *cbor.UnmarshalTypeError
		duplicate *cbor.DupMapKeyError
		extra     *cbor.ExtraneousDataError
		syntax    *cbor.SyntaxError
		semantic  *cbor.SemanticError
		depth     *cbor.MaxNestedLevelError
		elements  *cbor.MaxArrayElementsError
		pairs     *cbor.MaxMapPairsError
		indef     *cbor.IndefiniteLengthError
		tag       *cbor.TagsMdError
		value     *cbor.UnsupportedValueError
	)
	switch {
	case errors.Is(err, io.EOF):
		return "empty payload"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "payload ends early"
	case errors.As(err, &mismatch):
		if mismatch.StructFieldName != "" {
			return fmt.Sprintf("%s does not fit field %s of type %s", mismatch.CBORType, mismatch.StructFieldName, mismatch.GoType)
		}
		return fmt.Sprintf("%s does not fit type %s", mismatch.CBORType, mismatch.GoType)
	case errors.As(err, &duplicate):
		return fmt.Sprintf("key of pair %d of a map occurs twice", duplicate.Index)
	case errors.As(err, &extra):
		return "bytes after the item"
	case errors.As(err, &syntax):
		return "malformed item"
	case errors.As(err, &semantic):
		return "text is not UTF-8"
	case errors.As(err, &depth):
		return fmt.Sprintf("more than %d levels", maxDepth)
	case errors.As(err, &elements):
		return fmt.Sprintf("array of more than %d elements", maxElements)
	case errors.As(err, &pairs):
		return fmt.Sprintf("map of more than %d pairs", maxPairs)
	case errors.As(err, &indef):
		return "indefinite length"
	case errors.As(err, &tag):
		return "tag"
	case errors.As(err, &value):
		return "value outside of what CBOR can hold"
	default:
		return fmt.Sprintf("refused with a %T", err)
	}
}
