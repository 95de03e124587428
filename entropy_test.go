package satchel_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"math/bits"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
)

// drawn is an entropy reader that remembers every draw.
type drawn struct{ all [][]byte }

func (d *drawn) Read(p []byte) (int, error) {
	n, err := rand.Read(p)
	d.all = append(d.all, bytes.Clone(p[:n]))
	return n, err
}

func placements(t *testing.T) map[string]satchel.Placement {
	t.Helper()
	return map[string]satchel.Placement{
		"server-side": carts.ServerSide(newStaged()),
		"client-side": carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable),
	}
}

// Item 2: without entropy there is no session, and an error.
func TestItem2_NoEntropyNoSession(t *testing.T) {
	broken := errors.New("no generator")
	for place, p := range placements(t) {
		for name, entropy := range map[string]io.Reader{
			"failing": iotest.ErrReader(broken),
			"short":   io.MultiReader(strings.NewReader("0123456789"), iotest.ErrReader(broken)),
			"ended":   strings.NewReader("0123456789"),
		} {
			t.Run(place+"/"+name, func(t *testing.T) {
				s, err := satchel.Config{Entropy: entropy}.New(p)
				must(t, err)
				ex := s.Open(satchel.Arrived{})
				ctx := ex.Context(t.Context())
				must(t, carts.Set(ctx, cart{[]string{"tea"}}))
				out, err := ex.Commit(t.Context())
				if err == nil || !strings.HasPrefix(err.Error(), "satchel: no entropy: ") {
					t.Error(err)
				}
				if name != "ended" && !errors.Is(err, broken) {
					t.Error("the cause is hidden:", err)
				}
				if len(out) != 1 || out[0].Action != core.SendNothing || out[0].Token != "" {
					t.Error("told", out)
				}
			})
		}
	}
	w := newWorld(t, satchel.Options{})
	s := satchel.Must(satchel.Config{Entropy: iotest.ErrReader(broken)}.New(carts.ServerSide(w.store)))
	if _, err := carts.Update(s.Open(satchel.Arrived{}).Context(t.Context()), add("tea")); !errors.Is(err, broken) {
		t.Error("Update:", err)
	}
	if len(w.store.all()) != 0 {
		t.Error("a record was created")
	}
}

// Item 2, for a rotation: the session stays under its old token.
func TestItem2_NoEntropyNoRotation(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	s := satchel.Must(satchel.Config{Clock: w.clock.now, Entropy: strings.NewReader("short")}.New(carts.ServerSide(w.store)))
	ex := s.Open(satchel.Arrived{"cart": token})
	must(t, carts.Rotate(ex.Context(t.Context())))
	if out, err := ex.Commit(t.Context()); err == nil || out[0].Action != core.SendNothing {
		t.Error("told", out[0].Action, err)
	}
	w.holds(token, "tea")
}

// A reader that gives a byte at a time is read until there is enough.
func TestEntropyInPieces(t *testing.T) {
	source := new(drawn)
	for place, p := range placements(t) {
		s := satchel.Must(satchel.Config{Entropy: iotest.OneByteReader(source)}.New(p))
		source.all = nil
		visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{})) })
		if n, want := len(source.all), map[string]int{"server-side": 16 + 32, "client-side": 16 + 12}[place]; n != want {
			t.Errorf("%s: %d bytes were drawn, want %d", place, n, want)
		}
	}
}

// Every plan draws anew, also one that is replayed: no ID and no nonce comes twice.
func TestEveryPlanDrawsAnew(t *testing.T) {
	source := new(drawn)
	w := newWorld(t, satchel.Options{})
	w.sessions = satchel.Must(satchel.Config{Clock: w.clock.now, Entropy: source}.New(carts.ServerSide(w.store)))
	token := w.begun()
	ex, ctx := w.open(token)
	must(t, carts.Rotate(ctx))
	source.all = nil
	w.store.once("replace", func() { w.add(token, "bread") })
	_, err := w.sent(ex)
	must(t, err)
	if len(source.all) != 2 || len(source.all[0]) != 32 || bytes.Equal(source.all[0], source.all[1]) {
		t.Errorf("two plans drew %d times", len(source.all))
	}
}

