package ktor

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonReader stands at a place of a text of valid grammar.
type jsonReader struct {
	text string
	at   int
}

// next passes over white space and returns the byte behind it.
func (r *jsonReader) next() byte {
	for strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
	return r.text[r.at]
}

// literal takes a number, true or false; of anything else it takes nothing, which then fits no type.
func (r *jsonReader) literal() string {
	r.next()
	from := r.at
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n,:]}[{\"", r.text[r.at]) < 0 {
		r.at++
	}
	return r.text[from:r.at]
}

// enter takes the opening bracket and reports whether something stands before the closing one, which it takes else.
func (r *jsonReader) enter(open byte) (filled bool, err error) {
	if r.next() != open {
		return false, faultf("is of another Kotlin type than the text")
	}
	r.at++
	if c := r.next(); c == ']' || c == '}' {
		r.at++
		return false, nil
	}
	return true, nil
}

// more takes what stands behind an element: a comma, and there is more, or the closing bracket.
func (r *jsonReader) more() bool {
	c := r.next()
	r.at++
	return c == ','
}

// members calls each with the name of every member of an object, for it to read or skip the value.
func (r *jsonReader) members(each func(name string) error) error {
	filled, err := r.enter('{')
	if err != nil {
		return err
	}
	for filled {
		name, err := r.quoted()
		if err != nil {
			return err
		}
		r.next()
		r.at++ // the colon
		if err := each(name); err != nil {
			return err
		}
		filled = r.more()
	}
	return nil
}

// skip passes over one value of any type, without recursion.
func (r *jsonReader) skip() {
	depth := 0
	for {
		switch r.next() {
		case '"':
			r.skipQuoted()
		case '{', '[':
			depth++
			r.at++
		case '}', ']':
			depth--
			r.at++
		case ',', ':':
			r.at++
		default:
			r.literal()
		}
		if depth == 0 {
			return
		}
	}
}

func (r *jsonReader) skipQuoted() {
	for r.at++; r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' {
			r.at++
		}
	}
	r.at++
}

// quoted takes a string and returns what it says.
func (r *jsonReader) quoted() (string, error) {
	if r.next() != '"' {
		return "", faultf("is of another Kotlin type than the text")
	}
	from := r.at + 1
	r.skipQuoted()
	raw := r.text[from : r.at-1]
	if strings.IndexByte(raw, '\\') < 0 {
		return raw, nil
	}
	return unescape(raw)
}

// unescape undoes the escapes of a string of valid grammar. Half a character, which Kotlin holds, is refused.
func unescape(raw string) (string, error) {
	b := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			b = append(b, raw[i])
			continue
		}
		i++
		if j := strings.IndexByte(`"\/bfnrt`, raw[i]); j >= 0 {
			b = append(b, "\"\\/\b\f\n\r\t"[j])
			continue
		}
		unit := hexUnit(raw[i+1:])
		i += 4
		if utf16.IsSurrogate(unit) {
			if !strings.HasPrefix(raw[i+1:], `\u`) {
				return "", faultf("has half a character")
			}
			if unit = utf16.DecodeRune(unit, hexUnit(raw[i+3:])); unit == utf8.RuneError {
				return "", faultf("has half a character")
			}
			i += 6
		}
		b = utf8.AppendRune(b, unit)
	}
	return string(b), nil
}

func hexUnit(digits string) (unit rune) {
	for i := range 4 {
		unit = unit<<4 | rune(fromHex(digits[i]))
	}
	return unit
}
