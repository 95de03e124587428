package ktor

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// BigDecimal is a java.math.BigDecimal: a number together with how many digits it has behind the point, so 1.5 and 1.50
// are two values. Two of them compare by ==, as equals of Java does. The zero BigDecimal is 0. For arithmetic take
// [BigDecimal.Unscaled] and [BigDecimal.Scale].
type BigDecimal struct {
	text string // as toString of Java, but "" for 0, so that the zero value is 0
}

var errNotDecimal = errors.New("ktor: no BigDecimal")

// NewBigDecimal returns unscaled × 10^-scale, as the constructor of Java does. It panics if unscaled is nil.
func NewBigDecimal(unscaled *big.Int, scale int32) BigDecimal {
	return bigDecimalOf(unscaled.Sign() < 0, new(big.Int).Abs(unscaled).String(), int64(scale))
}

// ParseBigDecimal reads what the constructor of Java does, in ASCII digits: "1.50E+10". Its error does not quote the text.
func ParseBigDecimal(text string) (BigDecimal, error) {
	if !isDecimal(text) {
		return BigDecimal{}, errNotDecimal
	}
	mantissa, exponent := text, int64(0)
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.ParseInt(text[i+1:], 10, 64)
		if err != nil || n <= -1e10 || n >= 1e10 {
			return BigDecimal{}, fmt.Errorf("%w: its exponent is out of range", errNotDecimal)
		}
		mantissa, exponent = text[:i], n
	}
	whole, fraction, _ := strings.Cut(trimSign(mantissa), ".")
	scale := int64(len(fraction)) - exponent
	if scale <= math.MinInt32 || scale > math.MaxInt32 { // the lowest scale is one that Java writes and does not read
		return BigDecimal{}, fmt.Errorf("%w: its scale is out of range", errNotDecimal)
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	return bigDecimalOf(strings.HasPrefix(mantissa, "-") && digits != "", orZero(digits), scale), nil
}

// bigDecimalOf spells a number as BigDecimal.toString does.
func bigDecimalOf(negative bool, digits string, scale int64) BigDecimal {
	sign := ""
	if negative {
		sign = "-"
	}
	adjusted := int64(len(digits)) - 1 - scale
	switch {
	case scale == 0 && digits == "0":
		return BigDecimal{}
	case scale == 0:
		return BigDecimal{sign + digits}
	case scale > 0 && adjusted >= -6:
		if pad := scale + 1 - int64(len(digits)); pad > 0 {
			digits = strings.Repeat("0", int(pad)) + digits
		}
		point := len(digits) - int(scale)
		return BigDecimal{sign + digits[:point] + "." + digits[point:]}
	}
	if len(digits) > 1 {
		digits = digits[:1] + "." + digits[1:]
	}
	if adjusted != 0 {
		digits += fmt.Sprintf("E%+d", adjusted)
	}
	return BigDecimal{sign + digits}
}

// String returns the number as BigDecimal.toString of Java writes it.
func (d BigDecimal) String() string { return orZero(d.text) }

// Unscaled returns the number without its point, 150 of 1.50. It is the caller's own.
func (d BigDecimal) Unscaled() *big.Int {
	mantissa, _, _ := strings.Cut(d.String(), "E")
	n, _ := new(big.Int).SetString(strings.Replace(mantissa, ".", "", 1), 10)
	return n
}

// Scale returns how many digits stand behind the point, 2 of 1.50 and -8 of 1.50E+10.
func (d BigDecimal) Scale() int32 {
	mantissa, power, _ := strings.Cut(d.String(), "E")
	_, fraction, _ := strings.Cut(mantissa, ".")
	exponent, _ := strconv.ParseInt(orZero(power), 10, 64)
	return int32(int64(len(fraction)) - exponent)
}

// MarshalText writes [BigDecimal.String].
func (d BigDecimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads as [ParseBigDecimal] does.
func (d *BigDecimal) UnmarshalText(text []byte) (err error) {
	*d, err = ParseBigDecimal(string(text))
	return err
}
