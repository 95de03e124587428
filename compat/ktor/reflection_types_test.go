package ktor_test

import (
	"errors"
	"math"
	"math/big"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/compat/ktor"
)

// checks gives the error of Check of each serializer.
func checks[T any](options ...ktor.SerializerOption) map[string]error {
	return map[string]error{
		"reflection": codec.Check(ktor.Reflection[T](options...)),
		"compatible": codec.Check(ktor.BackwardCompatible[T](options...)),
		"json":       codec.Check(ktor.JSON[T](options...)),
	}
}

type recursive struct {
	Next *recursive `ktor:"next"`
}

type embedding struct {
	part
}

// What is wrong with a type is found when the codec is made, and said by the name of the field.
func TestTypesThatCannotServe(t *testing.T) {
	const all = "reflection compatible json"
	for name, c := range map[string]struct {
		errs  map[string]error
		wrong string // by which serializers it is refused
		says  string
	}{
		"a string":         {checks[string](), all, "is no session's type"},
		"a pointer":        {checks[*part](), all, "is no session's type"},
		"an interface":     {checks[error](), all, "no Sealed names"},
		"no tag":           {checks[struct{ A int }](), all, "A does not say which property"},
		"no name":          {checks[of2[int]](), all, "does not say which property"},
		"unexported":       {checks[struct{ a int }](), all, "not exported"},
		"embedded":         {checks[embedding](), all, "embedded"},
		"recursive":        {checks[recursive](), all, "recursive"},
		"unsigned":         {checks[of[uint8]](), all, "uint8"},
		"bytes":            {checks[of[[]byte]](), all, "uint8"},
		"a time":           {checks[of[time.Time]](), all, "time.Time"},
		"a channel":        {checks[of[chan int]](), all, "chan"},
		"pointer to slice": {checks[of[*[]int]](), all, "nullable"},
		"twice": {checks[struct {
			A int `ktor:"a"`
			B int `ktor:"a"`
		}](), all, "as another field is"},
		"unknown word": {checks[struct {
			A int `ktor:"a,omitempty"`
		}](), all, "omitempty"},
		"char of string": {checks[struct {
			A string `ktor:"a,char"`
		}](), all, "rune"},
		"set of map": {checks[struct {
			A map[string]int `ktor:"a,set"`
		}](), all, "for slices"},
		"nullable int": {checks[struct {
			A int `ktor:"a,nullable"`
		}](), all, "take a pointer"},
		"float keys":       {checks[of[map[float64]int]](), all, "keys of type"},
		"pointer keys":     {checks[of[map[*string]int]](), all, "keys of type"},
		"a default not in": {checks[defaulted](ktor.Enum[en]("A")), all, "Defaults"},
		"enum of string":   {checks[part](ktor.Enum[string]("A")), all, "define a type"},
		"sealed struct":    {checks[part](ktor.Sealed[part]()), all, "no interface"},
		"no member":        {checks[withSealed](ktor.Sealed[sealedBase](ktor.Class[part]("P"))), all, "does not implement"},
		"names twice": {
			checks[withSealed](ktor.Sealed[sealedBase](ktor.Class[ss]("A"), ktor.Class[object]("A"))), all, "twice",
		},
		"case alone":      {checks[caseA](), "reflection compatible", "case alone"},
		"space in a name": {checks[spaced](), "reflection compatible", "space"},
		"short":           {checks[kSh](), "reflection compatible", "Short"},
		"nullable float":  {checks[nFloat](), "reflection", "Double"},
		"objects in list": {checks[of[[]part]](), "reflection compatible", "collection"},
		"decimal":         {checks[of[ktor.BigDecimal]](), "compatible json", "Java type"},
		"optional":        {checks[of[ktor.Optional[int]]](), "compatible json", "Java type"},
		"optional null":   {checks[of[ktor.Optional[*int]]](), all, "Optional"},
		"object not last": {checks[kOutFirst](), "compatible", "not the last"},
		"lists in a list": {checks[of[[][]int]](), "compatible", "collection in a collection"},
		"$type": {checks[struct {
			A int `ktor:"$TYPE"`
		}](), "reflection", "$type"},
		"type in sealed":       {checks[withSealed](ktor.Sealed[sealedBase](ktor.Class[typed]("T"))), "compatible json", "sealed"},
		"before 1.5":           {checks[comp](ktor.ReadableByKtor14()), "reflection", "before 1.5"},
		"before 1.5, 2":        {checks[ss](ktor.ReadableByKtor14(), theSealed), "reflection", "before 1.5"},
		"an embedded Optional": {checks[of[lending]](), all, "embedded"},
		"fine":                 {checks[user](ktor.ReadableByKtor14()), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for serializer, err := range c.errs {
				if !strings.Contains(c.wrong, serializer) {
					if err != nil {
						t.Errorf("%s: %v", serializer, err)
					}
				} else if !errors.Is(err, codec.ErrUnusable) || name != "type in sealed" && name != "optional null" && !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v, which does not say %q", serializer, err, c.says)
				}
			}
		})
	}
}

