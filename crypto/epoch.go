package crypto

import "github.com/satchel-go/satchel/core"

const (
	hour       = 60 * 60 * 1000 // milliseconds
	liveEpochs = 32

	// maxExponent gives epochs of 512 hours: the shortest of which 32 cover 400 days, the longest that a browser keeps a
	// cookie. A longer life keeps it, and so has more live epochs, which costs derivations and nothing else; an hour's
	// worth of seals at 2^32 an epoch would be a million a second, and at 512 hours it is still 2300 a second.
	maxExponent = 9
)

// epochLength returns the length of an epoch in milliseconds.
func epochLength(exponent byte) int64 { return hour << exponent }

// exponentFor returns the smallest exponent with which a life spans at most 32 epochs, begun ones included: 0 for lives
// up to 31 hours. An unlimited life counts as 400 days.
func exponentFor(life int64) byte {
	if life == 0 {
		return maxExponent
	}
	var e byte
	for e < maxExponent && life > (liveEpochs-1)*epochLength(e) {
		e++
	}
	return e
}

// timely judges a seal time before any key is derived. What is one epoch past its life still passes, so that its tag can
// be tried and core can say that it has expired, which is a verdict, where [core.Stale] is none.
func timely(f core.Frame, exponent byte, sealedAt int64) core.Refusal {
	now := min(max(f.Now, 0), core.MaxInstant)
	switch {
	case sealedAt-now > max(f.Skew, 0):
		return core.Future
	case f.Life != 0 && now-sealedAt-epochLength(exponent) > f.Life:
		return core.Stale
	}
	return core.NotRefused
}
