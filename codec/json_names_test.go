package codec_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/satchel-go/satchel/codec"
)

type (
	deepName struct {
		Name string `json:"name"`
		Own  *struct {
			ID int
		} `json:"own,omitempty"`
	}
	deepNames struct {
		One   deepName            `json:"one"`
		Ptr   *deepName           `json:"ptr"`
		List  []deepName          `json:"list"`
		Array [2]deepName         `json:"array"`
		Table map[string]deepName `json:"table"`
		Deep  [][]map[int]deepName
		deepInside
	}
	deepInside struct {
		Inside deepName `json:"inside"`
	}
)

// A newer field that differs from a known one in case alone is another field, wherever it stands: it is not read, and a write
// that would lose it is told of. Each payload has "new" at one place, in several spellings.
func TestJSONNamesAreExactAtEveryDepth(t *testing.T) {
	c := codec.JSON[deepNames]()
	for _, around := range [][2]string{
		{`{"one":`, `}`},
		{`{"ptr":`, `}`},
		{`{"list":[{"name":"x"},`, `]}`},
		{`{"array":[`, `,{"name":"x"}]}`},
		{`{"table":{"a":`, `}}`},
		{`{"Deep":[[],[{"7":`, `}]]}`},
		{`{"inside":`, `}`},
		{` { "ptr" : `, ` , "list" : [ { } ] } `},
	} {
		for object, want := range map[string]string{
			`{"name":"v1","NAME":"v2"}`:                   `{"name":"v1"}`,
			`{"NAME":"v2","name":"v1"}`:                   `{"name":"v1"}`,
			`{ "Name" : {"a":[1]} , "name" : "v1" }`:      `{"name":"v1"}`,
			`{"NAME":"v2"}`:                               `{}`,
			`{"NAME":"v2","nAME":"v3","naMe":[]}`:         `{}`,
			`{"a":1,"name":"v1","b":2,"c":3}`:             `{"name":"v1"}`,
			`{"own":{"id":7,"ID":8},"name":"v1"}`:         `{"own":{"ID":8},"name":"v1"}`,
			`{"own":{"ID":8,"Id":"no number"}}`:           `{"own":{"ID":8}}`,
			`{"\u0061":1,"\u006eame":"v1","NAM\u0045":2}`: `{"name":"v1"}`,
			`{"ſ":1,"name":"v1","own":{"ID":8,"ıd":1}}`:   `{"own":{"ID":8},"name":"v1"}`,
		} {
			v, whole, err := codec.Read(c, around[0]+object+around[1])
			if err != nil || whole {
				t.Errorf("%s: whole is %v, %v", around[0]+object+around[1], whole, err)
			}
			plain, whole, err := codec.Read(c, around[0]+want+around[1])
			if err != nil || !whole {
				t.Errorf("%s: whole is %v, %v", around[0]+want+around[1], whole, err)
			}
			if !reflect.DeepEqual(v, plain) {
				t.Errorf("%s is read as %+v, want %+v", around[0]+object+around[1], v, plain)
			}
		}
	}
}

// One name twice in an object is refused, wherever it stands and however it is spelled: nobody can say which one holds.
func TestJSONNameTwiceIsRefusedAtEveryDepth(t *testing.T) {
	for _, payload := range []string{
		`{"one":{"name":"a","name":"a"}}`, `{"one":{"name":"a","n\u0061me":"b"}}`, `{"list":[{},{"name":"a","name":"b"}]}`,
		`{"table":{"a":{},"a":{}}}`, `{"Deep":[[{"7":{},"7":{}}]]}`, `{"inside":{"new":1,"new":2}}`, `{"inside":{},"inside":{}}`,
	} {
		if _, whole, err := codec.Read(codec.JSON[deepNames](), payload); !errors.Is(err, codec.ErrUndecodable) || whole {
			t.Errorf("%s: %v, %v", payload, whole, err)
		}
	}
}

// An Unknown keeps what is new in the outermost struct, and not what is new further in.
func TestJSONNamesBesideAnUnknown(t *testing.T) {
	type keeper struct {
		One deepName `json:"one"`
		codec.Unknown
	}
	c := codec.JSON[keeper]()
	v, whole, err := codec.Read(c, `{"ONE":{"name":"v2","NAME":"v3"},"one":{"name":"v1"}}`)
	if err != nil || !whole || v.One.Name != "v1" {
		t.Fatalf("%+v, %v, %v", v, whole, err)
	}
	if payload, err := c.Encode(v); err != nil || payload != `{"one":{"name":"v1"},"ONE":{"name":"v2","NAME":"v3"}}` {
		t.Errorf("%s, %v", payload, err)
	}
	if v, whole, err = codec.Read(c, `{"new":1,"one":{"name":"v1","Name":"v2"}}`); err != nil || whole || v.One.Name != "v1" {
		t.Errorf("%+v, %v, %v", v, whole, err)
	}
}
