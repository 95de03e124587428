package ktor_test

import (
	"testing"

	"github.com/satchel-go/satchel/compat/ktor"
)

// FuzzBigDecimal: a text is a number or an error, and a number's own text gives the same number, to the scale.
func FuzzBigDecimal(f *testing.F) {
	for _, text := range []string{"", "0", "-0.00", "1.50E+10", "1e-7", "+.5", "5.", "1E2147483647", "1E-2147483648", "1E2147483648", "0x1", "1_0", "９", "-1E+3", "."} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ktor.ParseBigDecimal(text)
		if err != nil {
			return
		}
		again, err := ktor.ParseBigDecimal(d.String())
		if err != nil || again.Scale() != d.Scale() || again.Unscaled().Cmp(d.Unscaled()) != 0 {
			t.Errorf("%q is %s, which is %s, %v", text, d, again, err)
		}
		if len(d.String()) > 2*len(text)+40 {
			t.Errorf("%q is spelled in %d bytes", text, len(d.String()))
		}
	})
}