// Texts that no vector has, and that are refused.
func TestTextsThatCannotBeRead(t *testing.T) {
	refuse := func(_ any, err error) {
		t.Helper()
		if !errors.Is(err, codec.ErrUndecodable) {
			t.Error(err)
		}
	}
	for _, half := range []string{`\ud800\u0041`, `\udc00\ud800`, `\ud800x`, `\udc00`, `\ud800\ud800`} {
		refuse(ktor.JSON[of[string]]().Decode(`{"v":"` + half + `"}`))
	}
	refuse(ktor.JSON[of[string]]().Decode("{\"v\":\"\xff\"}"))
	refuse(ktor.JSON[of[string]]().Decode(`null`))
	refuse(ktor.JSON[of[[]int]]().Decode(`{"v":{}}`))
	refuse(ktor.JSON[of[map[string]int]]().Decode(`{"v":[]}`))
	refuse(ktor.BackwardCompatible[shopper]().Decode("userId=%23sa&cart")) // a default is for what is not there at all
	refuse(ktor.BackwardCompatible[of[bool]]().Decode("v=%23botrue"))
	refuse(ktor.BackwardCompatible[of[string]]().Decode("v=%23s\xff"))
	refuse(ktor.BackwardCompatible[of[map[string]string]]().Decode("v=%23m%23sa"))
	refuse(users.Decode("userId=%23s\xff&cart=%23cl"))
	refuse(ktor.Reflection[of[[16]byte]]().Decode("v=%23s00000000-0000-0000-0000-00000000000g"))
	refuse(ktor.Reflection[of[big.Int]]().Decode("v=%23bi1_0"))
}

type (
	lending struct {
		ktor.Optional[int]
	}
	of2[T any] struct {
		V T `ktor:",default"`
	}
	defaulted struct {
		E en `ktor:"e,default"`
	}
	spaced struct {
		A int `ktor:"a b"`
	}
	typed struct {
		Type string `ktor:"type"`
	}
)

func (typed) isSealed() {}

// A codec whose Check fails says so in every call.
func TestUnusableCodecsDoNothing(t *testing.T) {
	for _, c := range []codec.Codec[of[chan int]]{
		ktor.Reflection[of[chan int]](), ktor.BackwardCompatible[of[chan int]](), ktor.JSON[of[chan int]](),
	} {
		_, err := c.Encode(of[chan int]{})
		_, err2 := c.Decode("v=%23n")
		if !errors.Is(err, codec.ErrUnusable) || !errors.Is(err2, codec.ErrUnusable) || !strings.Contains(err.Error(), c.Name()) {
			t.Errorf("%v, %v", err, err2)
		}
	}
}

