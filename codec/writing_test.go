package codec_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/codec/codectest"
)

// orders3Still2 belongs to a program that knows version 3, among some that do not.
var orders3Still2 = codec.StillWriting(orders2, orders3, func(o order3) (order2, error) {
	if o.Count["bomb"] > 0 {
		panic("secret")
	}
	if o.Sorts < 0 {
		return order2{}, errNoItem
	}
	return order2{o.Count}, nil
})

func TestStillWritingLaws(t *testing.T) {
	codectest.Run(t, orders3Still2, rapid.Custom(func(t *rapid.T) order3 {
		count := rapid.MapOf(rapid.StringMatching(`[a-z]{0,3}`), rapid.Int()).Draw(t, "count")
		return order3{count, len(count)}
	}))
}

// What it writes an older program reads and writes, and it reads what that wrote, and what a newer one did.
func TestStillWritingAmongOthers(t *testing.T) {
	payload, err := orders3Still2.Encode(order3{map[string]int{"pear": 2}, 1})
	if err != nil {
		t.Fatal(err)
	}
	older, whole, err := codec.Read(orders2, payload)
	if err != nil || !whole || older.Count["pear"] != 2 {
		t.Fatal(older, whole, err)
	}
	for name, c := range map[string]struct {
		payload string
		whole   bool
	}{
		"older":      {encoded(t, orders2, order2{map[string]int{"pear": 2}}), true},
		"newer":      {encoded(t, orders3, order3{map[string]int{"pear": 2}, 1}), true},
		"newer only": {encoded(t, orders3, order3{map[string]int{"pear": 2}, 7}), false},
		"no way":     {encoded(t, orders3, order3{nil, -1}), false},
		"oldest":     {encoded(t, orders1, order1{[]string{"pear", "plum"}}), true},
		"unmarked":   {encoded(t, orders0, order0{"pear"}), true},
	} {
		want, _, err := codec.Read(orders3, c.payload)
		if err != nil {
			t.Fatal(err)
		}
		got, whole, err := codec.Read(orders3Still2, c.payload)
		if err != nil || whole != c.whole || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, %v; it is %+v", name, got, whole, err, want)
		}
		if plain, err := orders3Still2.Decode(c.payload); err != nil || !reflect.DeepEqual(plain, want) {
			t.Errorf("%s: Decode gives %+v, %v", name, plain, err)
		}
		// Where it is whole the way back is no loss, and where not a write is refused.
		if _, err := orders3Still2.Encode(got); (err == nil) != c.whole || err != nil && !errors.Is(err, codec.ErrIncomplete) {
			t.Errorf("%s: Encode: %v", name, err)
		}
	}
}

// What a migration drops and the way back does not restore is the older nodes' still: a list in its order.
func TestStillWritingKeepsWhatOlderNodesHave(t *testing.T) {
	c := codec.StillWriting(orders1, orders2, func(o order2) (order1, error) {
		var items []string
		for _, name := range []string{"pear", "plum"} {
			for range o.Count[name] {
				items = append(items, name)
			}
		}
		return order1{items}, nil
	})
	for text, want := range map[string]bool{"pear,plum,plum": true, "pear,plum,pear": false, "fig": false} {
		if _, whole, err := codec.Read(c, encoded(t, orders1, order1{strings.Split(text, ",")})); err != nil || whole != want {
			t.Errorf("%s: %v, %v", text, whole, err)
		}
	}
}

func TestStillWritingRefuses(t *testing.T) {
	for name, v := range map[string]order3{
		"lost":  {map[string]int{"pear": 1}, 2},
		"error": {nil, -1},
		"panic": {map[string]int{"bomb": 1}, 1},
	} {
		payload, err := orders3Still2.Encode(v)
		if payload != "" || !errors.Is(err, codec.ErrIncomplete) {
			t.Errorf("%s: %q, %v", name, payload, err)
		}
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, "secret") {
			t.Errorf("%s quotes what the way back says: %s", name, text)
		}
	}
	if _, err := orders3Still2.Encode(order3{nil, -1}); !errors.Is(err, errNoItem) {
		t.Errorf("the cause is hidden: %v", err)
	}
	if _, err := orders3Still2.Encode(order3{map[string]int{"\xff": 1}, 1}); !errors.Is(err, codec.ErrUnencodable) {
		t.Errorf("not text: %v", err)
	}
	if _, err := orders3Still2.Decode("v4:"); !errors.Is(err, codec.ErrNewer) {
		t.Errorf("newer: %v", err)
	}
	if _, whole, err := codec.Read(orders3Still2, "v3:"); whole || !errors.Is(err, codec.ErrUndecodable) {
		t.Errorf("garbage: %v, %v", whole, err)
	}
}

