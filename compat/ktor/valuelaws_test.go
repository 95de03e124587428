package ktor_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/codec/codectest"
	"github.com/satchel-go/satchel/compat/ktor"
)

var (
	ofEverything = []ktor.SerializerOption{theSealed, theEnum}
	corrected    = append([]ktor.SerializerOption{ktor.Corrected()}, ofEverything...)
)

// Texts with "&" are for the corrected form only; without it the kit's noise could make one that is read and not written.
func TestReflectionKeepsTheRulesOfCodecs(t *testing.T) {
	t.Run("corrected", func(t *testing.T) {
		codectest.Run(t, ktor.Reflection[everything](corrected...), anyEverything(anyText, 3))
	})
	t.Run("as Ktor", func(t *testing.T) {
		codectest.Run(t, ktor.Reflection[everything](ofEverything...), anyEverything(plainText, 1))
	})
}

// jsonEverything is everything but Java's own types.
type jsonEverything struct {
	Long   int64               `ktor:"long"`
	Short  int16               `ktor:"short"`
	Yes    bool                `ktor:"yes,default"`
	Char   rune                `ktor:"char,char"`
	Text   string              `ktor:"Text,default"`
	Float  float32             `ktor:"float"`
	Double float64             `ktor:"dou\"ble"`
	ID     [16]byte            `ktor:"id"`
	List   []string            `ktor:"list,default"`
	Set    []part              `ktor:"set,set"`
	Map    map[string][]string `ktor:"map"`
	Keys   map[int16]bool      `ktor:"keys"`
	Flags  map[bool][16]byte   `ktor:"flags"`
	Bag    map[int64]struct{}  `ktor:"bag,nullable"`
	Maybe  *part               `ktor:"maybe"`
	Enum   en                  `ktor:"enum"`
	Seas   []sealedBase        `ktor:"seas"`
}

func anyJSON(t *rapid.T) jsonEverything {
	e := jsonEverything{
		Long: rapid.Int64().Draw(t, "long"), Short: rapid.Int16().Draw(t, "short"), Yes: rapid.Bool().Draw(t, "yes"),
		Char: anyChar.Draw(t, "char"), Text: anyText.Draw(t, "text"),
		Float: rapid.Float32().Draw(t, "float"), Double: rapid.Float64().Draw(t, "double"),
		List:  rapid.SliceOfN(anyText, 0, 4).Draw(t, "list"),
		Map:   rapid.MapOfN(anyText, rapid.SliceOfN(anyText, 0, 2), 0, 3).Draw(t, "map"),
		Keys:  rapid.MapOfN(rapid.Int16(), rapid.Bool(), 0, 3).Draw(t, "keys"),
		Flags: map[bool][16]byte{rapid.Bool().Draw(t, "flag"): {1}},
		Set:   []part{{1, "a"}, {2, anyText.Draw(t, "s")}},
		Enum:  "A",
		Seas:  rapid.SliceOfN(rapid.SampledFrom([]sealedBase{ss{5}, object{}}), 0, 3).Draw(t, "seas"),
	}
	if rapid.Bool().Draw(t, "bag") {
		e.Bag = map[int64]struct{}{e.Long: {}}
	}
	if rapid.Bool().Draw(t, "maybe") {
		e.Maybe = &part{1, e.Text}
	}
	return e
}

func TestJSONKeepsTheRulesOfCodecs(t *testing.T) {
	codectest.Run(t, ktor.JSON[jsonEverything](theSealed, theEnum), rapid.Custom(anyJSON))
}

// compatibleEverything is what the backward-compatible text holds.
type compatibleEverything struct {
	Long   int64             `ktor:"long"`
	Yes    bool              `ktor:"yes"`
	Char   rune              `ktor:"char,char"`
	Text   string            `ktor:"Text"`
	Maybe  *string           `ktor:"maybe"`
	Float  float32           `ktor:"float"`
	Double float64           `ktor:"double"`
	Enum   en                `ktor:"enum"`
	List   []string          `ktor:"list"`
	Set    []int             `ktor:"set,set"`
	Map    map[string]string `ktor:"map"`
	Part   part              `ktor:"part"`
}

func anyCompatible(text *rapid.Generator[string], elements int) *rapid.Generator[compatibleEverything] {
	return rapid.Custom(func(t *rapid.T) compatibleEverything {
		e := compatibleEverything{
			Long: rapid.Int64().Draw(t, "long"), Yes: rapid.Bool().Draw(t, "yes"), Char: anyChar.Draw(t, "char"),
			Text: anyText.Draw(t, "text"), Float: rapid.Float32().Draw(t, "float"), Double: rapid.Float64().Draw(t, "double"),
			Enum: "B", List: rapid.SliceOfN(text, elements, 4).Draw(t, "list"), Set: []int{1, 2},
			Map:  rapid.MapOfN(text, text, 0, 1).Draw(t, "map"),
			Part: part{1, text.Draw(t, "s")},
		}
		if rapid.Bool().Draw(t, "maybe") {
			e.Maybe = &e.Text
		}
		return e
	})
}

// The kit of codecs does not fit here: what Ktor's writer wrote is read, and for some of it there is no text that Ktor
// reads right. Texts of words always come back.
func TestCompatibleComesBack(t *testing.T) {
	for _, c := range []codec.Codec[compatibleEverything]{
		ktor.BackwardCompatible[compatibleEverything](theEnum), ktor.BackwardCompatible[compatibleEverything](theEnum, ktor.Corrected()),
	} {
		rapid.Check(t, func(t *rapid.T) {
			want := anyCompatible(plainText, 1).Draw(t, "value")
			payload, err := c.Encode(want)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := c.Decode(payload); err != nil || !same(got, want) {
				t.Fatalf("%+v came back from %q as %+v, %v", want, payload, got, err)
			}
		})
	}
}

// Whatever the texts, a value comes back or is refused, and is refused with a reason.
func TestCompatibleRefusesOrComesBack(t *testing.T) {
	for _, c := range []codec.Codec[compatibleEverything]{
		ktor.BackwardCompatible[compatibleEverything](theEnum), ktor.BackwardCompatible[compatibleEverything](theEnum, ktor.Corrected()),
	} {
		rapid.Check(t, func(t *rapid.T) {
			want := anyCompatible(anyText, 0).Draw(t, "value")
			payload, err := c.Encode(want)
			if errors.Is(err, codec.ErrUnencodable) && payload == "" {
				return
			}
			got, err2 := c.Decode(payload)
			if err := errors.Join(err, err2); err != nil || !same(got, want) {
				t.Fatalf("%+v came back from %q as %+v, %v", want, payload, got, err)
			}
		})
	}
}
