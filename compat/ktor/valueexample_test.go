package ktor_test

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/compat/ktor"
)

type shopper struct {
	ID   string   `ktor:"userId"`
	Cart []string `ktor:"cart,default"`
}

func ExampleReflection() {
	c := ktor.Reflection[shopper]()
	payload, err := c.Encode(shopper{ID: "id 2", Cart: []string{"a b", "c+d"}})
	fmt.Println(payload, err)
	read, err := c.Decode("CART=%23cl%23sapple&userId=%23sid1")
	fmt.Printf("%+v %v\n", read, err)
	// Output:
	// cart=%23cl%23sa%252520b%26%23sc%2Bd&userId=%23sid+2 <nil>
	// {ID:id1 Cart:[apple]} <nil>
}

func ExampleBackwardCompatible() {
	c := ktor.BackwardCompatible[shopper]()
	fmt.Println(c.Encode(shopper{ID: "id 2", Cart: []string{"apple"}}))
	_, err := c.Encode(shopper{ID: "id 2", Cart: nil})
	fmt.Println(errors.Is(err, codec.ErrUnencodable)) // Ktor would read one empty element
	// Output:
	// userId=%23sid+2&cart=%23cl%23sapple <nil>
	// true
}

func ExampleJSON() {
	c := ktor.JSON[shopper]()
	fmt.Println(c.Encode(shopper{ID: "id2"}))
	fmt.Println(c.Encode(shopper{ID: "id2", Cart: []string{"<apple>"}}))
	_, err := c.Decode(`{"userId":"id2","admin":true}`)
	fmt.Println(err)
	// Output:
	// {"userId":"id2"} <nil>
	// {"userId":"id2","cart":["<apple>"]} <nil>
	// codec: cannot decode: ktor json of ktor_test.shopper: has a property that the type does not
}

func ExampleDefaults() {
	c := ktor.JSON[shopper](ktor.Defaults(shopper{Cart: []string{"leaflet"}}))
	fmt.Println(c.Encode(shopper{ID: "id2", Cart: []string{"leaflet"}}))
	fmt.Println(c.Encode(shopper{ID: "id2"}))
	// Output:
	// {"userId":"id2"} <nil>
	// {"userId":"id2","cart":[]} <nil>
}

type (
	payment interface{ isPayment() }
	card    struct {
		Number string `ktor:"number"`
	}
	cash     struct{}
	checkout struct {
		Payment payment `ktor:"payment,nullable"`
	}
)

func (card) isPayment() {}
func (cash) isPayment() {}

func ExampleSealed() {
	simple := ktor.Sealed[payment](ktor.Class[card]("Card"), ktor.Class[cash]("Cash"))
	serial := ktor.Sealed[payment](ktor.Class[card]("shop.Card"), ktor.Class[cash]("shop.Cash"))
	fmt.Println(ktor.Reflection[checkout](simple).Encode(checkout{card{"4711"}}))
	fmt.Println(ktor.JSON[checkout](serial).Encode(checkout{cash{}}))
	// Output:
	// payment=%23%23number%3D%2523s4711%26%2524type%3DCard <nil>
	// {"payment":{"type":"shop.Cash"}} <nil>
}

type colour string

func ExampleEnum() {
	type painted struct {
		Colour colour `ktor:"colour"`
	}
	c := ktor.JSON[painted](ktor.Enum[colour]("RED", "BLUE"))
	fmt.Println(c.Encode(painted{"RED"}))
	_, err := c.Decode(`{"colour":"PINK"}`)
	fmt.Println(err)
	// Output:
	// {"colour":"RED"} <nil>
	// codec: cannot decode: ktor json of ktor_test.painted: property colour is no constant of its Enum
}

func ExampleCorrected() {
	v := shopper{ID: "id1", Cart: []string{"salt&pepper"}}
	_, err := ktor.Reflection[shopper]().Encode(v)
	fmt.Println(err)
	fmt.Println(ktor.Reflection[shopper](ktor.Corrected()).Encode(v))
	// Output:
	// codec: cannot encode: ktor reflection of ktor_test.shopper: property cart holds "&" inside of a collection, at which Ktor would split it (Corrected writes it safely)
	// cart=%23cl%23ssalt%252526pepper&userId=%23sid1 <nil>
}

func ExampleReadableByKtor14() {
	c := ktor.Reflection[checkout](ktor.Sealed[payment](ktor.Class[cash]("Cash")), ktor.ReadableByKtor14())
	fmt.Println(errors.Is(codec.Check(c), codec.ErrUnusable))
	// Output: true
}

func ExampleSome() {
	type visitor struct {
		Nick ktor.Optional[string] `ktor:"nick"`
	}
	c := ktor.Reflection[visitor]()
	fmt.Println(c.Encode(visitor{ktor.Some("ann")}))
	fmt.Println(c.Encode(visitor{}))
	// Output:
	// nick=%23op%23sann <nil>
	// nick=%23om <nil>
}

func ExampleParseBigDecimal() {
	d, err := ktor.ParseBigDecimal("15.0E9")
	fmt.Println(d, d.Unscaled(), d.Scale(), err)
	// Output: 1.50E+10 150 -8 <nil>
}

func ExampleNewBigDecimal() {
	fmt.Println(ktor.NewBigDecimal(big.NewInt(150), 2))
	// Output: 1.50
}
