package codec

import (
	"bytes"
	"strconv"
)

// decimal is a number as its digits 0.d₁d₂d₃… × 10^exp, where neither the first nor the last of n digits is 0.
type decimal struct {
	digits [maxDigits]byte
	n      int
	exp    int
}

// maxDigits is the most that the shortest text of a float64 has.
const maxDigits = 17

// maxExponent is beyond the exponent of any number that does not overflow, or vanish.
const maxExponent = 1 << 30

// holdsDecimal reports whether the float of that many bits that a text is read as is what the text says, to the last digit:
// whether the float's own shortest text says the same. The text is a number of JSON.
func holdsDecimal(text []byte, bits int) bool {
	exact := 15 // so many digits come back from any float64
	if bits == 32 {
		exact = 6
	}
	if len(text) <= exact && !bytes.ContainsAny(text, "eE") {
		return true
	}
	f, err := strconv.ParseFloat(string(text), bits)
	if err != nil {
		return false // it overflows, and encoding/json refuses it
	}
	says, ok := parseDecimal(text)
	holds, _ := parseDecimal(strconv.AppendFloat(nil, f, 'e', -1, bits))
	return ok && says == holds
}

// parseDecimal reads a number, and reports whether it has no more than maxDigits. The sign is left out: none is ever lost.
func parseDecimal(text []byte) (d decimal, ok bool) {
	mantissa, exponent := text, []byte(nil)
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		mantissa, exponent = text[:i], text[i+1:]
	}
	zeros, fraction := 0, false // zeros that have not been written yet, because they may be the last digits
	for _, c := range mantissa {
		switch {
		case c == '-':
			continue
		case c == '.':
			fraction = true
			continue
		case c == '0' && d.n == 0:
			if fraction {
				d.exp--
			}
			continue
		case c == '0':
			zeros++
		case d.n+zeros >= maxDigits:
			return decimal{}, false
		default:
			for ; zeros > 0; zeros-- {
				d.digits[d.n] = '0'
				d.n++
			}
			d.digits[d.n] = c
			d.n++
		}
		if !fraction {
			d.exp++
		}
	}
	if d.n == 0 {
		return decimal{}, true
	}
	d.exp += parseExponent(exponent)
	return d, true
}

func parseExponent(text []byte) (n int) {
	sign := 1
	for _, c := range text {
		switch {
		case c == '-':
			sign = -1
		case c != '+' && n < maxExponent:
			n = 10*n + int(c-'0')
		}
	}
	return sign * n
}
