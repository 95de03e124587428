package codec_test

import (
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/codec/codectest"
)

var update = flag.Bool("update", false, "write the golden files of versions")

// A type in four versions: without versions a name; then a list; then counted; then with prices as integers.
type (
	order0 struct {
		Item string `cbor:"1,keyasint"`
	}
	order1 struct {
		Items []string `cbor:"1,keyasint"`
	}
	order2 struct {
		Count map[string]int `cbor:"1,keyasint"`
	}
	order3 struct {
		Count map[string]int `cbor:"1,keyasint"`
		Sorts int            `cbor:"2,keyasint"`
	}
)

// loud is an error that %#v would print, even inside of another.
type loud string

func (l loud) Error() string { return string(l) }

const errNoItem = loud("an order of nothing, with a secret in it")

func up1(o order0) (order1, error) {
	if o.Item == "" {
		return order1{}, errNoItem
	}
	return order1{[]string{o.Item}}, nil
}

func up2(o order1) (order2, error) {
	count := map[string]int{}
	for _, item := range o.Items {
		count[item]++
	}
	return order2{count}, nil
}

func up3(o order2) (order3, error) {
	if o.Count["bomb"] > 0 {
		panic("secret")
	}
	return order3{o.Count, len(o.Count)}, nil
}

var (
	orders0 = codec.Unversioned(codec.CBOR[order0]())
	orders1 = codec.Migrate(orders0, codec.CBOR[order1](), up1)
	orders2 = codec.Migrate(orders1, codec.CBOR[order2](), up2)
	orders3 = codec.Migrate(orders2, codec.CBOR[order3](), up3)
)

