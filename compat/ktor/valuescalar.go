package ktor

import (
	"encoding/hex"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxBigInteger is how many decimal digits of a BigInteger are read: turning them to binary takes more than linear time.
const maxBigInteger = 10_000

// writeScalar writes a value without parts as the two text formats do, behind its prefix.
func writeScalar(n *node, v reflect.Value) (string, error) {
	switch n.kind {
	case kindInt:
		text, err := writeInt(v)
		return "#i" + text, err
	case kindLong:
		return "#l" + strconv.FormatInt(v.Int(), 10), nil
	case kindFloat:
		text, err := writeFloat(v)
		return "#f" + text, err
	case kindDouble:
		return "#f" + javaFloat(v.Float(), 64), nil
	case kindBoolean:
		if v.Bool() {
			return "#bot", nil
		}
		return "#bof", nil
	case kindChar:
		text, err := writeChar(v)
		return "#ch" + text, err
	case kindBigInteger:
		text, err := writeBigInteger(v)
		return "#bi" + text, err
	case kindBigDecimal:
		d := v.Interface().(BigDecimal)
		if d.Scale() == math.MinInt32 {
			return "", faultf("has a scale that Java writes and cannot read")
		}
		return "#bd" + d.String(), nil
	default:
		text, err := writeText(n, v)
		return "#s" + text, err
	}
}

// writeText writes what is a string in every format.
func writeText(n *node, v reflect.Value) (string, error) {
	if n.kind == kindUUID {
		return writeUUID(v), nil
	}
	text := v.String()
	if !utf8.ValidString(text) {
		return "", faultf("is not UTF-8")
	}
	if n.kind == kindEnum && !n.enum[text] {
		return "", faultf("is no constant of its Enum")
	}
	return text, nil
}

func writeInt(v reflect.Value) (string, error) {
	if i := v.Int(); i < math.MinInt32 || i > math.MaxInt32 {
		return "", faultf("is out of an Int's range (tag it long if it is a Long)")
	}
	return strconv.FormatInt(v.Int(), 10), nil
}

// writeFloat refuses the few numbers that change on the way, because Ktor reads a Float by way of a Double.
func writeFloat(v reflect.Value) (string, error) {
	x := float32(v.Float())
	text := javaFloat(float64(x), 32)
	if y, _ := parseJavaFloat(text); float32(y) != x && x == x {
		return "", faultf("is a Float that Ktor's reader rounds to another")
	}
	return text, nil
}

// writeChar writes a UTF-16 code unit that is a character of its own.
func writeChar(v reflect.Value) (string, error) {
	r := v.Int()
	if r < 0 || r > 0xffff || r >= 0xd800 && r < 0xe000 {
		return "", faultf("is no Char: Kotlin's hold one UTF-16 unit, and not half a character")
	}
	return string(rune(r)), nil
}

func writeBigInteger(v reflect.Value) (string, error) {
	n := v.Interface().(big.Int)
	if n.BitLen() <= 4*maxBigInteger { // a digit has less than four bits
		if text := n.String(); len(text) <= maxBigInteger {
			return text, nil
		}
	}
	return "", faultf("is a BigInteger of more than %d digits", maxBigInteger)
}

func writeUUID(v reflect.Value) string {
	var b [16]byte
	reflect.Copy(reflect.ValueOf(b[:]), v)
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// readScalar reads what writeScalar writes, and what else Ktor's readers take.
func readScalar(n *node, text string, into reflect.Value) error {
	rest, ok := cutPrefix(n.kind, text)
	if !ok {
		return faultf("is of another Kotlin type than the text")
	}
	switch n.kind {
	case kindInt:
		return readInt(rest, 32, into)
	case kindLong:
		if text[1] == 'i' {
			return readInt(rest, 32, into)
		}
		return readInt(rest, 64, into)
	case kindFloat, kindDouble:
		x, ok := parseJavaFloat(rest)
		if !ok {
			return faultf("is no number")
		}
		into.SetFloat(x) // which rounds to a Float where it is one, as Ktor does
	case kindBoolean:
		if rest == "" || rest[0] != 't' && rest[0] != 'f' {
			return faultf("is neither true nor false")
		}
		into.SetBool(rest[0] == 't')
	case kindChar:
		return readChar(rest, into)
	case kindBigInteger:
		return readBigInteger(rest, into)
	case kindBigDecimal:
		d, err := ParseBigDecimal(rest)
		if err != nil {
			return faultf("is no BigDecimal")
		}
		into.Set(reflect.ValueOf(d))
	default:
		return readText(n, rest, into)
	}
	return nil
}

// cutPrefix takes the prefix of a kind off a text.
func cutPrefix(k kind, text string) (rest string, ok bool) {
	for _, prefix := range prefixes[k] {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			return rest, true
		}
	}
	return "", false
}

// prefixes are those by which the text formats tell types apart. Ktor takes an Int where a Long is expected, and lists
// and sets for each other.
var prefixes = map[kind][]string{
	kindInt: {"#i"}, kindLong: {"#l", "#i"}, kindFloat: {"#f"}, kindDouble: {"#f"}, kindBoolean: {"#bo"}, kindChar: {"#ch"},
	kindString: {"#s"}, kindEnum: {"#s"}, kindUUID: {"#s"}, kindBigInteger: {"#bi"}, kindBigDecimal: {"#bd"},
	kindList: {"#cl", "#cs"}, kindSet: {"#cs", "#cl"}, kindMap: {"#m"}, kindClass: {"##"}, kindSealed: {"##"},
}

// readText reads what is a string in every format. The text is copied, so that a short one does not keep a long payload.
func readText(n *node, text string, into reflect.Value) error {
	switch {
	case n.kind == kindUUID:
		return readUUID(text, into)
	case n.kind == kindEnum && !n.enum[text]:
		return faultf("is no constant of its Enum")
	}
	into.SetString(strings.Clone(text))
	return nil
}

func readInt(text string, bits int, into reflect.Value) error {
	i, err := strconv.ParseInt(text, 10, bits)
	if err != nil {
		return faultf("is no whole number of its range")
	}
	into.SetInt(i)
	return nil
}

// readChar takes the first character, as Ktor does.
func readChar(text string, into reflect.Value) error {
	r, size := utf8.DecodeRuneInString(text)
	if size == 0 || r > 0xffff {
		return faultf("is no Char of one UTF-16 unit")
	}
	into.SetInt(int64(r))
	return nil
}

func readBigInteger(text string, into reflect.Value) error {
	if !isInteger(text) || len(text) > maxBigInteger {
		return faultf("is no BigInteger, or one of more than %d digits", maxBigInteger)
	}
	i, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return faultf("is no BigInteger")
	}
	if i.Sign() == 0 {
		i = new(big.Int) // two zeros are equal to reflect.DeepEqual only if nothing was made for them
	}
	into.Set(reflect.ValueOf(i).Elem())
	return nil
}

// readUUID reads the canonical spelling, in either case. (Java's fromString takes shorter groups too, which nobody writes.)
func readUUID(text string, into reflect.Value) error {
	var b [16]byte
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return faultf("is no UUID")
	}
	if _, err := hex.Decode(b[:], []byte(strings.ReplaceAll(text, "-", ""))); err != nil {
		return faultf("is no UUID")
	}
	reflect.Copy(into, reflect.ValueOf(b[:]))
	return nil
}