// Values that a type allows and Ktor does not are refused by name of their property, without the value.
func TestValuesThatCannotBeWritten(t *testing.T) {
	refuse := func(name string, err error) {
		t.Helper()
		if !errors.Is(err, codec.ErrUnencodable) || !strings.Contains(err.Error(), "property "+name) {
			t.Errorf("%v, which is not about %s", err, name)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%v tells the value", err)
		}
	}
	every := func(change func(e *everything)) error {
		e := everything{Enum: "A"}
		change(&e)
		_, err := ktor.Reflection[everything](ofEverything...).Encode(e)
		return err
	}
	refuse("Text", every(func(e *everything) { e.Text = "secret\xff" }))
	refuse("part.s", every(func(e *everything) { e.Part.S = "secret\xff" }))
	refuse("int", every(func(e *everything) { e.Int = math.MaxInt32 + 1 }))
	refuse("char", every(func(e *everything) { e.Char = '😀' }))
	refuse("char", every(func(e *everything) { e.Char = 0xd800 }))
	refuse("char", every(func(e *everything) { e.Char = -1 }))
	refuse("list", every(func(e *everything) { e.List = []string{"secret&"} }))
	refuse("bag", every(func(e *everything) { e.Bag = map[string]struct{}{"secret&": {}} }))
	refuse("map", every(func(e *everything) { e.Map = map[string]int64{"secret=": 1} }))
	refuse("map", every(func(e *everything) { e.Map = map[string]int64{"secret&": 1} }))
	refuse("lists", every(func(e *everything) { e.Lists = [][]string{{"secret", "secret"}} }))
	refuse("set", every(func(e *everything) { e.Set = []int{1, 2, 1} }))
	refuse("enum", every(func(e *everything) { e.Enum = "secret" }))
	refuse("sea", every(func(e *everything) { e.Sea = (*pointerSea)(nil) }))
	refuse("bi", every(func(e *everything) { e.BI.Exp(big.NewInt(10), big.NewInt(10_000), nil) }))
	refuse("bd", every(func(e *everything) { e.BD = ktor.NewBigDecimal(big.NewInt(1), math.MinInt32) }))
	if err := every(func(e *everything) { e.BI.Exp(big.NewInt(10), big.NewInt(9_999), nil) }); err != nil {
		t.Error(err)
	}
	_, err := ktor.Reflection[withSealed](theSealed).Encode(withSealed{})
	refuse("member", err)
	_, err = ktor.JSON[withSealed](theSealed).Encode(withSealed{})
	refuse("member", err)
	if _, err := ktor.Reflection[sealedBase](theSealed).Encode(nil); !errors.Is(err, codec.ErrUnencodable) {
		t.Error(err)
	}
	_, err = ktor.JSON[prim]().Encode(prim{D: math.Inf(1)})
	refuse("d", err)
	for _, p := range []ktor.Parameters{{{Name: "", Value: "a"}}, {{Name: "a b"}}, {{Name: "a\xff"}}, make(ktor.Parameters, 1001)} {
		if _, err := ktor.Reflection[ktor.Parameters]().Encode(p); !errors.Is(err, codec.ErrUnencodable) {
			t.Error(err)
		}
	}
}

type pointerSea struct{}

func (*pointerSea) isSealed() {}

