package ktor_test

import (
	"errors"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/compat/ktor"
)

// vector is one line of what Ktor's own code gave. A line to write says how Ktor reads its text back.
type vector struct {
	read                bool
	name, text, outcome string
}

// fine reports whether Ktor itself reads the text.
func (v vector) fine() bool {
	return strings.HasSuffix(v.outcome, "ok") || strings.HasPrefix(v.outcome, "-> ") ||
		strings.HasPrefix(v.outcome, "roundtrip=DIFF gen.") // classes without equals
}

// readVectors reads a file of lines "write|read TAB name TAB text TAB outcome". The file that came first has no first
// column.
func readVectors(t *testing.T, file string) []vector {
	t.Helper()
	all, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	for line := range strings.Lines(string(all)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		cols := strings.Split(line, "\t")
		if len(cols) == 3 {
			cols = append([]string{"write"}, cols...)
			if strings.HasPrefix(cols[1], "read_") {
				cols[0] = "read"
			}
		}
		if len(cols) != 4 {
			t.Fatalf("%s: %q", file, line)
		}
		vectors = append(vectors, vector{cols[0] == "read", cols[1], cols[2], cols[3]})
	}
	if len(vectors) < 14 {
		t.Fatalf("%s has %d vectors", file, len(vectors))
	}
	return vectors
}

// check holds a codec to a vector.
type check func(t *testing.T, v vector)

// holds is the rule for values that Ktor wrote: the same bytes and back. What Ktor cannot read back, by reason of the value
// or of the whole type, is not written.
func holds[T any](c codec.Codec[T], value T) check {
	return func(t *testing.T, v vector) {
		t.Helper()
		got, err := c.Encode(value)
		if !v.fine() {
			if !errors.Is(err, codec.ErrUnencodable) && !errors.Is(err, codec.ErrUnusable) {
				t.Errorf("%+v was written as %q, %v; Ktor's %q is %s", value, got, err, v.text, v.outcome)
			}
			return
		}
		if err != nil || got != v.text {
			t.Errorf("%+v was written\n as %q, %v\nnot %q", value, got, err, v.text)
		}
		back, whole, err := codec.Read(c, v.text)
		if err != nil || !whole || !same(back, value) {
			t.Errorf("%q was read as %+v, whole %v, %v", v.text, back, whole, err)
		}
	}
}

// reads is the rule for texts that Ktor read: the same value, or a refusal.
func reads[T any](c codec.Codec[T], want T) check {
	return func(t *testing.T, v vector) {
		t.Helper()
		got, err := c.Decode(v.text)
		switch {
		case v.fine() && (err != nil || !same(got, want)):
			t.Errorf("%q was read as %+v, %v; Ktor: %s", v.text, got, err, v.outcome)
		case !v.fine() && !errors.Is(err, codec.ErrUndecodable):
			t.Errorf("%q was read as %+v, %v; Ktor: %s", v.text, got, err, v.outcome)
		}
	}
}

// refuses is for texts that Ktor reads and never writes, where we are stricter for a reason.
func refuses[T any](c codec.Codec[T], reason string) check {
	return func(t *testing.T, v vector) {
		t.Helper()
		if !v.fine() {
			t.Errorf("Ktor refuses it as well: no reason needed (%s)", reason)
		}
		if got, err := c.Decode(v.text); !errors.Is(err, codec.ErrUndecodable) {
			t.Errorf("%q was read as %+v, %v: %s", v.text, got, err, reason)
		}
	}
}

// accepts is for texts that Ktor refuses and we read.
func accepts[T any](c codec.Codec[T], want T, reason string) check {
	return func(t *testing.T, v vector) {
		t.Helper()
		if v.fine() {
			t.Errorf("Ktor reads it as well: no reason needed (%s)", reason)
		}
		if got, err := c.Decode(v.text); err != nil || !same(got, want) {
			t.Errorf("%q was read as %+v, %v: %s", v.text, got, err, reason)
		}
	}
}

// same is DeepEqual where NaN is itself.
func same(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if x.Kind() != reflect.Struct {
		return false
	}
	for i := range x.NumField() {
		p, q := x.Field(i), y.Field(i)
		nan := p.CanFloat() && math.IsNaN(p.Float()) && math.IsNaN(q.Float())
		if !nan && !reflect.DeepEqual(p.Interface(), q.Interface()) {
			return false
		}
	}
	return true
}

// runVectors runs a file, in which every line needs its check and every check its line.
func runVectors(t *testing.T, file string, checks map[string]check) {
	t.Helper()
	seen := map[string]bool{}
	for _, v := range readVectors(t, file) {
		key := v.name
		if v.read && !strings.HasPrefix(key, "read_") {
			key = "read " + key
		}
		seen[key] = true
		run, ok := checks[key]
		if !ok {
			t.Errorf("%s: no check for %q", file, key)
			continue
		}
		t.Run(key, func(t *testing.T) { run(t, v) })
	}
	for key := range checks {
		if !seen[key] {
			t.Errorf("%s: no vector for the check %q", file, key)
		}
	}
}

func bigInt(text string) big.Int {
	n, _ := new(big.Int).SetString(text, 10)
	return *n
}

func decimal(text string) ktor.BigDecimal {
	d, err := ktor.ParseBigDecimal(text)
	if err != nil {
		panic(err)
	}
	return d
}
