package ktor_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/satchel-go/satchel/compat/ktor"
)

// The classes of the vectors.
type (
	user struct {
		UserID string   `ktor:"userId"`
		Cart   []string `ktor:"cart"`
	}
	prim struct {
		I  int     `ktor:"i"`
		S  string  `ktor:"s"`
		L  int64   `ktor:"l"`
		B1 bool    `ktor:"b1"`
		B2 bool    `ktor:"b2"`
		Ch rune    `ktor:"ch,char"`
		F  float32 `ktor:"f"`
		D  float64 `ktor:"d"`
	}
	nul struct {
		A *string `ktor:"a"`
		B *int    `ktor:"b"`
	}
	of[T any] struct {
		V T `ktor:"v"`
	}
	setOf[T any] struct {
		V []T `ktor:"v,set"`
	}
	en  string
	enu struct {
		E en        `ktor:"e"`
		L []en      `ktor:"l"`
		M map[en]en `ktor:"m"`
		S []en      `ktor:"s,set"`
	}
	add struct {
		BD   ktor.BigDecimal       `ktor:"bd"`
		BI   big.Int               `ktor:"bi"`
		OE   ktor.Optional[string] `ktor:"oe"`
		OP   ktor.Optional[string] `ktor:"op"`
		UUID [16]byte              `ktor:"uuid"`
	}
	part struct {
		I int    `ktor:"i"`
		S string `ktor:"s"`
	}
	comp struct {
		Part part `ktor:"part"`
	}
	compN struct {
		Part *part `ktor:"part"`
	}
	sealedBase interface{ isSealed() }
	ss         struct {
		E int `ktor:"e"`
	}
	object     struct{}
	withSealed struct {
		Member sealedBase `ktor:"member"`
	}
	oneD struct {
		D float64 `ktor:"d"`
	}
	oneF struct {
		F float32 `ktor:"f"`
	}
	oneC struct {
		C rune `ktor:"c,char"`
	}
	b2 struct {
		Zeta  int `ktor:"Zeta"`
		Alpha int `ktor:"alpha"`
		AB    int `ktor:"a_b"`
		A1    int `ktor:"a1"`
	}
	by struct {
		S int8 `ktor:"s"`
	}
	withComputed struct {
		A     int `ktor:"a"`
		Twice int `ktor:"twice"`
	}
	plain struct {
		X int    `ktor:"x"`
		Y string `ktor:"y"`
	}
)

func (ss) isSealed()     {}
func (object) isSealed() {}

var (
	users      = ktor.Reflection[user]()
	theSealed  = ktor.Sealed[sealedBase](ktor.Class[ss]("SS"), ktor.Class[object]("O"))
	theEnum    = ktor.Enum[en]("A", "B")
	enums      = ktor.Reflection[enu](theEnum)
	prims      = ktor.Reflection[prim]()
	doubles    = ktor.Reflection[oneD]()
	floats     = ktor.Reflection[oneF]()
	stringList = ktor.Reflection[of[[]string]]()
	stringMap  = ktor.Reflection[of[map[string]string]]()
	primRead   = prim{I: 1, L: 2, B1: true, Ch: 'a', F: 1, D: 1000}
)

func list(items ...string) of[[]string] { return of[[]string]{append([]string{}, items...)} }

func pairsOf(kv ...string) of[map[string]string] {
	m := map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return of[map[string]string]{m}
}

func reflected[T any](v T, options ...ktor.SerializerOption) check {
	return holds(ktor.Reflection[T](options...), v)
}