// TestGoldenVersions reads, with the newest codec, the payloads that every version ever wrote. They are never to change.
func TestGoldenVersions(t *testing.T) {
	write := func(payload string, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return payload
	}
	for name, version := range map[string]struct {
		payload string
		want    order3
	}{
		"v0": {write(orders0.Encode(order0{"pear"})), order3{map[string]int{"pear": 1}, 1}},
		"v1": {write(orders1.Encode(order1{[]string{"pear", "plum", "pear"}})), order3{map[string]int{"pear": 2, "plum": 1}, 2}},
		"v2": {write(orders2.Encode(order2{map[string]int{"fig": 3, "pear": 1}})), order3{map[string]int{"fig": 3, "pear": 1}, 2}},
		"v3": {write(orders3.Encode(order3{map[string]int{"fig": 3}, 9})), order3{map[string]int{"fig": 3}, 9}},
		"v3-written-as-v2": {
			write(orders3Still2.Encode(order3{map[string]int{"fig": 3, "plum": 2}, 2})), order3{map[string]int{"fig": 3, "plum": 2}, 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", "versions", "order."+name+".hex")
			if *update {
				if err := os.WriteFile(path, []byte(hex.EncodeToString([]byte(version.payload))+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			golden, err := hex.DecodeString(strings.TrimSpace(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			if version.payload != string(golden) {
				t.Errorf("writes %q, and wrote %q", version.payload, golden)
			}
			if got, whole, err := codec.Read(orders3, string(golden)); err != nil || !whole || !reflect.DeepEqual(got, version.want) {
				t.Errorf("got %+v, %v, %v", got, whole, err)
			}
		})
	}
}

func TestVersionedLaws(t *testing.T) {
	codectest.Run(t, orders3, rapid.Custom(func(t *rapid.T) order3 {
		return order3{rapid.MapOf(rapid.String(), rapid.Int()).Draw(t, "count"), rapid.Int().Draw(t, "sorts")}
	}))
	t.Run("unversioned", func(t *testing.T) {
		codectest.Run(t, codec.Unversioned(codec.Text[string]()),
			rapid.String().Filter(func(s string) bool { return !strings.HasPrefix(s, "v") }))
	})
}

func TestVersionGrammar(t *testing.T) {
	c := codec.Version(2, codec.Text[string]())
	for payload, want := range map[string]error{
		"v2:":        nil,
		"v2:x":       nil,
		"v2::":       nil,
		"v3:x":       codec.ErrNewer,
		"v99999:x":   codec.ErrNewer,
		"v1:x":       codec.ErrUndecodable, // no longer read
		"":           codec.ErrUndecodable,
		"v":          codec.ErrUndecodable,
		"v:":         codec.ErrUndecodable,
		"v2":         codec.ErrUndecodable,
		"v02:x":      codec.ErrUndecodable,
		"v0:x":       codec.ErrUndecodable,
		"v100000:x":  codec.ErrUndecodable,
		"V2:x":       codec.ErrUndecodable,
		"v+2:x":      codec.ErrUndecodable,
		" v2:x":      codec.ErrUndecodable,
		"v2 :x":      codec.ErrUndecodable,
		"x":          codec.ErrUndecodable,
		"v2\x00:x":   codec.ErrUndecodable,
		"v\u0662:x":  codec.ErrUndecodable,
		"v2:\xff":    codec.ErrUndecodable,
		"v123456789": codec.ErrUndecodable,
	} {
		_, err := c.Decode(payload)
		if !errors.Is(err, want) {
			t.Errorf("%q: %v, not %v", payload, err, want)
		}
		if errors.Is(err, codec.ErrNewer) && errors.Is(err, codec.ErrUndecodable) {
			t.Errorf("%q is both newer and undecodable", payload)
		}
	}
}

// TestOlderProgramsSeeNewer is what a rolling deploy needs: a program that lacks a version, or has none, does not take a
// payload for garbage.
func TestOlderProgramsSeeNewer(t *testing.T) {
	payload, err := orders3.Encode(order3{Sorts: 1})
	if err != nil {
		t.Fatal(err)
	}
	refuses := func(c codec.Checker, err error) {
		t.Helper()
		if !errors.Is(err, codec.ErrNewer) || errors.Is(err, codec.ErrUndecodable) {
			t.Errorf("%T: %v", c, err)
		}
	}
	_, err = orders2.Decode(payload)
	refuses(orders2, err)
	_, err = orders0.Decode(payload)
	refuses(orders0, err)
	_, err = codec.CBOR[order0]().Decode(payload)
	refuses(nil, err)
	_, err = codec.JSON[order0]().Decode(payload)
	refuses(nil, err)
}

func TestMigrationThatFails(t *testing.T) {
	nothing, err := orders0.Encode(order0{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = orders3.Decode(nothing)
	if !errors.Is(err, codec.ErrUndecodable) || !errors.Is(err, errNoItem) {
		t.Errorf("error: %v", err)
	}
	if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, "secret") {
		t.Errorf("quotes what a migration says: %s", text)
	}
	bomb, err := orders2.Encode(order2{map[string]int{"bomb": 1}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = orders3.Decode(bomb); !errors.Is(err, codec.ErrUndecodable) || strings.Contains(err.Error(), "secret") {
		t.Errorf("panic: %v", err)
	}
}

func TestOlderVersionThatIsNotWhole(t *testing.T) {
	type order1More struct {
		Items []string `cbor:"1,keyasint"`
		More  int      `cbor:"2,keyasint"`
	}
	payload, err := codec.Version(1, codec.CBOR[order1More]()).Encode(order1More{[]string{"a"}, 1})
	if err != nil {
		t.Fatal(err)
	}
	if v, whole, err := codec.Read(orders3, payload); err != nil || whole || v.Sorts != 1 {
		t.Errorf("%+v, %v, %v", v, whole, err)
	}
}

func TestUnversionedIsNeverMistaken(t *testing.T) {
	c := codec.Unversioned(codec.Text[string]())
	if _, err := c.Encode("v1:x"); !errors.Is(err, codec.ErrUnencodable) {
		t.Errorf("%v", err)
	}
	if payload, err := c.Encode("v1x"); payload != "v1x" || err != nil {
		t.Errorf("%q, %v", payload, err)
	}
}

func TestVersionedUnusable(t *testing.T) {
	for name, err := range map[string]error{
		"zero":   codec.Version(0, codec.CBOR[int]()).Check(),
		"large":  codec.Version(100_000, codec.CBOR[int]()).Check(),
		"after":  codec.Migrate(codec.Version(99_999, codec.CBOR[int]()), codec.CBOR[int](), func(i int) (int, error) { return i, nil }).Check(),
		"inner":  codec.Version(1, codec.CBOR[any]()).Check(),
		"older":  codec.Migrate(codec.Version(1, codec.CBOR[any]()), codec.CBOR[int](), func(any) (int, error) { return 0, nil }).Check(),
		"no way": codec.Migrate(codec.Version(1, codec.CBOR[int]()), codec.CBOR[int](), nil).Check(),
	} {
		if !errors.Is(err, codec.ErrUnusable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := codec.Version(0, codec.Text[string]())
	_, err := c.Encode("x")
	if _, err2 := c.Decode("v0:x"); !errors.Is(err, codec.ErrUnusable) || !errors.Is(err2, codec.ErrUnusable) {
		t.Errorf("%v, %v", err, err2)
	}
}
