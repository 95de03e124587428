package codec_test

import (
	"time"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/codec"
)

// cart has short keys and every sort of field that a session commonly has.
type cart struct {
	Items  []string         `cbor:"1,keyasint" json:"items"`
	Count  map[string]int   `cbor:"2,keyasint" json:"count"`
	At     time.Time        `cbor:"3,keyasint" json:"at"`
	Note   []byte           `cbor:"4,keyasint,omitempty" json:"note,omitempty"`
	Owner  *owner           `cbor:"5,keyasint" json:"owner"`
	Sums   map[int16]uint64 `cbor:"6,keyasint" json:"sums"`
	Place  [2]float64       `cbor:"7,keyasint" json:"place"`
	Digest [16]byte         `cbor:"8,keyasint" json:"digest"`
	Lines  []line           `cbor:"9,keyasint" json:"lines"`
}

type owner struct {
	Name  string `cbor:"1,keyasint" json:"name"`
	Admin bool   `cbor:"-2,keyasint" json:"admin"`
}

type line struct {
	Name  string
	Price int64 `json:"price"`
}

func anyCart(t *rapid.T) cart {
	c := cart{
		Items: rapid.SliceOfN(rapid.String(), -1, 5).Draw(t, "items"),
		Count: rapid.MapOfN(rapid.String(), rapid.Int(), -1, 5).Draw(t, "count"),
		At:    anyTime(t),
		Note:  rapid.SliceOfN(rapid.Byte(), 1, 30).Draw(t, "note"),
		Sums:  rapid.MapOfN(rapid.Int16(), rapid.Uint64(), -1, 5).Draw(t, "sums"),
		Place: [2]float64{rapid.Float64().Draw(t, "x"), rapid.Float64().Draw(t, "y")},
		Lines: rapid.SliceOfN(rapid.Custom(anyLine), -1, 5).Draw(t, "lines"),
	}
	copy(c.Digest[:], c.Note)
	if rapid.Bool().Draw(t, "owned") {
		c.Owner = &owner{rapid.String().Draw(t, "owner"), rapid.Bool().Draw(t, "admin")}
	}
	return c
}

func anyTime(t *rapid.T) time.Time {
	first, last := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	return time.Unix(rapid.Int64Range(first.Unix(), last.Unix()).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
}

func anyLine(t *rapid.T) line {
	return line{rapid.String().Draw(t, "name"), rapid.Int64().Draw(t, "price")}
}

// The same type in two versions: the old one keeps what it does not know, or does not.
type (
	oldCart struct {
		Items []string `cbor:"1,keyasint" json:"items"`
		Owner string   `cbor:"owner" json:"owner"`
	}
	oldKeeper struct {
		Items []string `cbor:"1,keyasint" json:"items"`
		Owner string   `cbor:"owner" json:"owner"`
		codec.Unknown
	}
	newCart struct {
		Color string         `cbor:"color" json:"color"`
		Gift  map[string]int `cbor:"0,keyasint" json:"gift"`
		Items []string       `cbor:"1,keyasint" json:"items"`
		Owner string         `cbor:"owner" json:"owner"`
		Size  int            `cbor:"300,keyasint" json:"size"`
		Minus bool           `cbor:"-1,keyasint" json:"<minus>"`
	}
)

func anyNewCart(t *rapid.T) newCart {
	return newCart{
		Color: rapid.String().Draw(t, "color"),
		Gift:  rapid.MapOfN(rapid.String(), rapid.Int(), -1, 3).Draw(t, "gift"),
		Items: rapid.SliceOfN(rapid.String(), -1, 3).Draw(t, "items"),
		Owner: rapid.String().Draw(t, "owner"),
		Size:  rapid.Int().Draw(t, "size"),
		Minus: rapid.Bool().Draw(t, "minus"),
	}
}