func TestReflectionVectors(t *testing.T) {
	runVectors(t, "reflection-vectors.tsv", map[string]check{
		"User_id1_empty": holds(users, user{"id1", []string{}}),
		"User_id2_empty": holds(users, user{"id2", []string{}}),
		"User_space":     holds(users, user{"id 2", []string{"a b", "c+d"}}),
		"User_unicode":   holds(users, user{"ÿ☃😀", []string{"é", "日本"}}),
		"Prim_default":   holds(prims, prim{1, "sss", 2, true, false, 'a', 1, 1}),
		"Prim_extreme": holds(prims, prim{
			math.MinInt32, "", math.MaxInt64, false, true, '&', math.MaxFloat32, math.SmallestNonzeroFloat64,
		}),
		"Nul_both":           reflected(nul{}),
		"Nul_some":           reflected(nul{new("x"), new(5)}),
		"L_empty":            holds(stringList, list()),
		"L_one_empty_string": holds(stringList, list("")),
		"L_abc":              holds(stringList, list("a", "b", "c")),
		"L_amp":              holds(stringList, list("a&b")),
		"L_eq":               holds(stringList, list("a=b")),
		"L_pct":              holds(stringList, list("100%", "%41")),
		"L_quote_lt":         holds(stringList, list("\"<>\\^`{|}")),
		"L_newline":          holds(stringList, list("a\nb")),
		"LI":                 reflected(of[[]int]{[]int{1, -2}}),
		"LM":                 reflected(of[[]map[string]string]{[]map[string]string{{"k": "v"}}}),
		"S_ab":               reflected(setOf[string]{[]string{"a", "b"}}),
		"M_ab":               holds(stringMap, pairsOf("a", "b")),
		"M_two":              holds(stringMap, pairsOf("key1", "1", "key2", "2")),
		"M_eq_in_value":      holds(stringMap, pairsOf("a", "b=c")),
		"M_amp_in_value":     holds(stringMap, pairsOf("a", "b&c")),
		"MI":                 reflected(of[map[string]int]{map[string]int{"key1": 1, "key2": 2}}),
		"ML":                 reflected(of[map[string][]string]{map[string][]string{"k": {"a", "b"}}}),
		"En":                 holds(enums, enu{"B", []en{"B"}, map[en]en{"A": "B"}, []en{"A"}}),
		"Add": reflected(add{
			decimal("0"), bigInt("10"),
			ktor.Optional[string]{},
			ktor.Some("a"),
			[16]byte{0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff},
		}),
		"Add2": reflected(add{
			decimal("1.50E+10"), bigInt("-123456789012345678901234567890"),
			ktor.Optional[string]{},
			ktor.Some("a b&c"),
			[16]byte{15: 1},
		}),
		"Comp":                 reflected(comp{part{779, "x y&z=1"}}),
		"CompN_null":           reflected(compN{}),
		"LP_list_of_class":     reflected(of[[]part]{[]part{{1, "a"}}}),
		"Sealed_SS_asSubclass": holds(ktor.Reflection[ss](theSealed), ss{834}),
		"Sealed_SS_asBase":     holds(ktor.Reflection[sealedBase](theSealed), sealedBase(ss{834})),
		"WithSealed_SS":        reflected(withSealed{ss{834}}, theSealed),
		"WithSealed_O":         reflected(withSealed{object{}}, theSealed),
		"Empty":                reflected(struct{}{}),
		"Str_specials": reflected(struct {
			S string `ktor:"s"`
		}{"-._~!*'();:@&=+$,/?#[]%\"<>\\^`{|}"}),
		"Str_nonbmp": reflected(struct {
			S string `ktor:"s"`
		}{"😀é"}),
		"D_0.0":                holds(doubles, oneD{0}),
		"D_1.0":                holds(doubles, oneD{1}),
		"D_3.0":                holds(doubles, oneD{3}),
		"D_1.5":                holds(doubles, oneD{1.5}),
		"D_0.001":              holds(doubles, oneD{0.001}),
		"D_1.0E20":             holds(doubles, oneD{1e20}),
		"D_4.9E-324":           holds(doubles, oneD{math.SmallestNonzeroFloat64}),
		"D_NaN":                holds(doubles, oneD{math.NaN()}),
		"D_Infinity":           holds(doubles, oneD{math.Inf(1)}),
		"D_0.3333333333333333": holds(doubles, oneD{1.0 / 3}),
		"F_4.0":                holds(floats, oneF{4}),
		"F_1.4E-45":            holds(floats, oneF{math.SmallestNonzeroFloat32}),
		"F_NaN":                holds(floats, oneF{float32(math.NaN())}),
		"C_space":              reflected(oneC{' '}),
		"C_plus":               reflected(oneC{'+'}),
		"C_snow":               reflected(oneC{'☃'}),
		"C_hash":               reflected(oneC{'#'}),
		"B2_order":             reflected(b2{1, 2, 3, 4}),
		"By":                   reflected(by{5}),
		"WithComputed":         reflected(withComputed{2, 4}),
		"Plain":                reflected(plain{1, "q"}),

		"read_unenc":            reads(users, user{"id1", []string{"a", "b"}}),
		"read_order":            reads(users, user{"id1", []string{}}),
		"read_missing":          reads(users, user{}),
		"read_hash_only":        reads(users, user{}),
		"read_dup":              reads(users, user{"a", []string{}}),
		"read_ws":               reads(users, user{"a", []string{}}),
		"read_badpct":           reads(users, user{}),
		"read_set_for_list":     reads(users, user{"a", []string{"a"}}),
		"read_list_blank_items": reads(stringList, list("a", "b")),
		"read_float_exp":        reads(prims, primRead),
		"read_int_for_long":     reads(prims, primRead),
		"read_bool_true":        reads(prims, primRead),
		"read_int_plus":         reads(prims, primRead),
		"read_enum_unknown":     reads(enums, enu{}),
		"read_sealed_notype":    reads(ktor.Reflection[sealedBase](theSealed), nil),
		"read_sealed_badtype":   reads(ktor.Reflection[sealedBase](theSealed), nil),
		"read_empty":            reads(ktor.Reflection[struct{}](), struct{}{}),
	})
}
