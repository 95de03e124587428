package codec_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/satchel-go/satchel/codec"
)

// narrow holds less than a payload may say, at each of its fields.
type narrow struct {
	Bool  bool                  `json:"bool"`
	Int   int8                  `json:"int"`
	Short float32               `json:"short"`
	Long  float64               `json:"long"`
	Text  string                `json:"text"`
	Bytes []byte                `json:"bytes"`
	Sum   [2]byte               `json:"sum"`
	Pair  [2]int                `json:"pair"`
	None  [0]int                `json:"none"`
	At    time.Time             `json:"at"`
	Ptr   *int                  `json:"ptr"`
	List  []float32             `json:"list"`
	Table map[string]float32    `json:"table"`
	Byte  map[int8]int          `json:"byte"`
	Addr  netip.Addr            `json:"addr"`
	Addrs map[netip.Addr]string `cbor:"-" json:"addrs"`
	Raw   *struct {
		Pair [1]int `json:"pair"`
	} `json:"raw"`
	Quoted float32          `json:"quoted,string"`
	Double string           `cbor:"-" json:"double,string"`
	Sums   map[[2]byte]bool `json:"-" cbor:"sums"`
	Row    narrowRow        `json:"-" cbor:"row"`
}

type narrowRow struct {
	_    struct{} `cbor:",toarray"`
	Word float32
	Pair [1]int
}

// wholeness is what a payload has to be read as.
type wholeness string

const (
	all     wholeness = "whole"
	part    wholeness = "not whole"
	refused wholeness = "undecodable"
)

func readAs[T any](t *testing.T, c codec.Codec[T], payload string, want wholeness) {
	t.Helper()
	_, whole, err := codec.Read(c, payload)
	got := part
	switch {
	case err != nil && (!errors.Is(err, codec.ErrUndecodable) || whole):
		t.Errorf("%s %q: whole is %v, %v", c.Name(), payload, whole, err)
	case err != nil:
		got = refused
	case whole:
		got = all
	}
	if got != want {
		t.Errorf("%s %q is read as %s, want %s (%v)", c.Name(), payload, got, want, err)
	}
}

