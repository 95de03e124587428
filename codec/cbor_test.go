package codec_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/satchel-go/satchel/codec"
)

type cart struct {
	Items []string       `cbor:"1,keyasint"`
	Count map[string]int `cbor:"2,keyasint"`
	At    time.Time      `cbor:"3,keyasint"`
}

var cartExample = cart{
	Items: []string{"apple", "pear", "plum"},
	Count: map[string]int{"apple": 1, "pear": 2, "plum": 3},
	At:    time.Date(2026, 11, 20, 10, 0, 0, 5, time.UTC),
}

type cartKeep struct {
	Items []string `cbor:"1,keyasint"`
	codec.Unknown
}

func TestCBORRoundTrip(t *testing.T) {
	c := codec.CBOR[cart]()
	payload, err := c.Encode(cartExample)
	if err != nil {
		t.Fatal(err)
	}
	got, whole, err := codec.Read(c, payload)
	if err != nil || !whole || !reflect.DeepEqual(got, cartExample) {
		t.Fatalf("%+v, %v, %v", got, whole, err)
	}
}
