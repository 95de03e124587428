package crypto

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/satchel-go/satchel/core"
)

func testRing(t testing.TB) *Keyring {
	t.Helper()
	key, err := NewKey("k1", Primary, bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	ring, err := NewKeyring(key)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func testFrame(now int64) core.Frame {
	return core.Frame{Kind: "cart", Purpose: core.PurposePayload, Now: now, Life: 24 * hour, Version: 1}
}

const testNow = 1_794_000_000_000

func (r *ring) remembered() int { return len(r.aeads.all()) + len(r.macs.all()) }

// A forger who chooses epochs, exponents, times and kinds leaves the memory as it was: neither more nor other keys.
func TestFloodOfForgeriesMovesNothing(t *testing.T) {
	ring := testRing(t)
	seal, sign := Seal(ring), Sign(ring)
	nonce := make([]byte, nonceSize)
	for i := range int64(5) {
		for _, x := range []core.Transform{seal, sign} {
			if _, err := x.Out(testFrame(testNow-i*hour), nonce[:x.Entropy()], nil, []byte("payload")); err != nil {
				t.Fatal(err)
			}
		}
	}
	aeads, macs := ring.ring.aeads.list.Load(), ring.ring.macs.list.Load()
	if len(*aeads) != 5 || len(*macs) != 1 {
		t.Fatalf("%d and %d keys are kept", len(*aeads), len(*macs))
	}
	tried := 0
	for i := range int64(2000) {
		for e := range byte(maxExponent + 1) {
			forged := appendClear(nil, "k1", e, testNow-i*1_234_567)
			forged = append(forged, make([]byte, nonceSize+tagSize+5)...)
			f := testFrame(testNow)
			f.Life = 0
			f.Kind = fmt.Sprint("cart", i%3)
			for _, x := range []core.Transform{seal, sign} {
				if _, refusal := x.In(f, nil, forged); refusal == core.Forged {
					tried++
				}
			}
		}
	}
	if tried != 2*2000*(maxExponent+1) {
		t.Fatalf("only %d forgeries reached the tag", tried)
	}
	if ring.ring.aeads.list.Load() != aeads || ring.ring.macs.list.Load() != macs {
		t.Errorf("the memory was replaced, and holds %d keys", ring.ring.remembered())
	}
}

// A key enters once a tag verified under it, as on a node that only opens.
func TestOpeningIsRemembered(t *testing.T) {
	maker, opener := testRing(t), testRing(t)
	for _, build := range []func(*Keyring) core.Transform{Seal, Sign} {
		before := opener.ring.remembered()
		body, err := build(maker).Out(testFrame(testNow), []byte("twelve bytes")[:build(maker).Entropy()], nil, []byte("payload"))
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, refusal := build(opener).In(testFrame(testNow), nil, body); refusal != core.NotRefused {
				t.Fatal(refusal)
			}
		}
		if got := opener.ring.remembered() - before; got != 1 {
			t.Errorf("%d keys were added", got)
		}
	}
}

// A full memory gives up what lies most of its own epochs back, takes nothing older than what it has, and so rests.
func TestMemoIsBounded(t *testing.T) {
	var m memo[int]
	r := new(root)
	long := slot{root: r, kind: "long", exponent: 9, epoch: testNow / epochLength(9)}
	m.keep(long, -1, testNow)
	for i := range 10 * maxKept {
		now := testNow + int64(i)*hour
		m.keep(slot{root: r, kind: "short", epoch: now / hour}, i, now)
		if n := len(m.all()); n > maxKept || i >= maxKept && n != maxKept {
			t.Fatalf("%d keys after %d", n, i)
		}
	}
	now := int64(testNow + (10*maxKept-1)*hour)
	for i := range maxKept - 1 {
		if v, ok := m.find(slot{root: r, kind: "short", epoch: now/hour - int64(i)}); !ok || v != 10*maxKept-1-i {
			t.Fatalf("the key of %d epochs ago is %d, %t", i, v, ok)
		}
	}
	if _, ok := m.find(long); !ok {
		t.Error("a long epoch that ended two epochs ago was given up for short ones of 126 epochs ago")
	}
	rest := m.list.Load()
	for i := range int64(500) {
		m.keep(slot{root: r, kind: "short", epoch: now/hour - maxKept - i}, 0, now)
		m.keep(slot{root: r, kind: "short", epoch: now/hour - i%maxKept/2}, 0, now)
	}
	if m.list.Load() != rest {
		t.Error("older keys moved a full memory")
	}
	m.keep(slot{root: r, kind: "other", epoch: now / hour}, 1, now)
	if v, ok := m.find(slot{root: r, kind: "other", epoch: now / hour}); !ok || v != 1 || len(m.all()) != maxKept {
		t.Error("a current key did not enter a full memory")
	}
}

// Each part of a slot tells keys apart.
func TestMemoSlots(t *testing.T) {
	var m memo[int]
	a, b := new(root), new(root)
	slots := []slot{
		{a, "k", "p", 0, 0},
		{b, "k", "p", 0, 0},
		{a, "l", "p", 0, 0},
		{a, "k", "q", 0, 0},
		{a, "k", "p", 1, 0},
		{a, "k", "p", 0, 1},
	}
	for i, s := range slots {
		if _, ok := m.find(s); ok {
			t.Fatalf("slot %d is found before it is kept", i)
		}
		m.keep(s, i, 0)
		m.keep(s, 99, 0) // the first stays
	}
	for i, s := range slots {
		if v, ok := m.find(s); !ok || v != i {
			t.Errorf("slot %d holds %d, %t", i, v, ok)
		}
	}
}

// Rings are used by many goroutines at once; run with -race.
func TestConcurrentUse(t *testing.T) {
	ring := testRing(t)
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 200 {
				f := testFrame(testNow + int64(i*(g+1))*hour)
				f.Kind = fmt.Sprint("kind", i%5)
				for _, x := range []core.Transform{Seal(ring), Sign(ring)} {
					src := fmt.Sprint("payload of ", g, i)
					body, err := x.Out(f, []byte("twelve bytes")[:x.Entropy()], nil, []byte(src))
					if err != nil {
						t.Error(err)
						return
					}
					if out, refusal := x.In(f, nil, body); refusal != core.NotRefused || string(out) != src {
						t.Errorf("%v: %q, %v", x, out, refusal)
					}
				}
			}
		})
	}
	all.Wait()
	if n := len(ring.ring.aeads.all()); n != maxKept {
		t.Errorf("%d keys are kept", n)
	}
}

// Of a revoked key nobody is given a root to derive from.
func TestRevokedGivesNoRoot(t *testing.T) {
	ring := testRing(t)
	key := ring.Keys()[0]
	other, err := NewKey("k2", Primary, bytes.Repeat([]byte{8}, 32))
	if err != nil {
		t.Fatal(err)
	}
	if ring, err = NewKeyring(other, key.As(Revoked)); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]core.Refusal{"k1": core.RevokedKey, "k3": core.UnknownKey, "k2": core.NotRefused} {
		if r, refusal := ring.ring.opening([]byte(id)); refusal != want || (r != nil) != (want == core.NotRefused) {
			t.Errorf("%s: %v, root %t", id, refusal, r != nil)
		}
	}
}

// Scratch space that a long name has grown is not kept.
func TestScratchIsBounded(t *testing.T) {
	ring := testRing(t)
	f := testFrame(testNow)
	f.Tenant = string(make([]byte, 100_000))
	b := ring.ring.bound("", f, nil)
	ring.ring.giveBack(b)
	for range 100 {
		if got, ok := ring.ring.scratch.Get().(*[]byte); ok && cap(*got) > maxScratch {
			t.Fatalf("%d bytes are kept", cap(*got))
		}
	}
}
