package codec_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/satchel-go/satchel/codec"
)

func ExampleCBOR() {
	type Cart struct {
		Items []string  `cbor:"1,keyasint"`
		Since time.Time `cbor:"2,keyasint"`
	}
	carts := codec.CBOR[Cart]()

	payload, err := carts.Encode(Cart{[]string{"pear"}, time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)})
	fmt.Printf("%q %v\n", payload, err)
	cart, err := carts.Decode(payload)
	fmt.Println(cart.Items, cart.Since, err)
	_, err = carts.Decode("not a cart")
	fmt.Println(err)
	// Output:
	// "\xa2\x01\x81dpear\x02t2026-11-20T10:00:00Z" <nil>
	// [pear] 2026-11-20 10:00:00 +0000 UTC <nil>
	// codec: cannot decode: cbor of codec_test.Cart: payload ends early
}

func ExampleJSON() {
	type Preferences struct {
		Theme string `json:"theme"`
		Links bool   `json:"links"`
	}
	preferences := codec.JSON[Preferences]()

	payload, err := preferences.Encode(Preferences{Theme: "dark & quiet"})
	fmt.Println(payload, err)
	_, err = preferences.Decode(`{"theme": 5}`)
	fmt.Println(err)
	// Output:
	// {"theme":"dark & quiet","links":false} <nil>
	// codec: cannot decode: json of codec_test.Preferences: what is at byte 11 does not fit type string
}

func ExampleText() {
	type Flash string
	flashes := codec.Text[Flash]()

	payload, err := flashes.Encode("Saved.")
	fmt.Println(payload, err)
	// Output: Saved. <nil>
}

func ExampleBytes() {
	tickets := codec.Bytes[[]byte]()

	ticket, err := tickets.Decode("\x01\x02")
	fmt.Printf("%x %v\n", ticket, err)
	// Output: 0102 <nil>
}

// A program that was extended, and one that was not yet, work on the same sessions.
func ExampleUnknown() {
	type Cart struct {
		Items []string `cbor:"1,keyasint"`
		codec.Unknown
	}
	type NewCart struct {
		Items   []string `cbor:"1,keyasint"`
		Voucher string   `cbor:"2,keyasint"`
		codec.Unknown
	}
	oldNode, newNode := codec.CBOR[Cart](), codec.CBOR[NewCart]()

	payload, _ := newNode.Encode(NewCart{Items: []string{"pear"}, Voucher: "XMAS"})
	cart, _ := oldNode.Decode(payload)
	cart.Items = append(cart.Items, "plum")
	payload, _ = oldNode.Encode(cart)
	newCart, _ := newNode.Decode(payload)
	fmt.Println(newCart.Items, newCart.Voucher)
	// Output: [pear plum] XMAS
}

// Without an Unknown, the old program is told that it must not write.
func ExampleRead() {
	type Cart struct {
		Items []string `cbor:"1,keyasint"`
	}
	cart, whole, err := codec.Read(codec.CBOR[Cart](), "\xa2\x01\x81dpear\x02dXMAS")
	fmt.Println(cart.Items, whole, err)
	// Output: [pear] false <nil>
}

func ExampleCheck() {
	type Session struct {
		Values map[string]any
		user   string //nolint:unused // it is here to be refused
	}
	fmt.Println(codec.Check(codec.CBOR[Session]()))
	// Output:
	// codec: unusable: cbor of codec_test.Session: codec_test.Session.Values[] is an interface: its value would come back as another type; codec_test.Session.user is not exported and would be lost: export it, or leave it out by the tag "-"
}

func ExampleVersion() {
	names := codec.Version(1, codec.Text[string]())

	payload, err := names.Encode("Ada")
	fmt.Println(payload, err)
	_, err = names.Decode("v2:Ada")
	fmt.Println(errors.Is(err, codec.ErrNewer), err)
	// Output:
	// v1:Ada <nil>
	// true codec: payload of a newer version: text v1 of string: version 2, and 1 is the newest known
}

func ExampleMigrate() {
	type Cart1 struct{ Item string }
	type Cart2 struct{ Items []string }
	v1 := codec.Version(1, codec.JSON[Cart1]())
	v2 := codec.Migrate(v1, codec.JSON[Cart2](), func(c Cart1) (Cart2, error) {
		return Cart2{Items: []string{c.Item}}, nil
	})

	old, _ := v1.Encode(Cart1{"pear"})
	cart, err := v2.Decode(old)
	fmt.Println(old, cart, err)
	payload, err := v2.Encode(cart)
	fmt.Println(payload, err)
	// Output:
	// v1:{"Item":"pear"} {[pear]} <nil>
	// v2:{"Items":["pear"]} <nil>
}

// A program that wrote plain payloads begins to have versions.
func ExampleUnversioned() {
	type Cart0 struct{ Item string }
	type Cart1 struct{ Items []string }
	v0 := codec.Unversioned(codec.JSON[Cart0]())
	v1 := codec.Migrate(v0, codec.JSON[Cart1](), func(c Cart0) (Cart1, error) {
		return Cart1{Items: []string{c.Item}}, nil
	})

	cart, err := v1.Decode(`{"Item":"pear"}`)
	fmt.Println(cart, err)
	// Output: {[pear]} <nil>
}

func ExamplePrefixed() {
	c := codec.Prefixed("n1:", codec.Text[string]())

	payload, err := c.Encode("Ada")
	fmt.Println(payload, err)
	_, err = c.Decode("Ada")
	fmt.Println(err)
	// Output:
	// n1:Ada <nil>
	// codec: cannot decode: text of string: does not begin with "n1:"
}

// A program moves from JSON to CBOR and reads both. The first byte tells them apart.
func ExampleFallback() {
	type Cart struct{ Items []string }
	carts := codec.Fallback(codec.CBOR[Cart](), codec.StartingWith("{", codec.JSON[Cart]()))

	cart, err := carts.Decode(`{"Items":["pear"]}`)
	fmt.Println(cart, err)
	payload, err := carts.Encode(cart)
	fmt.Printf("%q %v\n", payload, err)
	// Output:
	// {[pear]} <nil>
	// "\xa1eItems\x81dpear" <nil>
}

func ExampleStartingWith() {
	c := codec.StartingWith("{", codec.JSON[map[string]int]())

	v, err := c.Decode(`{"a":1}`)
	fmt.Println(v, err)
	_, err = c.Decode(`[1]`)
	fmt.Println(err)
	// Output:
	// map[a:1] <nil>
	// codec: cannot decode: json of map[string]int: does not begin with "{"
}
