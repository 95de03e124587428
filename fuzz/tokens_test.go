package fuzz_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// flipped returns a token with one of its bits another: of those that its characters stand for, or of the characters themselves.
func flipped(token string, bit int) string {
	b := []byte(token)
	at := bit / 14 % len(b)
	if v := strings.IndexByte(alphabet, b[at]); bit%14 < 6 && v >= 0 {
		b[at] = alphabet[v^1<<(bit%14)]
	} else {
		b[at] ^= 1 << (bit % 8)
	}
	return string(b)
}

// FuzzToken sends any text to every place. It gives a session exactly where it was made, and as it was made: no other spelling of it
// does, none with a bit changed, and no other kind, purpose, audience, tenant or key lets it in.
func FuzzToken(f *testing.F) {
	places := everyPlace(f)
	made := map[bound]map[string]bool{} // the tokens of all places that are bound alike
	for _, p := range places {
		if made[p.bound] == nil {
			made[p.bound] = map[string]bool{}
		}
		maps.Copy(made[p.bound], p.issued)
	}
	for i, p := range places {
		for n, token := range inOrder(p.issued) {
			f.Add(token, uint16(i), uint16(n))
		}
	}
	one := inOrder(places[0].issued)[1]
	for _, token := range []string{"", "A", one + "=", one + "\n", "\r" + one, " " + one, one[:len(one)-1], one + "A", strings.Repeat("A", 44), "AQ" + strings.Repeat("A", 42)} {
		f.Add(token, uint16(0), uint16(3))
	}
	f.Fuzz(func(t *testing.T, token string, at, bit uint16) {
		p := places[int(at)%len(places)]
		if got := p.reads(t, token); p.issued[token] && !got || got && !made[p.bound][token] {
			t.Fatalf("%s: made here %v, read here %v", p.name, p.issued[token], got)
		}
		if !p.issued[token] {
			return
		}
		for n := range 16 { // some bits more than the one, at both ends and between
			if other := flipped(token, int(bit)+n*n*70); p.reads(t, other) {
				t.Fatalf("%s: read with bit %d changed", p.name, int(bit)+n*n*70)
			}
		}
		for _, other := range places {
			if other.bound != p.bound && other.reads(t, token) {
				t.Fatalf("made at %s, and read at %s", p.name, other.name)
			}
		}
	})
}

// TestEveryBit changes each bit of a token of each place, which a fuzzer does only by and by.
func TestEveryBit(t *testing.T) {
	for _, p := range everyPlace(t) {
		for _, token := range inOrder(p.issued)[:1] {
			for bit := range 14 * len(token) {
				if p.reads(t, flipped(token, bit)) {
					t.Errorf("%s: read with bit %d changed", p.name, bit)
				}
			}
		}
	}
}

func inOrder(set map[string]bool) []string {
	var all []string
	for one := range set {
		all = append(all, one)
	}
	slices.Sort(all)
	return all
}
