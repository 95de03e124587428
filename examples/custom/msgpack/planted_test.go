package msgpack_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/examples/custom/msgpack"
)

// variable names the planted fault of a process.
const variable = "SATCHEL_EXAMPLE_PLANTED"

// planted are codecs with a fault each, and what the kit says to it.
var planted = map[string]struct {
	bent  codec.Codec[cart]
	found string
}{
	"forgets a field": {bent{decode: func(c cart) cart {
		c.Gift = nil
		return c
	}}, "Decode of what Encode gave returns an equal value."},
	"reads all but the last byte": {bent{read: func(payload string) string { return payload[:max(len(payload), 1)-1] }}, "A codec has read the whole of what it wrote itself."},
	"spells by a counter":         {bent{counts: new(int)}, "Equal values give equal payloads."},
}

// The ten lines of TestCodec find each of these faults, and name the rule that it breaks. A kit fails the test that calls it, so each is found in a process
// of its own.
func TestPlantedFaultsAreFound(t *testing.T) {
	for name, fault := range planted {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCodec$", "-rapid.nofailfile", "-test.timeout=60s")
			cmd.Env = append(os.Environ(), variable+"="+name)
			said, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(said), fault.found) || strings.Contains(string(said), "panic:") {
				t.Errorf("%v\n%.3000s\nwant %q", err, said, fault.found)
			}
		})
	}
}

// bent is the codec with one thing wrong.
type bent struct {
	decode func(cart) cart
	read   func(string) string
	counts *int
}

func (b bent) Name() string { return "bent" }

func (b bent) Encode(c cart) (string, error) {
	if b.counts != nil { // its second payload of a value is another one
		*b.counts++
		c.Total += int64(*b.counts)
	}
	return msgpack.New[cart]().Encode(c)
}

func (b bent) Decode(payload string) (cart, error) {
	if b.read != nil {
		payload = b.read(payload)
	}
	c, err := msgpack.New[cart]().Decode(payload)
	if b.decode != nil {
		c = b.decode(c)
	}
	return c, err
}

// underTest is the codec, or in a process that was started for it a planted one.
func underTest() codec.Codec[cart] {
	if fault, ok := planted[os.Getenv(variable)]; ok {
		return fault.bent
	}
	return msgpack.New[cart]()
}
