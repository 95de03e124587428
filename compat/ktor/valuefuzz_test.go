package ktor_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/compat/ktor"
)

// settles is the law of every reader: what it accepts can be written and is the same from then on, or is refused because
// Ktor would not read it, which only a codec may that does not always say so.
func settles[T any](t *testing.T, c codec.Codec[T], payload string, mayRefuse bool) {
	t.Helper()
	v, err := c.Decode(payload)
	if err != nil {
		if !errors.Is(err, codec.ErrUndecodable) {
			t.Fatalf("%q: %v", payload, err)
		}
		return
	}
	first, err := c.Encode(v)
	if mayRefuse && errors.Is(err, codec.ErrUnencodable) {
		return
	}
	if err != nil {
		t.Fatalf("accepted %q, and cannot write it: %v", payload, err)
	}
	again, whole, err := codec.Read(c, first)
	if err != nil || !whole {
		t.Fatalf("wrote %q for %q, and reads it so: %v, %v", first, payload, whole, err)
	}
	if second, err := c.Encode(again); err != nil || second != first {
		t.Fatalf("%q became %q, then %q, %v", payload, first, second, err)
	}
}

// seed adds the texts of a file of vectors, those that Ktor refuses too.
func seed(f *testing.F, file string, more ...string) {
	f.Helper()
	all, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(all)) {
		for col := range strings.SplitSeq(strings.TrimSuffix(line, "\n"), "\t") {
			if strings.ContainsAny(col, "=&{") {
				f.Add(col)
			}
		}
	}
	for _, text := range more {
		f.Add(text)
	}
}

const aWhole = "Text=%23sa&bag=%23cs%23sa&bd=%23bd1.50E%2B10&bi=%23bi-12&char=%23ch%26&chars=%23cl%23cha&double=%23f1.0E7&enum=%23sA&" +
	"enums=%23m%23sA%3D%23sB&float=%23f1.5&holes=%23cl%23n%26%23sa&id=%23s00112233-4455-6677-8899-aabbccddeeff&int=%23i5&" +
	"list=%23cl%23sa%26%23sb&lists=%23cl%23cl%23sa&long=%23l5&map=%23m%23sa%3D%23l5&maybe=%23%23i%3D%2523i1%26s%3D%2523sa&" +
	"opt=%23op%23sa&part=%23%23i%3D%2523i1%26s%3D%2523sa&sea=%23%23e%3D%2523i5%26%2524type%3DSS&set=%23cs%23i1%26%23i2&" +
	"wide=%23l7&yes=%23bot"

func FuzzReflection(f *testing.F) {
	seed(f, "reflection-vectors.tsv", aWhole)
	seed(f, "reflection-3.5.2.tsv")
	plainly, safely := ktor.Reflection[everything](ofEverything...), ktor.Reflection[everything](corrected...)
	base, nested := ktor.Reflection[sealedBase](theSealed), ktor.Reflection[of[[][]map[string]ktor.Optional[string]]](ktor.Corrected())
	parameters := ktor.Reflection[ktor.Parameters]()
	f.Fuzz(func(t *testing.T, payload string) {
		settles(t, plainly, payload, true)
		settles(t, safely, payload, false)
		settles(t, users, payload, true)
		settles(t, prims, payload, true)
		settles(t, base, payload, false)
		settles(t, nested, payload, false)
		settles(t, parameters, payload, true)
	})
}

func FuzzBackwardCompatible(f *testing.F) {
	seed(f, "compatible-3.5.2.tsv", "long=%23l5&yes=%23bot&char=%23chc&Text=%23sa&maybe=%23n&float=%23f1.5&double=%23f1.0E7&enum=%23sA&"+
		"list=%23cl%23sa%26%23sb&set=%23cl%23i1%26%23i2&map=%23m%23sa%3D%23sb&part=%23%23i%3D%2523i1%26s%3D%2523sa")
	plainly, safely := ktor.BackwardCompatible[compatibleEverything](theEnum), ktor.BackwardCompatible[compatibleEverything](theEnum, ktor.Corrected())
	deep, lists, maps := ktor.BackwardCompatible[kThree](), ktor.BackwardCompatible[of[[]string]](), ktor.BackwardCompatible[of[map[string]string]]()
	f.Fuzz(func(t *testing.T, payload string) {
		settles(t, plainly, payload, true)
		settles(t, safely, payload, true)
		settles(t, deep, payload, false)
		settles(t, lists, payload, true)
		settles(t, maps, payload, true)
	})
}

func FuzzJSON(f *testing.F) {
	seed(f, "kotlinjson-3.5.2.tsv", `{"long":5,"short":-1,"yes":true,"char":"c","Text":"\u00e9\ud83d\ude00","float":1.5,"dou\"ble":1.0E7,`+
		`"id":"00112233-4455-6677-8899-aabbccddeeff","list":["a"],"set":[{"i":1,"s":"a"}],"map":{"a":["b"]},"keys":{"-5":true},`+
		`"flags":{"true":"00112233-4455-6677-8899-aabbccddeeff"},"bag":[1],"maybe":null,"enum":"A","seas":[{"e":5,"type":"SS"},{"type":"O"}]}`)
	all, seas, has := ktor.JSON[jsonEverything](theSealed, theEnum), ktor.JSON[kSea](kSealed), ktor.JSON[kHas](kSealed)
	defaults, prims := ktor.JSON[kDef](ktor.Defaults(kDef{A: 3})), ktor.JSON[kPrim](theEnum)
	f.Fuzz(func(t *testing.T, payload string) {
		settles(t, all, payload, false)
		settles(t, seas, payload, false)
		settles(t, has, payload, false)
		settles(t, defaults, payload, false)
		settles(t, prims, payload, false)
	})
}
