package crypto_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

func at(now int64) core.Frame {
	f := frame()
	f.Now = now
	return f
}

// CHECKLIST.md 52 as far as the clear part goes, and the clocks of a fleet: the last instants that pass, and the first
// that do not.
func TestSealTimes(t *testing.T) {
	x := crypto.Seal(fleetRing(t))
	body := made(t, x, frame(), "payload")
	for _, c := range []struct {
		name             string
		now, life, skew  int64
		want, wantForged core.Refusal
	}{
		{"same instant", 0, 24 * hour, 0, core.NotRefused, core.Forged},
		{"clock behind by the skew", -5000, 24 * hour, 5000, core.NotRefused, core.Forged},
		{"behind by more", -5001, 24 * hour, 5000, core.Future, core.Future},
		{"behind, no skew", -1, 24 * hour, 0, core.Future, core.Future},
		{"behind, unlimited life", -1, 0, 0, core.Future, core.Future},
		{"a negative skew is none", 0, 24 * hour, -5, core.NotRefused, core.Forged},
		{"at the end of its life", 24 * hour, 24 * hour, 0, core.NotRefused, core.Forged},
		{"an epoch past it", 25 * hour, 24 * hour, 0, core.NotRefused, core.Forged},
		{"more than an epoch past it", 25*hour + 1, 24 * hour, 0, core.Stale, core.Stale},
		{"life shortened since", 3*hour + 1, 2 * hour, 0, core.Stale, core.Stale},
		{"life lengthened since", 300 * 24 * hour, 400 * 24 * hour, 0, core.NotRefused, core.Forged},
		{"unlimited life", 9000 * 24 * hour, 0, 0, core.NotRefused, core.Forged},
		{"no overflow", core.MaxInstant - someNow, math.MaxInt64, math.MaxInt64, core.NotRefused, core.Forged},
		{"a clock before 1970", math.MinInt64, 24 * hour, 5000, core.Future, core.Future},
		{"a clock past the last instant", math.MaxInt64 - someNow, 24 * hour, 0, core.Stale, core.Stale},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := at(someNow + c.now)
			f.Life, f.Skew = c.life, c.skew
			refused(t, x, f, body, c.want)
			forged := bytes.Clone(body)
			forged[len(forged)-1] ^= 1
			refused(t, x, f, forged, c.wantForged)
		})
	}
}

// The clear time is authenticated: moving it, within the epoch or out of it, is forgery.
func TestSealTimeIsAuthentic(t *testing.T) {
	x := crypto.Seal(fleetRing(t))
	body := made(t, x, frame(), "payload")
	for _, by := range []byte{1, 255} { // the last byte of sealedAt: a millisecond later, and one earlier
		moved := bytes.Clone(body)
		moved[len("\x03now")+1+5] += by
		refused(t, x, at(someNow+1), moved, core.Forged)
	}
}

func TestSealExponent(t *testing.T) {
	const day = 24 * hour
	x := crypto.Seal(fleetRing(t))
	for _, c := range []struct {
		life int64
		want byte
	}{
		{1, 0},
		{31 * hour, 0},
		{31*hour + 1, 1},
		{62 * hour, 1},
		{62*hour + 1, 2},
		{90 * day, 7},
		{400 * day, 9},
		{661 * day, 9},
		{5000 * day, 9},
		{math.MaxInt64, 9},
		{0, 9},
	} {
		f := frame()
		f.Life = c.life
		body := made(t, x, f, "payload")
		if got := body[len("\x03now")]; got != c.want {
			t.Errorf("life %d h: e = %d, want %d", c.life/hour, got, c.want)
		}
		// A life that was configured differently since logs nobody out.
		for _, other := range []int64{0, 1, 31 * hour, 400 * day} {
			f.Life = other
			refused(t, x, f, body, core.NotRefused)
		}
	}
	body := made(t, x, frame(), "payload")
	body[len("\x03now")] = 10
	refused(t, x, frame(), body, core.Malformed)
}

// At most 32 epochs lie within a life, wherever it begins, unless the life is beyond what the largest epoch covers.
func TestSealLiveEpochs(t *testing.T) {
	x := crypto.Seal(fleetRing(t))
	for life := hour / 2; life < 660*24*hour; life = life*5/4 + 777 {
		f := frame()
		f.Life = life
		length := hour << made(t, x, f, "")[len("\x03now")]
		for _, start := range []int64{0, 1, length / 2, length - 1} {
			if n := (start+life-1)/length - start/length + 1; n > 32 {
				t.Fatalf("a life of %d ms from %d has %d epochs of %d ms", life, start, n, length)
			}
		}
	}
}

