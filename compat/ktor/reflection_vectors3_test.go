package ktor_test

import (
	"math"
	"testing"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/compat/ktor"
)

// The classes of the vectors of 3.5.2.
type (
	sea interface{ isSea() }
	s1  struct {
		E int `ktor:"e"`
	}
	s2 struct {
		E int    `ktor:"e"`
		Q string `ktor:"q"`
	}
	oo  struct{}
	has struct {
		M sea `ktor:"m,nullable"`
		Z int `ktor:"z"`
	}
	inner struct {
		X int `ktor:"x"`
	}
	outerN struct {
		I *inner `ktor:"i"`
	}
	vv struct {
		A int    `ktor:"a,default"`
		B string `ktor:"b,default"`
	}
	caseA struct {
		AB  int `ktor:"ab"`
		AB2 int `ktor:"aB"`
	}
	nFloat struct {
		F *float32 `ktor:"f"`
	}
	nLong struct {
		F *int64 `ktor:"f"`
	}
	chars struct {
		V []rune `ktor:"v,char"`
	}
	char1 struct {
		V rune `ktor:"v,char"`
	}
)

func (s1) isSea() {}
func (s2) isSea() {}
func (oo) isSea() {}

func TestReflectionVectorsOfKtor3(t *testing.T) {
	theSea := ktor.Sealed[sea](ktor.Class[s1]("SS"), ktor.Class[s2]("S2"), ktor.Class[oo]("OO"))
	vvs := ktor.Reflection[vv](ktor.Defaults(vv{7, "x"}))
	ints, str, dbl := ktor.Reflection[of[int]](), ktor.Reflection[of[string]](), ktor.Reflection[of[float64]]()
	str1 := of[string]{"b"}
	uuid := [16]byte{7: 1, 15: 2}
	ll := func(v ...[]string) check { return reflected(of[[][]string]{append([][]string{}, v...)}) }
	runVectors(t, "reflection-3.5.2.tsv", map[string]check{
		"FloatN":      reflected(nFloat{new(float32(1.5))}),
		"FloatN_null": refusesType[nFloat]("Ktor writes null and cannot read another"),
		"LongN":       reflected(nLong{new(int64(5))}),
		"read LongN_i": accepts(ktor.Reflection[nLong](), nLong{new(int64(5))},
			"an Int is taken for a nullable Long as for any other"),
		"LF":                 reflected(of[[]float32]{[]float32{1.5}}),
		"OE":                 reflected(of[ktor.Optional[en]]{ktor.Some(en("A"))}, theEnum),
		"OF":                 reflected(of[ktor.Optional[float32]]{ktor.Some(float32(1.5))}),
		"OU":                 reflected(of[ktor.Optional[[16]byte]]{ktor.Some(uuid)}),
		"OL":                 reflected(of[ktor.Optional[[]string]]{ktor.Some([]string{"a", "b"})}),
		"LO":                 reflected(of[[]ktor.Optional[string]]{[]ktor.Optional[string]{ktor.Some("a"), {}}}),
		"LU":                 reflected(of[[][16]byte]{[][16]byte{uuid}}),
		"LN":                 reflected(of[[]*string]{[]*string{new("a"), nil}}),
		"LBD":                reflected(of[[]ktor.BigDecimal]{[]ktor.BigDecimal{decimal("1.50")}}),
		"LL_one":             ll([]string{"a"}),
		"LL_empty":           ll([]string{}, []string{}),
		"LL_two":             ll([]string{"a", "b"}),
		"LL_oneone":          ll([]string{"a b"}, []string{"c%"}),
		"MF":                 reflected(of[map[string]float32]{map[string]float32{"a": 1.5}}),
		"ML":                 reflected(of[map[string]int64]{map[string]int64{"a": 5}}),
		"LLg":                reflected(of[[]int64]{[]int64{5}}),
		"ME":                 reflected(of[map[en]en]{map[en]en{"A": "B"}}, theEnum),
		"read LLg_i":         reads(ktor.Reflection[of[[]int64]](), of[[]int64]{[]int64{5}}),
		"Inner":              reflected(outerN{&inner{1}}),
		"OptIn":              reflected(of[ktor.Optional[inner]]{ktor.Some(inner{1})}),
		"MI":                 reflected(of[map[string]inner]{map[string]inner{"a": {1}}}),
		"read L1_esc_amp":    reads(stringList, list("a&b")),
		"read M1_esc":        reads(stringMap, pairsOf("k=1&", "a&#s")),
		"read L1_esc_amp2":   reads(stringList, list("a&#sadmin")),
		"M_eqkey":            holds(stringMap, pairsOf("k=1", "v")),
		"M_empty":            holds(stringMap, pairsOf()),
		"read Dbl_int":       refuses(dbl, "a Double is written #f"),
		"read Dbl_sfx":       reads(dbl, of[float64]{1.5}),
		"read Dbl_ws":        reads(dbl, of[float64]{1.5}),
		"read Dbl_hex":       refuses(dbl, "no Double is written in hex"),
		"read Dbl_huge":      reads(dbl, of[float64]{math.Inf(1)}),
		"read Dbl_inf":       reads(dbl, of[float64]{math.Inf(-1)}),
		"read Dbl_pt":        reads(dbl, of[float64]{.5}),
		"read Dbl_pt2":       reads(dbl, of[float64]{5}),
		"read IntP_l":        reads(ints, of[int]{}),
		"read IntP_ch":       refuses(ints, "an Int is written #i"),
		"read IntP_over":     reads(ints, of[int]{}),
		"read StrP_null":     reads(str, str1),
		"read StrP_name":     reads(str, of[string]{"a"}),
		"read StrP_nov":      reads(str, str1),
		"read StrP_nov2":     reads(str, of[string]{"a"}),
		"read StrP_badname":  reads(str, str1),
		"read StrP_kelvin":   reads(str, str1),
		"read StrP_inv":      refuses(str, "bytes that are no UTF-8 are a fault and not U+FFFD"),
		"read StrP_type":     accepts(str, of[string]{"a"}, "the Kotlin name of the class is not known; writing is refused"),
		"read StrP_type2":    reads(str, of[string]{"a"}),
		"read StrP_plusname": reads(str, str1),
		"read StrP_int":      reads(str, str1),
		"read Ch_empty":      reads(ktor.Reflection[char1](), char1{}),
		"read Vv_none":       reads(vvs, vv{7, "x"}),
		"read Vv_b":          reads(vvs, vv{7, "q"}),
		"read Vv_bnov":       reads(vvs, vv{7, "x"}),
		"Ch_x":               reflected(char1{0}),
		"LCh":                reflected(chars{[]rune("aé")}),
		"Sea_S2":             holds(ktor.Reflection[sea](theSea), sea(s2{1, "a&b"})),
		"Has_SS":             reflected(has{s1{1}, 2}, theSea),
		"Has_null":           reflected(has{nil, 2}, theSea),
		"Has_OO":             reflected(has{oo{}, 2}, theSea),
		"LS":                 reflected(of[[]sea]{[]sea{s1{1}}}, theSea),
		"Sea_OO":             holds(ktor.Reflection[sea](theSea), sea(oo{})),
		"read Sea_case":      reads(ktor.Reflection[sea](theSea), sea(s1{834})),
		"read SS_notype":     reads(ktor.Reflection[s1](theSea), s1{834}),
		"read SS_badtype":    reads(ktor.Reflection[s1](theSea), s1{}),
		"CaseA":              reflected(caseA{1, 2}),
	})
}

// refusesType is for types that Ktor reads in luck only.
func refusesType[T any](reason string) check {
	return func(t *testing.T, _ vector) {
		t.Helper()
		if codec.Check(ktor.Reflection[T]()) == nil {
			t.Errorf("usable: %s", reason)
		}
	}
}
