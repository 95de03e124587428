package codectest

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/codec"
)

// Run runs one subtest for each law, on many values of gen. A failure names the law, the rule that it stands for and the
// smallest value found that breaks it. Run it with -race too: one law uses the codec from several goroutines.
func Run[T any](t *testing.T, c codec.Codec[T], gen *rapid.Generator[T]) {
	t.Helper()
	for _, l := range laws[T]() {
		t.Run(l.name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				s := sample[T]{
					value: gen.Draw(rt, "value"),
					other: gen.Draw(rt, "other"),
					noise: rapid.SliceOfN(rapid.Byte(), 1, 24).Draw(rt, "noise"),
				}
				if err := safely(func() error { return l.broken(c, s) }); err != nil {
					rt.Fatalf("%s\nrule: %s", err, l.rule)
				}
			})
		})
	}
}

// sample is what a law is tried on.
type sample[T any] struct {
	value, other T
	noise        []byte // what a payload is spoiled with; not empty
}

// law is a rule of codec.Codec as a test: broken says how the codec breaks it.
type law[T any] struct {
	name   string
	rule   string // the sentence that explains a violation
	broken func(codec.Codec[T], sample[T]) error
}

func laws[T any]() []law[T] {
	return []law[T]{
		{"usable", "Check finds nothing wrong, and the codec has one name.", usable[T]},
		{"round trip", "Decode of what Encode gave returns an equal value.", roundTrip[T]},
		{"whole", "A codec has read the whole of what it wrote itself.", whole[T]},
		{"deterministic", "Equal values give equal payloads.", deterministic[T]},
		{"unshared", "A decoded value shares no memory with any other.", unshared[T]},
		{"concurrent", "A codec is used by many goroutines at once.", concurrent[T]},
		{"hostile", "What cannot be read is an error, never a panic; what can be read whole can be written.", hostile[T]},
		{"discreet", "An error does not quote the payload.", discreet[T]},
	}
}
