package fuzz_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/internal/need"
)

// A reader may allocate this much for each byte that it reads, and this much whatever comes. A byte can ask for an element of a slice,
// which grows by doubling, and for a map's bucket; a page of memory is what a first call may take for itself. The most that was seen is
// fasthttp's: 163 for each byte of cookies of one character, whose slice grows by a quarter at a time.
const (
	perByte = 256
	atLeast = 128 << 10
)

// named says of which reader a finding is.
type named struct {
	*testing.T

	reader string
}

func (n named) Fatalf(format string, args ...any) {
	n.Helper()
	n.T.Fatalf(n.reader+": "+format, args...)
}

// fragments are what hostile texts repeat.
var fragments = []string{
	"\x00", "\x01", "\x60", "\x80", "\x81", "\x82", "\x9f", "\xa0", "\xa1\x01\x9a\x00\x0f\xff\xff", "\xbf", "\xc1", "\xd8", "\xff",
	"[", "{", `{"items":[`, `"",`, `{"a":`, `"\u0061"`, "v2:", "c:", "9", "-", "1e9", "=", ";", " ;", "0;", "a=", "__Host-cart=;", "\n", "\r\n", ",", "#", ":", "k1:primary:",
	"%", "%23", "&", "%2523", "v=%23cl%23s", "/", "00", "A", "AQ", "Aw", "begin now=1\n", "with payload=\"x\"\n", ".", "a.", "max-age=1,", "Path=/;",
}

// FuzzProportion gives any text to every reader. What a reader allocates is in proportion to the text.
func FuzzProportion(f *testing.F) {
	for _, fragment := range fragments {
		f.Add(fragment, uint16(1))
		f.Add(fragment, uint16(40_000/len(fragment)))
	}
	for _, text := range corpora(f) {
		f.Add(text, uint16(1))
	}
	readers := everyReader(f)
	for range 2 { // what is made once is made before it counts
		for _, r := range readers {
			r.read("")
		}
	}
	f.Fuzz(func(t *testing.T, fragment string, times uint16) {
		if len(fragment)*int(times) > 1<<18 {
			return
		}
		text := strings.Repeat(fragment, int(times))
		for _, r := range readers {
			need.AtMost(named{t, r.name}, uint64(atLeast+perByte*len(text)), func() { r.read(text) })
		}
	})
}

// corpora returns the texts of all rooms' committed seeds, so that what one reader stumbled over is tried on every other.
func corpora(f *testing.F) (all []string) {
	f.Helper()
	seen := map[string]bool{}
	for _, pattern := range []string{"../*/testdata/fuzz/*/*", "../*/*/testdata/fuzz/*/*"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range files {
			file, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			for line := range strings.Lines(string(file)) {
				literal := strings.TrimSuffix(strings.TrimSpace(line), ")")
				for _, of := range []string{"string(", "[]byte("} {
					quoted, ok := strings.CutPrefix(literal, of)
					if text, err := strconv.Unquote(quoted); ok && err == nil && !seen[text] {
						seen[text] = true
						all = append(all, text)
					}
				}
			}
		}
	}
	if len(all) < 50 {
		f.Fatalf("%d texts in the corpora of all rooms", len(all))
	}
	return all
}