// A subclass may be a pointer, a name beyond the basic plane sorts as UTF-16 does, and DecodeWhole tells of what T lacks.
func TestReflectionOddities(t *testing.T) {
	pointers := ktor.Sealed[sealedBase](ktor.Class[*pointerSea]("P"), ktor.Class[ss]("SS"))
	holds(ktor.Reflection[withSealed](pointers), withSealed{&pointerSea{}})(t, vector{text: "member=%23%23%2524type%3DP", outcome: "ok"})
	holds(ktor.JSON[withSealed](pointers), withSealed{&pointerSea{}})(t, vector{text: `{"member":{"type":"P"}}`, outcome: "ok"})
	type names struct {
		Private int `ktor:"\uff00"`
		Beyond  int `ktor:"😀"`
	}
	holds(ktor.Reflection[names](), names{1, 2})(t, vector{text: "%F0%9F%98%80=%23i2&%EF%BC%80=%23i1", outcome: "ok"})
	for _, text := range []string{"userId=%23sa&cart=%23cl&admin=%23bot", "userId=%23sa&cart=%23cl&%24type=User"} {
		if v, whole, err := codec.Read(users, text); whole || err != nil || v.UserID != "a" {
			t.Errorf("%q was read as %+v, whole %v, %v", text, v, whole, err)
		}
	}
	parameters := ktor.Reflection[ktor.Parameters]()
	holds(parameters, ktor.Parameters{{"b", "1 2"}, {"a", "&"}, {"b", ""}})(t, vector{text: "b=1+2&a=%26&b=", outcome: "ok"})
	reads(parameters, ktor.Parameters{{"a", "1"}})(t, vector{text: "x& a = 1 &=2", outcome: "-> "})
	if _, err := parameters.Decode("a=%zz"); !errors.Is(err, codec.ErrUndecodable) {
		t.Error(err)
	}
}

// Ktor reads a thousand pairs and no more, and so a property behind them is missing.
func TestReflectionReadsAThousandPairs(t *testing.T) {
	for _, c := range []struct {
		before int
		ok     bool
	}{{999, true}, {1000, false}} {
		_, err := ktor.Reflection[of[string]]().Decode(strings.Repeat("&", c.before) + "v=%23sa")
		if (err == nil) != c.ok {
			t.Errorf("behind %d pairs: %v", c.before, err)
		}
	}
}

// The work and memory for a hostile text are in proportion to it.
func TestHostileTextsAreCheap(t *testing.T) {
	const size = 1 << 20
	deepest := strings.Repeat("%25", size/3)
	texts := []string{
		strings.Repeat("&", size), strings.Repeat("a=%23sb&", size/8), "v=" + deepest, "v=%23cl" + strings.Repeat("%26", size/3),
		"v=%23cl" + strings.Repeat("%23s%26", size/7), "v=%23m" + strings.Repeat("%23s%3D%23s%26", size/14), strings.Repeat("[", size),
		`{"v":` + strings.Repeat("[", size), `{"v":"` + strings.Repeat(`\u0061`, size/6) + `"}`, `{"v":[` + strings.Repeat(`"a",`, size/4) + `"b"]}`,
		"v=%23bi" + strings.Repeat("9", size), "v=%23bd1E2147483647", "v=%23bd" + strings.Repeat("9", size), "v=%23f" + strings.Repeat("9", size),
		strings.Repeat(`{"type":`, size/8), "v=" + strings.Repeat("%2523%2523v%253D", size/16), "v=%23op" + strings.Repeat("%23op", size/5),
	}
	for i, text := range texts {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		decodeAll(text)
		runtime.ReadMemStats(&after)
		if all := after.TotalAlloc - before.TotalAlloc; all > 64*size {
			t.Errorf("text %d takes %d bytes from all readers together", i, all)
		}
	}
}

func decodeAll(text string) {
	_, _ = ktor.Reflection[of[[]string]]().Decode(text)
	_, _ = ktor.Reflection[of[big.Int]]().Decode(text)
	_, _ = ktor.Reflection[of[float64]]().Decode(text)
	_, _ = ktor.Reflection[of[ktor.BigDecimal]]().Decode(text)
	_, _ = ktor.Reflection[of[ktor.Optional[string]]]().Decode(text)
	_, _ = ktor.Reflection[of[map[string]string]]().Decode(text)
	_, _ = ktor.BackwardCompatible[of[[]string]]().Decode(text)
	_, _ = ktor.JSON[of[[]string]]().Decode(text)
	_, _ = ktor.JSON[sealedBase](theSealed).Decode(text)
}
