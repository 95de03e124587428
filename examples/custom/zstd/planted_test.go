package zstd_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/satchel-go/satchel/core"
	mine "github.com/satchel-go/satchel/examples/custom/zstd"
)

// variable names the planted fault of a process.
const variable = "SATCHEL_EXAMPLE_PLANTED"

// planted are transforms with a fault each, and what the kit says to it.
var planted = map[string]struct {
	in    func(dst, src []byte) ([]byte, core.Refusal, bool) // false: as the right one
	out   func(dst, src []byte) ([]byte, bool)
	found string
}{
	"expands to more than its limit": {in: func(dst, src []byte) ([]byte, core.Refusal, bool) {
		if len(src) < 2 || src[0] != 1 {
			return nil, 0, false
		}
		d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(4*limit))
		if err != nil {
			return dst, core.Malformed, true
		}
		defer d.Close()
		out, err := d.DecodeAll(src[1:], nil)
		if err != nil {
			return dst, core.Malformed, true
		}
		return append(dst, out...), core.NotRefused, true
	}, found: "what it gives and allocates is bounded."},
	"writes over what is there": {out: func(dst, src []byte) ([]byte, bool) { return append(append(dst[:0], 0), src...), true }, found: "Out and In append their result to dst and return the extended slice."},
	"adds a byte of its own": {out: func(dst, src []byte) ([]byte, bool) {
		return append(append(append(dst, 0), src...), 0), true
	}, found: "In gives back exactly what Out was given."},
}

// The ten lines of TestTransform find each of these faults, and name the rule that it breaks. A kit fails the test that calls it, so each is found in a process
// of its own.
func TestPlantedFaultsAreFound(t *testing.T) {
	for name, fault := range planted {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTransform$", "-rapid.nofailfile", "-test.timeout=60s")
			cmd.Env = append(os.Environ(), variable+"="+name)
			said, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(said), fault.found) || strings.Contains(string(said), "panic:") {
				t.Errorf("%v\n%.3000s\nwant %q", err, said, fault.found)
			}
		})
	}
}

// bent is the transform with one thing wrong.
type bent struct {
	*mine.Transform

	name string
}

func (b bent) Out(f core.Frame, entropy, dst, src []byte) ([]byte, error) {
	if fault := planted[b.name]; fault.out != nil {
		if out, done := fault.out(dst, src); done {
			return out, nil
		}
	}
	return b.Transform.Out(f, entropy, dst, src)
}

func (b bent) In(f core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	if fault := planted[b.name]; fault.in != nil {
		if out, refusal, done := fault.in(dst, src); done {
			return out, refusal
		}
	}
	return b.Transform.In(f, dst, src)
}

// underTest is the transform, or in a process that was started for it a planted one.
func underTest(x *mine.Transform) core.Transform {
	if name := os.Getenv(variable); name != "" {
		return bent{x, name}
	}
	return x
}
