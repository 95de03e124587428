package ktor

import (
	"bufio"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func linesOf(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines [][]string
	for s := bufio.NewScanner(f); s.Scan(); {
		if !strings.HasPrefix(s.Text(), "#") {
			lines = append(lines, strings.FieldsFunc(s.Text(), func(r rune) bool { return r == '\t' || r == ' ' && strings.HasSuffix(file, "txt") }))
		}
	}
	if len(lines) < 100 {
		t.Fatalf("%s has %d lines", file, len(lines))
	}
	return lines
}

// Java 17 does not always write the shortest text; what it writes is read as the same number, and ours is never longer and
// no further away.
func TestNumbersAsJava(t *testing.T) {
	equal := 0
	lines := linesOf(t, "java17-numbers.txt")
	for _, line := range lines {
		bits := map[string]int{"d": 64, "f": 32}[line[0]]
		u, err := strconv.ParseUint(line[1], 16, bits)
		if err != nil {
			t.Fatal(err)
		}
		x := math.Float64frombits(u)
		if bits == 32 {
			x = float64(math.Float32frombits(uint32(u)))
		}
		got := javaFloat(x, bits)
		if got == line[2] {
			equal++
		} else if len(got) > len(line[2]) || distance(got, x).Cmp(distance(line[2], x)) > 0 && len(got) == len(line[2]) {
			t.Errorf("%x is %s, in Java %s", u, got, line[2])
		}
		for _, text := range []string{got, line[2]} {
			y, ok := parseJavaFloat(text)
			if bits == 32 {
				y = float64(float32(y))
			}
			if !ok || y != x && x == x {
				t.Errorf("%s is read as %v, not %v", text, y, x)
			}
		}
	}
	if equal < len(lines)*9/10 {
		t.Errorf("%d of %d are as in Java 17", equal, len(lines))
	}
}

// distance returns how far a text is from x.
func distance(text string, x float64) *big.Rat {
	r, _ := new(big.Rat).SetString(text)
	r.Sub(r, new(big.Rat).SetFloat64(x))
	return r.Abs(r)
}

// The specification of Double.toString, said in another way: of all texts with so many digits that read as x it is the
// nearest, and none with fewer reads as x, but that there are two at least.
func TestNumbersAreTheShortestAndNearest(t *testing.T) {
	check := func(t interface{ Errorf(string, ...any) }, x float64, bits int) {
		got := javaFloat(x, bits)
		digits, _ := javaDigits(math.Abs(x), bits)
		n := max(len(digits), 2)
		if n > 2 && readsBack(strconv.FormatFloat(x, 'e', n-2, 64), x, bits) {
			t.Errorf("%s: %d digits are enough", got, n-1)
		}
		if near := strconv.FormatFloat(x, 'e', n-1, 64); readsBack(near, x, bits) && distance(near, x).Cmp(distance(got, x)) != 0 {
			t.Errorf("%s is not as near as %s", got, near)
		}
		if !readsBack(got, x, bits) {
			t.Errorf("%s is another number", got)
		}
	}
	for e := -1074; e <= 1023; e++ { // next to a power of two the neighbours are not equally far
		check(t, math.Ldexp(1, e), 64)
		if e >= -149 && e <= 127 {
			check(t, math.Ldexp(1, e), 32)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.Float64Min(math.SmallestNonzeroFloat64).Draw(t, "double"), 64)
		check(t, float64(rapid.Float32Min(math.SmallestNonzeroFloat32).Draw(t, "float")), 32)
	})
}

func TestFloatTextsThatJavaRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "+", ".", "e5", "1e", "1e+", "1..2", "1.2.3", "0x1p3", "1_0", "nan", "inf", "infinity", "--1", "+-1", "++Infinity",
		"--NaN", "1dd", "d", "NaNd", "Infinityf", "1,5", "1 2", "é",
	} {
		if x, ok := parseJavaFloat(text); ok {
			t.Errorf("%q is read as %v", text, x)
		}
	}
	for text, want := range map[string]float64{
		"1": 1, "-1.": -1, "+.5": .5, "1E-3f": .001, "2D": 2, "1e999": math.Inf(1), "-1e999": math.Inf(-1), "1e-999": 0,
		"+Infinity": math.Inf(1), "-Infinity": math.Inf(-1),
	} {
		if x, ok := parseJavaFloat(text); !ok || x != want {
			t.Errorf("%q is read as %v, %v", text, x, ok)
		}
	}
	if x, ok := parseJavaFloat(" 1e3\t"); !ok || x != 1000 {
		t.Errorf("with spaces it is read as %v, %v", x, ok)
	}
	for _, text := range []string{"NaN", "+NaN", "-NaN"} {
		if x, ok := parseJavaFloat(text); !ok || x == x {
			t.Errorf("%q is read as %v, %v", text, x, ok)
		}
	}
}

func TestBigDecimalsAsJava(t *testing.T) {
	for _, line := range linesOf(t, "java17-bigdecimals.tsv") {
		if line[len(line)-1] == "ERROR" {
			text := line[0]
			if len(line) == 1 {
				text = ""
			}
			if d, err := ParseBigDecimal(text); err == nil {
				t.Errorf("%q is read as %v", text, d)
			}
			continue
		}
		d, err := ParseBigDecimal(line[0])
		if err != nil || d.String() != line[1] || strconv.Itoa(int(d.Scale())) != line[2] || d.Unscaled().String() != line[3] {
			t.Errorf("%q is read as %v, scale %d, unscaled %v, %v; Java: %q", line[0], d, d.Scale(), d.Unscaled(), err, line)
		}
		if again := NewBigDecimal(d.Unscaled(), d.Scale()); again != d {
			t.Errorf("%v is made as %v", d, again)
		}
		var text BigDecimal
		if b, err := d.MarshalText(); err != nil || text.UnmarshalText(b) != nil || text != d {
			t.Errorf("%v is %v as text, %v", d, text, err)
		}
	}
	if (BigDecimal{}) != NewBigDecimal(new(big.Int), 0) || (BigDecimal{}).String() != "0" {
		t.Error("the zero BigDecimal is not 0")
	}
}
