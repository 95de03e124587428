package core

// MaxInstant is the last instant that the formats can spell: 48 bits of Unix milliseconds, in the year 10889. As a
// deadline it means never.
const MaxInstant = 1<<48 - 1

// later returns t + d, at most MaxInstant. Neither may be negative.
func later(t, d int64) int64 {
	if d >= MaxInstant || t >= MaxInstant-d {
		return MaxInstant
	}
	return t + d
}
