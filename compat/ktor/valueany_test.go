package ktor_test

import (
	"math"
	"math/big"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/compat/ktor"
)

// everything has each sort of property that the reflection text holds.
type everything struct {
	Long   int64                 `ktor:"long"`
	Int    int                   `ktor:"int"`
	Wide   int                   `ktor:"wide,long"`
	Yes    bool                  `ktor:"yes"`
	Char   rune                  `ktor:"char,char"`
	Text   string                `ktor:"Text"`
	Float  float32               `ktor:"float"`
	Double float64               `ktor:"double"`
	BD     ktor.BigDecimal       `ktor:"bd"`
	BI     big.Int               `ktor:"bi"`
	Opt    ktor.Optional[string] `ktor:"opt"`
	ID     [16]byte              `ktor:"id"`
	List   []string              `ktor:"list"`
	Set    []int                 `ktor:"set,set"`
	Map    map[string]int64      `ktor:"map"`
	Bag    map[string]struct{}   `ktor:"bag"`
	Holes  []*string             `ktor:"holes,nullable"`
	Lists  [][]string            `ktor:"lists"`
	Chars  []rune                `ktor:"chars,char"`
	Part   part                  `ktor:"part"`
	Maybe  *part                 `ktor:"maybe"`
	Enum   en                    `ktor:"enum"`
	Enums  map[en]en             `ktor:"enums"`
	Sea    sealedBase            `ktor:"sea,nullable"`
}

// anyEverything draws texts from text, and nested lists of as many as inner.
func anyEverything(text *rapid.Generator[string], inner int) *rapid.Generator[everything] {
	return rapid.Custom(func(t *rapid.T) everything {
		e := everything{
			Long: rapid.Int64().Draw(t, "long"), Int: int(rapid.Int32().Draw(t, "int")), Wide: rapid.Int().Draw(t, "wide"),
			Yes: rapid.Bool().Draw(t, "yes"), Char: anyChar.Draw(t, "char"), Text: text.Draw(t, "text"),
			Float: rapid.Float32().Draw(t, "float"), Double: rapid.Float64().Draw(t, "double"),
			BD:    ktor.NewBigDecimal(big.NewInt(rapid.Int64().Draw(t, "unscaled")), rapid.Int32Min(math.MinInt32+1).Draw(t, "scale")),
			BI:    bigInt(rapid.StringMatching(`-?[1-9][0-9]{0,40}`).Draw(t, "bi")),
			List:  rapid.SliceOfN(text, 0, 4).Draw(t, "list"),
			Set:   rapid.SliceOfNDistinct(rapid.IntRange(math.MinInt32, math.MaxInt32), 0, 4, rapid.ID).Draw(t, "set"),
			Map:   rapid.MapOfN(text, rapid.Int64(), 0, 4).Draw(t, "map"),
			Bag:   map[string]struct{}{},
			Lists: rapid.SliceOfN(rapid.SliceOfN(text, 0, inner), 0, 3).Draw(t, "lists"),
			Chars: rapid.SliceOfN(anyChar.Filter(func(r rune) bool { return r != '&' }), 0, 4).Draw(t, "chars"),
			Part:  part{int(rapid.Int32().Draw(t, "i")), text.Draw(t, "s")},
			Enum:  rapid.SampledFrom([]en{"A", "B"}).Draw(t, "enum"), Enums: map[en]en{},
		}
		copy(e.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		for _, s := range rapid.SliceOfN(text, 0, 3).Draw(t, "bag") {
			e.Bag[s] = struct{}{}
		}
		if rapid.Bool().Draw(t, "holes") {
			e.Holes = append([]*string{}, nil, &e.Part.S)
		}
		if rapid.Bool().Draw(t, "opt") {
			e.Opt = ktor.Some(text.Draw(t, "some"))
		}
		if rapid.Bool().Draw(t, "maybe") {
			e.Maybe = &part{1, text.Draw(t, "maybe.s")}
		}
		if rapid.Bool().Draw(t, "enums") {
			e.Enums["B"] = "A"
		}
		e.Sea = rapid.SampledFrom([]sealedBase{nil, ss{5}, object{}}).Draw(t, "sea")
		return e
	})
}

// anyChar draws UTF-16 units that are characters.
var anyChar = rapid.Map(rapid.Int32Range(0, 0xffff-0x800), func(i int32) rune {
	if i >= 0xd800 {
		return i + 0x800
	}
	return i
})

// Texts with all that the formats treat in a special way, those without what splits collections, and words.
var (
	anyText   = rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("&=#%+ \t\"\\aé😀\u2028;$25")))).Filter(isText)
	safeText  = rapid.StringOf(rapid.RuneFrom([]rune("#%+ \t\"\\aé😀\u2028;$25n"))).Filter(isText)
	plainText = rapid.StringOf(rapid.RuneFrom([]rune("#abcXYZ09-_.!")))
)

func isText(s string) bool {
	for _, r := range s {
		if r == '\uFFFD' {
			return false // drawn for what is no UTF-8
		}
	}
	return true
}
