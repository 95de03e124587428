package codec_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/codec"
)

// byPointer writes itself if one has its address.
type byPointer struct{ A int }

func (p *byPointer) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `"%d"`, p.A), nil }
func (p *byPointer) UnmarshalJSON(b []byte) error {
	_, err := fmt.Sscanf(string(b), `"%d"`, &p.A)
	return err
}
func (p *byPointer) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d", p.A), nil }
func (p *byPointer) UnmarshalText(b []byte) error { _, err := fmt.Sscan(string(b), &p.A); return err }

type pointedKey int

func (p *pointedKey) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "k%d", int(*p)), nil }
func (p *pointedKey) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "k%d", (*int)(p))
	return err
}

// encoding/json has no address of what is in a map, and writes it without its methods; so it could not be read.
func TestJSONTypesThatWriteThemselvesByPointer(t *testing.T) {
	for name, err := range map[string]error{
		"value":           codec.Check(codec.JSON[map[string]byPointer]()),
		"array":           codec.Check(codec.JSON[map[string][2]byPointer]()),
		"field":           codec.Check(codec.JSON[struct{ M map[int]struct{ P byPointer } }]()),
		"inside a slice":  codec.Check(codec.JSON[[]map[string]byPointer]()),
		"key":             codec.Check(codec.JSON[map[byPointer]int]()),
		"key of integers": codec.Check(codec.JSON[map[pointedKey]int]()),
	} {
		if !errors.Is(err, codec.ErrUnusable) || strings.Contains(name, "key") != strings.Contains(err.Error(), "map keys") {
			t.Errorf("%s: %v", name, err)
		}
	}
	comesBack(t, codec.JSON[map[string]*byPointer](), map[string]*byPointer{"a": {7}})
	comesBack(t, codec.JSON[map[string][]byPointer](), map[string][]byPointer{"a": {{7}}})
	comesBack(t, codec.JSON[[2]struct{ P byPointer }](), [2]struct{ P byPointer }{{byPointer{7}}})
	comesBack(t, codec.JSON[map[string]json.RawMessage](), map[string]json.RawMessage{"a": json.RawMessage(`{"b":1}`)})
}

func comesBack[T any](t *testing.T, c codec.Codec[T], v T) {
	t.Helper()
	payload, err := c.Encode(v)
	if err != nil {
		t.Error(err)
		return
	}
	back, whole, err := codec.Read(c, payload)
	if err != nil || !whole {
		t.Errorf("%s: %v, %v", payload, whole, err)
	}
	if again, err := c.Encode(back); err != nil || again != payload {
		t.Errorf("%s became %s, %v", payload, again, err)
	}
}

// RFC 3339 has no seconds in an offset, and encoding/json leaves them out: the instant would come back as another. Such offsets are
// those from before standard time.
func TestJSONOffsetsWithSeconds(t *testing.T) {
	amsterdam := time.FixedZone("AMT", 19*60+32)
	at := time.Date(1930, 1, 2, 3, 4, 5, 6, amsterdam)
	type booking struct {
		At   time.Time
		Days map[string][]*time.Time
		line
	}
	c := codec.JSON[booking]()
	for _, v := range []booking{{At: at}, {Days: map[string][]*time.Time{"a": {nil, &at}}}} {
		if payload, err := c.Encode(v); !errors.Is(err, codec.ErrUnencodable) || !strings.Contains(err.Error(), "offset") {
			t.Errorf("%s, %v", payload, err)
		}
	}
	if payload, err := codec.JSON[map[time.Time]int]().Encode(map[time.Time]int{at: 1}); !errors.Is(err, codec.ErrUnencodable) {
		t.Errorf("%s, %v", payload, err)
	}
	utc := at.UTC()
	comesBack(t, c, booking{At: utc, Days: map[string][]*time.Time{"a": {&utc}}})
	comesBack(t, c, booking{At: at.In(time.FixedZone("", -90*60))})
	if back, err := codec.CBOR[time.Time]().Encode(at); err != nil || !strings.Contains(back, "1930-01-02T02:44:33") {
		t.Errorf("%q, %v", back, err)
	}
}
