package codectest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/codec"
)

type basket struct {
	Owner string
	Items []string
	Count map[string]int
	Note  []byte
}

func anyBasket(t *rapid.T) basket {
	return basket{
		Owner: rapid.StringMatching(`[a-z]{0,16}`).Draw(t, "owner"),
		Items: rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,14}`), 0, 4).Draw(t, "items"),
		Count: rapid.MapOfN(rapid.StringMatching(`[a-z]{1,4}`), rapid.Int(), 0, 5).Draw(t, "count"),
		Note:  rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(t, "note"),
	}
}

func TestRun(t *testing.T) {
	Run(t, codec.CBOR[basket](), rapid.Custom(anyBasket))
}

// fault is a codec with one thing wrong: what a function here leaves nil is done right.
type fault struct {
	codec.Codec[basket]
	name   func() string
	encode func(basket) (string, error)
	decode func(string) (basket, error)
	whole  bool
}

func (f fault) Name() string {
	if f.name != nil {
		return f.name()
	}
	return f.Codec.Name()
}

func (f fault) Encode(v basket) (string, error) {
	if f.encode != nil {
		return f.encode(v)
	}
	return f.Codec.Encode(v)
}

func (f fault) Decode(p string) (basket, error) {
	if f.decode != nil {
		return f.decode(p)
	}
	return f.Codec.Decode(p)
}

func (f fault) DecodeWhole(p string) (basket, bool, error) {
	v, err := f.Decode(p)
	return v, err == nil && f.whole, err
}

// TestEachLawCanFail plants one fault for each way in which a law can be broken. The law has to find it.
func TestEachLawCanFail(t *testing.T) {
	right := codec.CBOR[basket]()
	pooled := make([]byte, 16)
	var last *basket
	planted := map[string]bool{"concurrent": true} // by TestConcurrentFindsSharedState
	for _, m := range []struct {
		law, what string
		fault     fault
	}{
		{"usable", "has no name", fault{name: func() string { return "" }}},
		{"round trip", "loses a field", fault{encode: func(v basket) (string, error) {
			v.Owner = ""
			return right.Encode(v)
		}}},
		{"round trip", "refuses some", fault{encode: func(v basket) (string, error) {
			if len(v.Items) > 3 {
				return "", errors.New("too many")
			}
			return right.Encode(v)
		}}},
		{"whole", "doubts itself", fault{}},
		{"deterministic", "writes a map as it is ranged over", fault{encode: func(v basket) (string, error) {
			text := ""
			for _, k := range slices.Collect(maps.Keys(v.Count)) {
				text += k + " "
			}
			return text, nil
		}}},
		{"deterministic", "adds salt", fault{encode: func(v basket) (string, error) {
			p, err := right.Encode(v)
			return fmt.Sprint(rand.Int()) + p, err
		}}},
		{"unshared", "hands out one value to all", fault{decode: func(p string) (basket, error) {
			v, err := right.Decode(p)
			if err == nil {
				if last == nil || !equal(v.Items, last.Items) {
					last = &v
				}
				v.Items = last.Items
			}
			return v, err
		}}},
		{"unshared", "decodes into memory that it uses again", fault{decode: func(p string) (basket, error) {
			v, err := right.Decode(p)
			v.Note = append(pooled[:0], v.Note...)
			return v, err
		}}},
		{"hostile", "panics at what is too short", fault{decode: func(p string) (basket, error) {
			_ = p[0]
			return right.Decode(p)
		}}},
		{"hostile", "reads what it cannot write", fault{
			decode: func(p string) (basket, error) {
				v, err := right.Decode(p)
				if err != nil {
					v, err = basket{Owner: "\xff"}, nil
				}
				return v, err
			},
		}},
		{"discreet", "quotes", fault{decode: func(p string) (basket, error) {
			v, err := right.Decode(p)
			if err != nil {
				err = fmt.Errorf("cannot decode %q", p)
			}
			return v, err
		}}},
	} {
		t.Run(m.law+"/"+m.what, func(t *testing.T) {
			m.fault.Codec = right
			planted[m.law] = true
			if !found(t, m.law, m.fault) {
				t.Errorf("no sample shows a codec that %s", m.what)
			}
		})
	}
	for _, l := range laws[basket]() {
		if !planted[l.name] {
			t.Errorf("no fault is planted for the law %q", l.name)
		}
	}
}

// found tries a law on a few samples.
func found(t *testing.T, name string, c codec.Codec[basket]) bool {
	gen := rapid.Custom(anyBasket)
	for _, l := range laws[basket]() {
		if l.name != name {
			continue
		}
		for i := range 300 {
			s := sample[basket]{gen.Example(i), gen.Example(i + 1), []byte{byte(i), 0xff, byte(3 * i)}}
			if err := safely(func() error { return l.broken(c, s) }); err != nil {
				return true
			}
		}
		return false
	}
	t.Fatalf("there is no law %q", name)
	return false
}

// TestRightCodecBreaksNoLaw keeps the test above honest: found must not find what is not there.
func TestRightCodecBreaksNoLaw(t *testing.T) {
	for _, l := range laws[basket]() {
		if found(t, l.name, codec.CBOR[basket]()) {
			t.Errorf("the right codec breaks %q", l.name)
		}
	}
}

// TestConcurrentFindsSharedState uses a codec that keeps the value it works on where its other calls do. All calls meet
// before they go on, so that the fault shows each time, without the race detector too.
func TestConcurrentFindsSharedState(t *testing.T) {
	var (
		right  = codec.CBOR[basket]()
		mu     sync.Mutex
		shared basket
		calls  int
		all    = make(chan struct{})
	)
	mixed := fault{Codec: right, encode: func(v basket) (string, error) {
		mu.Lock()
		shared = v
		if calls++; calls == 4 {
			close(all)
		}
		mu.Unlock()
		<-all
		return right.Encode(shared)
	}}
	s := sample[basket]{basket{Owner: "one"}, basket{Owner: "two"}, []byte{1}}
	if err := concurrent[basket](mixed, s); err == nil || !strings.Contains(err.Error(), "came back as") {
		t.Errorf("got %v", err)
	}
}
