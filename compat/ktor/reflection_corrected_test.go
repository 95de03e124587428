package ktor_test

import (
	"testing"

	"github.com/satchel-go/satchel/compat/ktor"
)

func correct[T any](v T) check { return holds(ktor.Reflection[T](ktor.Corrected()), v) }

func correctCompatible[T any](v T) check {
	return holds(ktor.BackwardCompatible[T](ktor.Corrected()), v)
}

// What Corrected writes was given to Ktor 3.5.2, both of its readers for texts of the backward-compatible form, and came
// back as it went.
func TestCorrectedFormsThatKtorRead(t *testing.T) {
	runVectors(t, "corrected-3.5.2.tsv", correctedChecks)
}

var correctedChecks = map[string]check{
	"L_amp":      correct(list("a&b")),
	"L_inject":   correct(list("a&#sadmin")),
	"L_mix":      correct(list("&", "=", "%26", "%", " ", "+", "é&", "", "a=b&c=d")),
	"M_amp":      correct(pairsOf("a", "b&c")),
	"M_eq_key":   correct(pairsOf("k=1&l", "a=&#s", "", "=")),
	"LL_two":     correct(of[[][]string]{[][]string{{"a", "b"}, {}, {"c&d", "=", "% +é"}}}),
	"ML_two":     correct(of[map[string][]string]{map[string][]string{"k=": {"a&b", "c"}, "l": {}}}),
	"LM_two":     correct(of[[]map[string]string]{[]map[string]string{{"a": "b", "c=": "d&e"}}}),
	"LLL":        correct(of[[][][]string]{[][][]string{{{"a&b", "c"}, {"d"}}, {{"e", "f"}, {"%26"}}}}),
	"BL_space":   correctCompatible(list("a b", "c", "<é>😀", "+", "=")),
	"BM_plus":    correctCompatible(pairsOf("a+1", "b+c")),
	"BM_amp":     correctCompatible(pairsOf("a&", "b&c+ =%")),
	"BM_eq_key":  correctCompatible(pairsOf("a=1", "b=1")),
	"BM_unicode": correctCompatible(pairsOf("é%", "\u2028 \"")),
}
