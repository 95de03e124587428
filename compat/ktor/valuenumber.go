package ktor

import (
	"math"
	"strconv"
	"strings"
)

// javaFloat writes x as Double.toString (bits 64) or Float.toString (bits 32) of Java do: the fewest digits that read back
// as x, but at least two and then those nearest to x; plain from 10⁻³ up to 10⁷, else with an exponent "E".
//
// So Java has done since JDK 19. Before, about three in a hundred numbers of many digits got a digit too many, or one that
// is not the nearest ("1.0E-323" for 9.9E-324); these read back as the same number, and only the bytes differ.
func javaFloat(x float64, bits int) string {
	switch {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 1):
		return "Infinity"
	case math.IsInf(x, -1):
		return "-Infinity"
	case x == 0 && math.Signbit(x):
		return "-0.0"
	case x == 0:
		return "0.0"
	}
	sign := ""
	if x < 0 {
		sign, x = "-", -x
	}
	digits, exponent := javaDigits(x, bits)
	switch {
	case exponent >= 7 || exponent < -3:
		return sign + digits[:1] + "." + orZero(digits[1:]) + "E" + strconv.Itoa(exponent)
	case exponent < 0:
		return sign + "0." + strings.Repeat("0", -exponent-1) + digits
	case len(digits) <= exponent+1:
		return sign + digits + strings.Repeat("0", exponent+1-len(digits)) + ".0"
	default:
		return sign + digits[:exponent+1] + "." + digits[exponent+1:]
	}
}

func orZero(digits string) string {
	if digits == "" {
		return "0"
	}
	return digits
}

// javaDigits returns the digits of x > 0 without zeros at their end, and the power of ten of the first.
func javaDigits(x float64, bits int) (digits string, exponent int) {
	text := strconv.FormatFloat(x, 'e', -1, bits)
	if len(text) > 1 && text[1] == 'e' {
		// One digit is enough, but of two-digit numbers the nearest counts: 4.9E-324, not 5E-324.
		if two := strconv.FormatFloat(x, 'e', 1, bits); readsBack(two, x, bits) {
			text = two
		}
	}
	mantissa, power, _ := strings.Cut(text, "e")
	exponent, _ = strconv.Atoi(power)
	return strings.TrimRight(mantissa[:1]+strings.TrimPrefix(mantissa[1:], "."), "0"), exponent
}

func readsBack(text string, x float64, bits int) bool {
	y, err := strconv.ParseFloat(text, bits)
	return err == nil && y == x
}

// parseJavaFloat reads what Double.parseDouble of Java does, but for hexadecimal: spaces around it, a suffix of type,
// "1.", ".5", "NaN" and "Infinity" are fine, and what is too large is infinite.
func parseJavaFloat(text string) (float64, bool) {
	text = strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	switch strings.TrimLeft(text, "+-") {
	case "NaN":
		return math.NaN(), len(text) <= len("-NaN")
	case "Infinity":
		switch text {
		case "Infinity", "+Infinity":
			return math.Inf(1), true
		case "-Infinity":
			return math.Inf(-1), true
		}
		return 0, false
	}
	if n := len(text); n > 0 && strings.IndexByte("fFdD", text[n-1]) >= 0 {
		text = text[:n-1]
	}
	if !isDecimal(text) {
		return 0, false
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(x, 0) {
		return 0, false
	}
	return x, true
}

// isDecimal reports whether text is digits with at most one point among or beside them, after a sign or none and before
// an exponent or none.
func isDecimal(text string) bool {
	mantissa := text
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if !isInteger(text[i+1:]) {
			return false
		}
		mantissa = text[:i]
	}
	mantissa = trimSign(mantissa)
	whole, fraction, _ := strings.Cut(mantissa, ".")
	return whole+fraction != "" && onlyDigits(whole) && onlyDigits(fraction)
}

func isInteger(text string) bool {
	digits := trimSign(text)
	return digits != "" && onlyDigits(digits)
}

func trimSign(text string) string {
	if text != "" && (text[0] == '+' || text[0] == '-') {
		return text[1:]
	}
	return text
}

func onlyDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