func TestSealEpochBoundaries(t *testing.T) {
	x := crypto.Seal(fleetRing(t))
	start := someNow / hour * hour
	for _, now := range []int64{0, 1, hour - 1, hour, start - 1, start, start + hour - 1, start + hour, core.MaxInstant} {
		want := oracleSeal(fleet[1], at(now), nonce(3), []byte("payload"))
		got, err := x.Out(at(now), nonce(3), nil, []byte("payload"))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("at %d: %x, %v, want %x", now, got, err, want)
		}
		refused(t, x, at(now), got, core.NotRefused)
	}
	a := oracleSeal(fleet[1], at(start+hour-1), nonce(3), []byte("payload"))
	b := oracleSeal(fleet[1], at(start+hour), nonce(3), []byte("payload"))
	if bytes.Equal(a[len(a)-16-7:len(a)-16], b[len(b)-16-7:len(b)-16]) {
		t.Fatal("two epochs share a key stream")
	}
}

func TestSealSetupErrors(t *testing.T) {
	ring := fleetRing(t)
	dst := []byte("kept")
	for name, try := range map[string]func() ([]byte, error){
		"no ring":      func() ([]byte, error) { return crypto.Seal(nil).Out(frame(), nonce(1), dst, nil) },
		"zero ring":    func() ([]byte, error) { return crypto.Seal(&crypto.Keyring{}).Out(frame(), nonce(1), dst, nil) },
		"sign no ring": func() ([]byte, error) { return crypto.Sign(nil).Out(frame(), nil, dst, nil) },
		"short nonce":  func() ([]byte, error) { return crypto.Seal(ring).Out(frame(), nonce(1)[:11], dst, nil) },
		"long nonce":   func() ([]byte, error) { return crypto.Seal(ring).Out(frame(), make([]byte, 13), dst, nil) },
		"before 1970":  func() ([]byte, error) { return crypto.Seal(ring).Out(at(-1), nonce(1), dst, nil) },
		"after 10889":  func() ([]byte, error) { return crypto.Seal(ring).Out(at(core.MaxInstant+1), nonce(1), dst, nil) },
	} {
		if out, err := try(); err == nil || string(out) != "kept" {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
	refused(t, crypto.Seal(nil), frame(), made(t, crypto.Seal(ring), frame(), ""), core.UnknownKey)
	refused(t, crypto.Sign(nil), frame(), made(t, crypto.Sign(ring), frame(), ""), core.UnknownKey)
}

// A transform is comparable, so that a policy that holds one is.
func TestTransformsCompare(t *testing.T) {
	a, b := fleetRing(t), fleetRing(t)
	copied := *a
	for _, build := range []func(*crypto.Keyring) core.Transform{crypto.Seal, crypto.Sign} {
		if build(a) != build(a) || build(a) != build(&copied) || build(nil) != build(&crypto.Keyring{}) {
			t.Error("two transforms of one ring differ")
		}
		if build(a) == build(b) {
			t.Error("transforms of two rings are equal")
		}
	}
	if crypto.Seal(a) == crypto.Sign(a) {
		t.Error("seal equals sign")
	}
}

// Overhead is reached by the longest id, and never exceeded; Out and In append to dst; src and entropy stay as they were.
func TestOverheadAndAppend(t *testing.T) {
	for _, id := range []string{"k", "k1234567"} {
		ring := parsed(t, id+":primary:"+encoded(1))
		for _, x := range []core.Transform{crypto.Seal(ring), crypto.Sign(ring)} {
			src, entropy := []byte("payload"), nonce(2)[:x.Entropy()]
			for _, dst := range [][]byte{nil, []byte("head"), append(make([]byte, 0, 200), "head"...)} {
				body, err := x.Out(frame(), entropy, dst, src)
				if err != nil || !bytes.HasPrefix(body, dst) {
					t.Fatal(x, err)
				}
				if n := len(body) - len(dst) - len(src); n > x.Overhead() || n != x.Overhead() && len(id) == 8 {
					t.Errorf("%v with id %q makes %d bytes more, and says %d", x, id, n, x.Overhead())
				}
				back, refusal := x.In(frame(), dst, body[len(dst):])
				if refusal != core.NotRefused || string(back) != string(dst)+"payload" {
					t.Errorf("%v: %q, %v", x, back, refusal)
				}
			}
			if string(src) != "payload" || !bytes.Equal(entropy, nonce(2)[:x.Entropy()]) {
				t.Error(x, "wrote to its arguments")
			}
		}
	}
}