// A change that comes too late is planned, and refused; what it drew is used up.
func TestEveryLatePlanDrawsAnew(t *testing.T) {
	source := new(drawn)
	s := satchel.Must(satchel.Config{Entropy: source}.New(carts.ClientSide(satchel.FixedKeys(testRing(t)), satchel.Unrevocable)))
	ex := s.Open(satchel.Arrived{})
	ctx := ex.Context(t.Context())
	must(t, carts.Set(ctx, cart{}))
	_, err := ex.Commit(t.Context())
	must(t, err)
	for range 2 {
		if err := carts.Set(ctx, cart{[]string{"late"}}); !errors.Is(err, satchel.ErrTooLate) {
			t.Error(err)
		}
	}
	seen := map[string]bool{}
	for _, draw := range source.all {
		seen[string(draw[len(draw)-12:])] = true
	}
	if len(source.all) != 3 || len(seen) != 3 {
		t.Errorf("%d draws, %d nonces", len(source.all), len(seen))
	}
}

// What is drawn for one plan is not changed by the next: a token that was sent stays what it was.
func TestTokensOutliveTheirRoom(t *testing.T) {
	both(t, satchel.Options{}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		ex := s.Open(satchel.Arrived{})
		within := ex.Context(t.Context())
		must(t, carts.Set(within, cart{[]string{"tea"}}))
		out, err := ex.Commit(t.Context())
		must(t, err)
		before := strings.Clone(string(out[0].Token))
		_ = carts.Rotate(within) // too late, and planned all the same
		if string(out[0].Token) != before {
			t.Error("the token that was sent has changed")
		}
		visit(t, s, core.Token(before), func(ctx ctx) {
			if _, ok, err := carts.Get(ctx); !ok || err != nil {
				t.Error(ok, err)
			}
		})
	})
}

// keepsNothing is a store that takes what is created for kept.
type keepsNothing struct{ *store.Memory }

func (keepsNothing) Create(context.Context, core.Key, core.Record) error { return nil }

// Items 1 and 3: an ID is 256 bits of the generator, without structure, and never the same twice.
func TestItem1_IDs(t *testing.T) {
	s := satchel.Must(satchel.New(carts.ServerSide(keepsNothing{store.NewMemory()})))
	count := 1_000_000
	if need.Race() {
		count /= 100 // it is the IDs that are looked at here
	}
	seen := make(map[[32]byte]bool, count)
	var ones [256]int
	var last []byte
	differing := 0
	for range count {
		begun := visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{})) })
		raw, err := base64.RawURLEncoding.Strict().DecodeString(string(begun))
		must(t, err)
		if len(raw) != 33 {
			t.Fatalf("%d bytes", len(raw))
		}
		id := raw[1:] // after the format's version
		seen[[32]byte(id)] = true
		for i := range ones {
			ones[i] += int(id[i/8]>>(i%8)) & 1
		}
		for i := range last {
			differing += bits.OnesCount8(last[i] ^ id[i])
		}
		last = id
	}
	if len(seen) != count {
		t.Errorf("%d of %d IDs are different", len(seen), count)
	}
	for i, n := range ones { // eight standard deviations: once in 10¹² runs
		if off := n - count/2; off*off > 64*count/4 {
			t.Errorf("bit %d is set in %d of %d IDs", i, n, count)
		}
	}
	if mean := float64(differing) / float64(count-1); mean < 126 || mean > 130 {
		t.Errorf("two IDs of the same inputs differ in %.1f of 256 bits", mean)
	}
}

// greedy is a transform that wants more entropy than there is room for at hand, and prefixes what it makes with it.
type greedy struct{}

func (greedy) Entropy() int  { return 100 }
func (greedy) Overhead() int { return 100 }

func (greedy) Out(_ core.Frame, entropy, dst, src []byte) ([]byte, error) {
	return append(append(dst, entropy...), src...), nil
}

func (greedy) In(_ core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	if len(src) < 100 {
		return dst, core.Malformed
	}
	return append(dst, src[100:]...), core.NotRefused
}

// A chain may want any amount of entropy.
func TestEntropyForALongChain(t *testing.T) {
	both(t, satchel.Options{Chain: core.Chain{greedy{}}}, func(t *testing.T, s *satchel.Sessions, _ *clock) {
		token := visit(t, s, "", func(ctx ctx) { must(t, carts.Set(ctx, cart{[]string{"tea"}})) })
		if items, ok := read(t, s, token); !ok || items[0] != "tea" {
			t.Error(items, ok)
		}
	})
}
