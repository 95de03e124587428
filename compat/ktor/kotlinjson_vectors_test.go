package ktor_test

import (
	"math"
	"testing"

	"github.com/satchel-go/satchel/compat/ktor"
)

// The classes of the vectors that are no one's else.
type (
	kSea interface{ isKSea() }
	kSS  struct {
		E int `ktor:"e"`
	}
	kS2 struct {
		Q string `ktor:"q"`
		R kOne   `ktor:"r"`
	}
	kObj struct{}
	kHas struct {
		M   kSea   `ktor:"m"`
		L   []kSea `ktor:"l"`
		N   kSea   `ktor:"n,nullable"`
		Own kSS    `ktor:"own"`
	}
	kMap2 struct {
		V map[string][]int `ktor:"v"`
		W map[int64]part   `ktor:"w"`
	}
	kEmptyObj struct {
		O kObj `ktor:"o"`
	}
)

func (kSS) isKSea()  {}
func (kS2) isKSea()  {}
func (kObj) isKSea() {}

var kSealed = ktor.Sealed[kSea](ktor.Class[kSS]("KSS"), ktor.Class[kS2]("two"), ktor.Class[kObj]("obj"))

func jsoned[T any](v T, options ...ktor.SerializerOption) check {
	return holds(ktor.JSON[T](options...), v)
}

func TestJSONVectors(t *testing.T) {
	parts, seas, prims := ktor.JSON[part](), ktor.JSON[kSea](kSealed), ktor.JSON[kPrim](theEnum)
	defaults := ktor.Defaults(kDef{A: 3, B: "x"})
	whole := kDef{A: 3, B: "x", C: []int{}, R: 1}
	primRead := kPrim{1, 2, true, 1, 1, 'c', "a", "B"}
	control := ""
	for r := range rune(0x20) {
		control += string(r)
	}
	runVectors(t, "kotlinjson-3.5.2.tsv", map[string]check{
		"Prim":     holds(prims, kPrim{1, 2, true, 1e7, 1.5, 'c', "a b&c", "B"}),
		"NaN":      holds(prims, kPrim{1, 2, true, math.NaN(), 1.5, 'c', "a b&c", "B"}),
		"PrimMin":  holds(prims, kPrim{math.MinInt32, math.MinInt64, false, math.SmallestNonzeroFloat64, math.SmallestNonzeroFloat32, 0, "", "A"}),
		"Dneg0":    holds(prims, kPrim{D: math.Copysign(0, -1), F: float32(math.Copysign(0, -1)), C: '"', E: "A"}),
		"Str_ctl":  jsoned(of[string]{control}),
		"Str_sp":   jsoned(of[string]{"\"\\/\u007f\u0080\u2028\u2029<>&'é😀"}),
		"KL_empty": jsoned(list()),
		"KL":       jsoned(list("a", "b")),
		"KMI":      jsoned(of[map[int]bool]{map[int]bool{1: true}}),
		"KM":       mendsOrder,
		"KN":       jsoned(kN{}),
		"KN2":      jsoned(kN{new("a"), new(1), &part{1, "a"}}),
		"Def":      jsoned(whole, defaults),
		"Def2":     jsoned(kDef{4, "y", []int{1}, &part{1, "a"}, math.Copysign(0, -1), 1}, defaults),
		"Def3":     jsoned(whole, defaults),
		"Sh":       jsoned(kSh{1, -2}),
		"LL":       jsoned(of[[][]string]{[][]string{{"a"}, {}}}),
		"LIn":      jsoned(of[[]part]{[]part{{1, "a"}}}),
		"Sea":      holds(seas, kSea(kSS{1})),
		"Sea2":     holds(seas, kSea(kS2{"a", kOne{1}})),
		"SeaO":     holds(seas, kSea(kObj{})),
		"SS":       jsoned(kSS{1}, kSealed),
		"Has":      jsoned(kHas{kSS{1}, []kSea{kObj{}, kS2{"q", kOne{2}}}, nil, kSS{2}}, kSealed),
		"Map2":     jsoned(kMap2{map[string][]int{"a": {1}}, map[int64]part{5: {1, "x"}}}),
		"Set":      jsoned(setOf[int]{[]int{2, 1}}),
		"EmptyObj": jsoned(kEmptyObj{}),
		"NL":       jsoned(of[[]*string]{[]*string{new("a"), nil}}),
		"NM":       jsoned(of[map[string]*string]{map[string]*string{"a": nil}}),

		"read unknown":     reads(parts, part{}),
		"read dup":         refuses(parts, "Json never writes a property twice"),
		"read missing":     reads(parts, part{}),
		"read order":       reads(parts, part{1, "a"}),
		"read case":        reads(parts, part{}),
		"read null":        reads(parts, part{}),
		"read quoted":      refuses(parts, "Json never quotes an Int"),
		"read exp":         refuses(parts, "Json never writes an Int with an exponent"),
		"read frac":        reads(parts, part{}),
		"read strnum":      reads(parts, part{}),
		"read trail":       reads(parts, part{}),
		"read comma":       reads(parts, part{}),
		"read over":        reads(parts, part{}),
		"read plus":        reads(parts, part{}),
		"read lead0":       refuses(parts, "it is no JSON"),
		"read neg0":        reads(parts, part{0, "a"}),
		"read slash":       reads(parts, part{1, "/A😀"}),
		"read lone":        refuses(parts, "half a character is no text in Go"),
		"read defmissing":  reads(ktor.JSON[kDef](defaults), whole),
		"read nullmissing": reads(ktor.JSON[kN](), kN{}),
		"read typelast":    reads(seas, kSea(kSS{1})),
		"read notype":      reads(seas, nil),
		"read badtype":     reads(seas, nil),
		"read objextra":    reads(seas, nil),
		"read ownwithtype": reads(ktor.JSON[kSS](kSealed), kSS{}),
		"read typetwice":   reads(seas, nil),
		"read typenull":    reads(seas, nil),
		"read dbl":         reads(prims, primRead),
		"read dblint":      reads(prims, primRead),
		"read char2":       reads(prims, primRead),
		"read enumbad":     reads(prims, primRead),
		"read boolq":       refuses(prims, "Json never quotes a Boolean"),
		"read flt":         reads(prims, primRead),
		"read mapdup":      refuses(ktor.JSON[of[map[int]bool]](), "Json never writes a key twice"),
		"read mapkeyplain": reads(ktor.JSON[of[map[int]bool]](), of[map[int]bool]{}),
		"read setdup":      reads(ktor.JSON[setOf[int]](), setOf[int]{[]int{1, 2}}),
	})
}

// mendsOrder is for a map of Kotlin, whose order a Go map does not keep.
func mendsOrder(t *testing.T, v vector) {
	c, want := ktor.JSON[of[map[string]string]](), pairsOf("b", "1", "a", "2")
	reads(c, want)(t, vector{text: v.text, outcome: "-> "})
	if got, err := c.Encode(want); err != nil || got != `{"v":{"a":"2","b":"1"}}` {
		t.Errorf("written as %s, %v", got, err)
	}
}
