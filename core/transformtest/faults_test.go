package transformtest

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/satchel-go/satchel/core"
)

// tagged is a sound transform: an entropy byte, the source, and a weak tag of it and of the frame, enough for these tests.
type tagged struct{}

func (tagged) Entropy() int  { return 1 }
func (tagged) Overhead() int { return 9 }

func tag(f core.Frame, b []byte) []byte {
	h := uint64(14695981039346656037)
	mix := func(b []byte) {
		for _, c := range append([]byte{byte(len(b)), byte(len(b) >> 8)}, b...) {
			h = (h ^ uint64(c)) * 1099511628211
		}
	}
	for _, field := range []string{f.Kind, string(f.Purpose), f.Audience, f.Tenant, string(rune(f.Version))} {
		mix([]byte(field))
	}
	mix(b)
	return []byte{byte(h >> 56), byte(h >> 48), byte(h >> 40), byte(h >> 32), byte(h >> 24), byte(h >> 16), byte(h >> 8), byte(h)}
}

func (tagged) Out(f core.Frame, entropy, dst, src []byte) ([]byte, error) {
	body := append(bytes.Clone(entropy[:1]), src...)
	return append(append(dst, body...), tag(f, body)...), nil
}

func (tagged) In(f core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	if len(src) < 9 {
		return dst, core.Malformed
	}
	body := src[:len(src)-8]
	if !bytes.Equal(tag(f, body), src[len(src)-8:]) {
		return dst, core.Forged
	}
	return append(dst, body[1:]...), core.NotRefused
}

// bent is tagged with one thing wrong.
type bent struct {
	tagged
	out func(f core.Frame, entropy, dst, src []byte) ([]byte, error)
	in  func(f core.Frame, dst, src []byte) ([]byte, core.Refusal)
}

func (b *bent) Out(f core.Frame, entropy, dst, src []byte) ([]byte, error) {
	if b.out != nil {
		return b.out(f, entropy, dst, src)
	}
	return b.tagged.Out(f, entropy, dst, src)
}

func (b *bent) In(f core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	if b.in != nil {
		return b.in(f, dst, src)
	}
	return b.tagged.In(f, dst, src)
}

// longer says that it adds nothing.
type longer struct{ tagged }

func (longer) Overhead() int { return 0 }

// uncomparable cannot be compared.
type uncomparable struct {
	tagged
	_ []int
}

// Each rule is broken by a planted fault, and the sound transform breaks none.
func TestRulesCanFail(t *testing.T) {
	sound := tagged{}
	var last []byte
	calls := 0
	faults := map[string]core.Transform{
		"round trip": &bent{in: func(f core.Frame, dst, src []byte) ([]byte, core.Refusal) {
			out, refusal := sound.In(f, dst, src)
			return out[:max(len(dst), len(out)-1)], refusal
		}},
		"appends":  &bent{in: func(f core.Frame, _, src []byte) ([]byte, core.Refusal) { return sound.In(f, nil, src) }},
		"overhead": longer{},
		"pure": &bent{out: func(f core.Frame, _, dst, src []byte) ([]byte, error) {
			calls++
			return sound.Out(f, []byte{byte(calls)}, dst, src)
		}},
		"leaves alone": &bent{out: func(f core.Frame, entropy, dst, src []byte) ([]byte, error) {
			out, err := sound.Out(f, entropy, dst, src)
			entropy[0]++
			return out, err
		}},
		"keeps nothing": &bent{in: func(f core.Frame, dst, src []byte) ([]byte, core.Refusal) {
			out, refusal := sound.In(f, nil, src)
			if refusal == core.NotRefused && len(dst) == 0 {
				return src[1 : 1+len(out)], refusal
			}
			return append(dst, out...), refusal
		}},
		"entropy": &bent{out: func(f core.Frame, _, dst, src []byte) ([]byte, error) {
			return sound.Out(f, []byte{7}, dst, src)
		}},
		"hostile": &bent{in: func(f core.Frame, dst, src []byte) ([]byte, core.Refusal) {
			last = make([]byte, 1<<25)
			return sound.In(f, dst, src)
		}},
		"comparable": uncomparable{},
		"concurrent": &bent{out: func(f core.Frame, entropy, dst, src []byte) ([]byte, error) {
			if len(src) > 5 {
				panic("two at once")
			}
			return sound.Out(f, entropy, dst, src)
		}},
		"every bit": &bent{in: func(_ core.Frame, dst, src []byte) ([]byte, core.Refusal) {
			if len(src) < 9 {
				return dst, core.Malformed
			}
			return append(dst, src[1:len(src)-8]...), core.NotRefused
		}},
		"every field": &bent{
			out: func(f core.Frame, entropy, dst, src []byte) ([]byte, error) {
				return sound.Out(core.Frame{Kind: f.Kind}, entropy, dst, src)
			},
			in: func(f core.Frame, dst, src []byte) ([]byte, core.Refusal) {
				return sound.In(core.Frame{Kind: f.Kind}, dst, src)
			},
		},
	}
	_ = last
	for _, r := range rules {
		if faults[r.name] == nil {
			t.Errorf("%s: no fault is planted", r.name)
			continue
		}
		if !breaks(r, faults[r.name]) {
			t.Errorf("%s: the planted fault is not found", r.name)
		}
		if breaks(r, sound) {
			t.Errorf("%s: a sound transform breaks it", r.name)
		}
	}
}

// breaks reports whether any of a hundred draws breaks a rule.
func breaks(r rule, x core.Transform) bool {
	p := Config{Authenticates: true}.probe(x)
	draws := rapid.Custom(func(t *rapid.T) draw { return drawn(t, x) })
	return slices.ContainsFunc(make([]struct{}, 100), func(struct{}) bool { return r.broken(p, draws.Example()) != "" })
}