func TestStillWritingUnusable(t *testing.T) {
	down := func(order3) (order2, error) { return order2{}, nil }
	broken := codec.Version(1, codec.CBOR[any]())
	for name, c := range map[string]codec.Codec[order3]{
		"another chain": codec.StillWriting(codec.Migrate(orders1, codec.CBOR[order2](), up2), orders3, down),
		"two before":    codec.StillWriting(orders1, orders3, func(order3) (order1, error) { return order1{}, nil }),
		"no way":        codec.StillWriting(orders2, orders3, nil),
		"the first":     codec.StillWriting(orders2, codec.Version(3, codec.CBOR[order3]()), down),
		"broken": codec.StillWriting(broken, codec.Migrate(broken, codec.CBOR[order3](), func(any) (order3, error) { return order3{}, nil }),
			func(order3) (any, error) { return 1, nil }),
	} {
		_, encodeErr := c.Encode(order3{})
		_, decodeErr := c.Decode("v3:\xa0")
		_, _, readErr := codec.Read(c, "v3:\xa0")
		for _, err := range []error{codec.Check(c), encodeErr, decodeErr, readErr} {
			if !errors.Is(err, codec.ErrUnusable) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if err := codec.Check(orders3Still2); err != nil {
		t.Error(err)
	}
}

func TestStillWritingNames(t *testing.T) {
	if got := orders3Still2.Name(); got != "cbor v3, written as v2" {
		t.Error(got)
	}
	marked := codec.Version(1, codec.Text[string]())
	next := codec.Migrate(marked, codec.Text[string](), func(s string) (string, error) { return s, nil })
	c := codec.StillWriting(marked, next, func(s string) (string, error) { return s, nil })
	if p := c.(codec.Prefixer).Prefix(); p != "v" {
		t.Errorf("begins with %q", p)
	}
	if payload, err := codec.Prefixed("n:", c).Encode("x"); payload != "n:v1:x" || err != nil {
		t.Error(payload, err)
	}
}

func encoded[T any](t *testing.T, c codec.Codec[T], v T) string {
	t.Helper()
	payload, err := c.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// A new version is brought to nodes that share sessions in two deploys: the first reads it, the second writes it.
func ExampleStillWriting() {
	type Cart1 struct{ Item string }
	type Cart2 struct{ Items []string }
	v1 := codec.Version(1, codec.JSON[Cart1]())
	v2 := codec.Migrate(v1, codec.JSON[Cart2](), func(c Cart1) (Cart2, error) { return Cart2{[]string{c.Item}}, nil })
	firstDeploy := codec.StillWriting(v1, v2, func(c Cart2) (Cart1, error) {
		if len(c.Items) != 1 {
			return Cart1{}, errors.New("a cart of one thing is all that version 1 knows")
		}
		return Cart1{c.Items[0]}, nil
	})
	secondDeploy := v2

	payload, err := firstDeploy.Encode(Cart2{[]string{"pear"}})
	fmt.Println(payload, err)
	payload, _ = secondDeploy.Encode(Cart2{[]string{"pear", "plum"}})
	cart, whole, err := codec.Read(firstDeploy, payload)
	fmt.Println(cart, whole, err)
	_, err = firstDeploy.Encode(cart)
	fmt.Println(errors.Is(err, codec.ErrIncomplete))
	// Output:
	// v1:{"Item":"pear"} <nil>
	// {[pear plum]} false <nil>
	// true
}