// Whatever a payload says that the type cannot hold makes it not whole, or undecodable.
func TestJSONWholeness(t *testing.T) {
	c := codec.JSON[narrow]()
	for payload, want := range map[string]wholeness{
		`{}`: all, `null`: part, `{"bool":true,"int":-128}`: all,
		`{"bool":null}`: part, `{"int":null}`: part, `{"text":null}`: part, `{"at":null}`: part, `{"addr":null}`: part,
		`{"pair":null}`: part, `{"long":null}`: part, `{"quoted":null}`: part, `{"row":null}`: part,
		`{"ptr":null,"list":null,"table":null,"bytes":null,"raw":null}`: all,
		// numbers
		`{"int":128}`: refused, `{"int":1.0}`: refused, `{"int":1e1}`: refused, `{"int":-0}`: all,
		`{"short":0.1}`: all, `{"short":0.123456789}`: part, `{"short":16777216}`: all, `{"short":16777217}`: part,
		`{"short":1e39}`: refused, `{"short":1e-50}`: part, `{"short":0.00}`: all, `{"short":3.4028235e38}`: all,
		`{"long":0.1}`: all, `{"long":0.10000000000000001}`: part, `{"long":1.50}`: all, `{"long":15e-1}`: all,
		`{"long":9007199254740992}`: all, `{"long":9007199254740993}`: part, `{"long":12345678901234567890}`: part,
		`{"long":123456789012345680000}`: all, `{"long":1e-400}`: part, `{"long":-1e-99999999999999999999}`: part,
		`{"long":0e99999999999999999999}`: all, `{"long":-0}`: all, `{"long":-0.0e-7}`: all, `{"long":1E+2}`: all,
		`{"long":0.1000000000000000055511151231257827}`: part, `{"long":5e-324}`: all, `{"long":4e-324}`: part,
		`{"long":100000000000000000000000000000000}`: all, `{"long":0.000000000000000000000000000000001}`: all,
		`{"quoted":"0.5"}`: all, `{"quoted":"0.123456789"}`: part, `{"quoted":"null"}`: part, `{"quoted":"x"}`: refused,
		`{"list":[1,0.5,0.123456789]}`: part, `{"table":{"a":1,"b":16777217}}`: part,
		// arrays
		`{"pair":[1,2]}`: all, `{"pair":[1]}`: all, `{"pair":[1,2,0]}`: part, `{"pair":[1,2,{"new":1}]}`: part,
		`{"none":[]}`: all, `{"none":[1]}`: part, `{"raw":{"pair":[1,2]}}`: part, `{"sum":[1,2]}`: all, `{"sum":[1,2,3]}`: part,
		// text
		`{"text":"\ud83d\ude00"}`: all, `{"text":"\ud83d"}`: refused, `{"text":"\ude00\ud83d"}`: refused, `{"text":"\ude00\ude00"}`: refused,
		`{"double":"\"\\ud83d\\ude00\""}`: all, `{"double":"\"\\ud83d\""}`: part, `{"double":"x"}`: refused,
		`{"text":"\\ud83d"}`: all, `{"text":"\\\ud83d"}`: refused, `{"text":"\ud83dx\ude00"}`: refused,
		`{"text":"\uD83D\n"}`: refused, `{"table":{"\udc00":1}}`: refused, `{"new":"\ud83d"}`: refused, `{"\ud83d":1}`: refused,
		`{"text":"\ud83d\u0041"}`: refused, `{"text":"\ufffd"}`: all, "{\"text\":\"\xed\xa0\xbd\"}": refused,
		// bytes
		`{"bytes":"aGk="}`: all, `{"bytes":"aGl="}`: part, `{"bytes":"aG\nk="}`: part, `{"bytes":[104]}`: part, `{"bytes":[]}`: part, `{"bytes":""}`: all,
		`{"bytes":"aGk"}`: refused, `{"bytes":"\u0061Gk="}`: all,
		// instants
		`{"at":"2026-01-02T03:04:05.123456789Z"}`: all, `{"at":"2026-01-02T03:04:05.1234567891Z"}`: part,
		`{"at":"2026-01-02T03:04:05.120000000000+01:00"}`: all, `{"at":"2026-01-02"}`: refused,
		// names of a map
		`{"byte":{"7":1,"-7":2,"0":3}}`: all, `{"byte":{"07":1}}`: part, `{"byte":{"7":1,"07":2}}`: part, `{"byte":{"-0":1}}`: part,
		`{"byte":{"+7":1}}`: part, `{"byte":{"700":1}}`: refused, `{"byte":{"":1}}`: refused,
		`{"addrs":{"::1":"a"}}`: all, `{"addrs":{"::1":"a","0:0::1":"b"}}`: part, `{"addrs":{"x":"a"}}`: refused,
		`{"table":{"a":null}}`: part,
	} {
		readAs(t, c, payload, want)
	}
}

func TestCBORWholeness(t *testing.T) {
	c := codec.CBOR[narrow]()
	one := func(name, item string) string { return "\xa1" + string(rune(0x60+len(name))) + name + item }
	at := func(s string) string { return one("at", "\x78"+string(rune(len(s)))+s) }
	for payload, want := range map[string]wholeness{
		"\xa0": all, "\xf6": part, one("bool", "\xf5"): all,
		one("bool", "\xf6"): part, one("bool", "\xf7"): part, one("int", "\xf6"): part, one("text", "\xf7"): part, one("addr", "\xf6"): part, one("pair", "\xf6"): part,
		one("long", "\xf6"): part, one("at", "\xf6"): all, one("sum", "\xf6"): part, one("row", "\xf6"): part, one("row", "\xf7"): part,
		"\xa5\x63ptr\xf6\x64list\xf6\x65table\xf6\x65bytes\xf6\x63raw\xf6": all,
		// numbers
		one("int", "\x18\x80"): refused, one("int", "\xf9\x3c\x00"): refused, one("int", "\xe5"): part, one("int", "\xf8\x20"): part,
		one("int", "\xc2\x41\x01"): refused, one("long", "\xc2\x49\x01\x00\x00\x00\x00\x00\x00\x00\x01"): refused,
		one("short", "\xfb\x3f\xe0\x00\x00\x00\x00\x00\x00"): all, one("short", "\xfb\x3f\xb9\x99\x99\x99\x99\x99\x9a"): part,
		one("short", "\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00"): all, one("short", "\xfb\x7f\xef\xff\xff\xff\xff\xff\xff"): refused,
		one("short", "\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00"): all, one("short", "\xfa\x3d\xcc\xcc\xcd"): all,
		one("short", "\x1a\x01\x00\x00\x00"): all, one("short", "\x1a\x01\x00\x00\x01"): part, one("short", "\x3a\x01\x00\x00\x00"): part,
		one("short", "\x3a\x00\xff\xff\xff"): all, one("long", "\x1b\x00\x20\x00\x00\x00\x00\x00\x00"): all,
		one("long", "\x1b\x00\x20\x00\x00\x00\x00\x00\x01"): part, one("long", "\x1b\x80\x00\x00\x00\x00\x00\x00\x00"): all,
		one("long", "\x1b\xff\xff\xff\xff\xff\xff\xff\xff"): part, one("long", "\x3b\x7f\xff\xff\xff\xff\xff\xff\xff"): all,
		one("long", "\x3b\xff\xff\xff\xff\xff\xff\xff\xff"): refused, one("long", "\xf9\x00\x01"): all, one("long", "\xe5"): part,
		one("list", "\x82\x01\xfb\x3f\xb9\x99\x99\x99\x99\x99\x9a"): part, one("table", "\xa1\x61a\x1a\x01\x00\x00\x01"): part,
		// arrays
		one("pair", "\x82\x01\x02"): all, one("pair", "\x81\x01"): all, one("pair", "\x83\x01\x02\x00"): part, one("none", "\x80"): all,
		one("none", "\x81\x01"): part, one("raw", "\xa1\x64pair\x82\x01\x02"): part, one("sum", "\x42ab"): all, one("sum", "\x43abc"): part,
		one("sum", "\x41a"): all, one("sum", "\x82\x01\x02"): part, one("bytes", "\x82\x01\x02"): part, one("bytes", "\x42ab"): all,
		one("row", "\x82\x01\x81\x01"): all, one("row", "\x82\x01\x82\x01\x02"): part, one("row", "\x82\x1a\x01\x00\x00\x01\x80"): part,
		one("row", "\x83\x01\x80\x01"): refused, one("addr", "\x40"): all, one("addr", "\xa0"): part,
		// text
		one("text", "\x61\xff"): refused, one("text", "\x43abc"): refused, one("text", "\xc0\x61a"): refused,
		// instants
		at("2026-01-02T03:04:05.123456789Z"): all, at("2026-01-02T03:04:05.1234567891Z"): part, at("2026-01-02T03:04:05,5Z"): all,
		at("2026-01-02T03:04:05.000000000000Z"): all, at("2026-01-02T03:04:05+01:00"): part, one("at", "\x05"): part,
		one("at", "\xfb\x3f\xb9\x99\x99\x99\x99\x99\x9a"): part, one("at", "\xf9\x7e\x00"): part,
		// keys of a map
		one("byte", "\xa2\x07\x01\x26\x02"): all, one("byte", "\xa1\xf6\x01"): part, one("byte", "\xa1\xe5\x01"): part,
		one("byte", "\xa1\x18\x80\x01"): refused, one("sums", "\xa1\x42ab\xf5"): all, one("sums", "\xa1\x41a\xf5"): part,
		one("sums", "\xa1\x43abc\xf5"): part, one("sums", "\xa1\x82\x01\x02\xf5"): part, one("table", "\xa1\xf6\x01"): part,
		one("table", "\xa1\x61a\xf6"): part,
		// names
		one("Bool", "\xf5"): part, one("raw", "\xa1\x64Pair\x81\x01"): part, one("raw", "\xa1\x01\x01"): part,
		"\xa1\x78\x04bool\xf5": all,
	} {
		readAs(t, c, payload, want)
	}
}

// Of a type that is no struct, and of a pointer, the same holds.
func TestWholenessOfOtherTypes(t *testing.T) {
	readAs(t, codec.JSON[[1]int](), `[1,2]`, part)
	readAs(t, codec.CBOR[[1]int](), "\x82\x01\x02", part)
	readAs(t, codec.JSON[float32](), `0.123456789`, part)
	readAs(t, codec.CBOR[float32](), "\x1a\x01\x00\x00\x01", part)
	readAs(t, codec.JSON[map[string]line](), `{"a":{"Name":"x","name":"y"}}`, part)
	readAs(t, codec.CBOR[map[string]line](), "\xa1\x61a\xa1\x64name\x61x", part)
	readAs(t, codec.JSON[*line](), `null`, all)
	readAs(t, codec.CBOR[*line](), "\xf6", all)
	readAs(t, codec.JSON[int](), `null`, part)
	readAs(t, codec.CBOR[int](), "\xf6", part)
	readAs(t, codec.JSON[time.Time](), `"2026-01-02T03:04:05.0000000001Z"`, part)
	readAs(t, codec.JSON[[]folded](), `["a",null]`, part)
}
