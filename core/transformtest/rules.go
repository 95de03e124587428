package transformtest

import (
	"bytes"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/satchel-go/satchel/core"
)

var rules = []rule{
	{"round trip", "In gives back exactly what Out was given.", false, roundTrip},
	{"appends", "Out and In append their result to dst and return the extended slice.", false, appends},
	{"overhead", "Overhead is the most that Out makes src longer, or Size says how long.", false, overhead},
	{"pure", "The same arguments give the same result.", false, pure},
	{"leaves alone", "Neither src nor entropy is written.", false, leavesAlone},
	{"keeps nothing", "Neither src nor entropy nor dst is kept: what happens to them later changes nothing.", false, keepsNothing},
	{"entropy", "Each byte of the entropy that is asked for makes a difference.", false, entropy},
	{"hostile", "In refuses or accepts whatever arrives: it does not panic, and what it gives and allocates is bounded.", false, hostile},
	{"comparable", "A transform is comparable.", false, equalsItself},
	{"concurrent", "Many goroutines use a transform at once.", false, concurrent},
	{"every bit", "A transform that authenticates refuses its output with any bit changed, cut or grown.", true, everyBit},
	{"every field", "A transform that authenticates binds kind, purpose, audience, tenant and version, each with its length.", true, everyField},
}

func roundTrip(p probe, d draw) string {
	back, refusal := p.x.In(d.frame, nil, p.out(d, nil))
	if refusal != core.NotRefused || !bytes.Equal(back, d.src) {
		return fmt.Sprintf("%d bytes came back as %d (%v)", len(d.src), len(back), refusal)
	}
	return ""
}

func appends(p probe, d draw) string {
	plain := p.out(d, nil)
	for _, room := range []int{0, 1, 1000} {
		dst := append(make([]byte, 0, 3+room), "dst"...)
		if out := p.out(d, dst); string(out) != "dst"+string(plain) {
			return "Out did something else to dst"
		}
		if in, refusal := p.x.In(d.frame, dst, plain); refusal != core.NotRefused || string(in) != "dst"+string(d.src) {
			return "In did something else to dst"
		}
	}
	return ""
}

func overhead(p probe, d draw) string {
	limit := core.Chain{p.x}.Size(len(d.src))
	if got := len(p.out(d, nil)); got > limit {
		return fmt.Sprintf("%d bytes became %d, over %d", len(d.src), got, limit)
	}
	return ""
}

func pure(p probe, d draw) string {
	if !bytes.Equal(p.out(d, nil), p.out(d, nil)) {
		return "two results differ"
	}
	return ""
}

func leavesAlone(p probe, d draw) string {
	before := draw{src: bytes.Clone(d.src), entropy: bytes.Clone(d.entropy)}
	out := p.out(d, nil)
	if !bytes.Equal(d.src, before.src) || !bytes.Equal(d.entropy, before.entropy) {
		return "Out wrote its input"
	}
	kept := bytes.Clone(out)
	if _, refusal := p.x.In(d.frame, nil, out); refusal != core.NotRefused || !bytes.Equal(out, kept) {
		return "In wrote its input"
	}
	return ""
}

func keepsNothing(p probe, d draw) string {
	mine := draw{frame: d.frame, entropy: bytes.Clone(d.entropy), src: bytes.Clone(d.src)}
	out := p.out(mine, nil)
	want := bytes.Clone(out)
	spoil(mine.src, mine.entropy)
	if !bytes.Equal(out, want) {
		return "the result shares memory with src or entropy"
	}
	back, _ := p.x.In(d.frame, nil, out)
	spoil(out)
	if !bytes.Equal(back, d.src) {
		return "what In gave shares memory with its input"
	}
	spoil(back)
	if !bytes.Equal(p.out(d, nil), want) {
		return "a later result depends on memory of an earlier one"
	}
	return ""
}

func spoil(all ...[]byte) {
	for _, b := range all {
		for i := range b {
			b[i] ^= 0xff
		}
	}
}

func entropy(p probe, d draw) string {
	want := p.out(d, nil)
	for i := range d.entropy {
		d.entropy[i] ^= 1
		if bytes.Equal(p.out(d, nil), want) {
			return fmt.Sprintf("byte %d of %d makes no difference", i, len(d.entropy))
		}
		d.entropy[i] ^= 1
	}
	return ""
}

func hostile(p probe, d draw) string {
	out := p.out(d, nil)
	tries := append([][]byte{d.src, d.noise, slices.Concat(out, d.noise)}, p.Hostile...)
	for i, b := range d.noise {
		if len(out) > 0 {
			out[(i*31+int(b))%len(out)] = b
			tries = append(tries, bytes.Clone(out[:(i*17+int(b))%(len(out)+1)]))
		}
	}
	return p.bounded(d.frame, tries)
}

// bounded says what is out of bounds when In meets what is tried. Allocation is looked at for all together, because a look
// stops the world.
func (p probe) bounded(f core.Frame, tries [][]byte) string {
	var before, after runtime.MemStats
	limit := uint64(0)
	runtime.ReadMemStats(&before)
	for _, in := range tries {
		out, refusal := p.x.In(f, nil, in)
		if refusal == core.NotRefused && len(out) > p.MaxOut {
			return fmt.Sprintf("%d bytes became %d, over %d", len(in), len(out), p.MaxOut)
		}
		limit += uint64(8*p.MaxOut + 64*len(in))
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > limit {
		return fmt.Sprintf("%d inputs cost an allocation of %d, over %d", len(tries), took, limit)
	}
	return ""
}

func equalsItself(p probe, _ draw) string {
	if !slices.Contains(core.Chain{p.x}, p.x) {
		return "it does not equal itself"
	}
	return ""
}

func concurrent(p probe, d draw) string {
	want := p.out(d, nil)
	faults := make([]string, 4)
	var done sync.WaitGroup
	for i := range faults {
		done.Go(func() {
			out, err := p.x.Out(d.frame, d.entropy, nil, d.src)
			if back, refusal := p.x.In(d.frame, nil, want); err != nil || !bytes.Equal(out, want) ||
				refusal != core.NotRefused || !bytes.Equal(back, d.src) {
				faults[i] = "the results of goroutines differ"
			}
		})
	}
	done.Wait()
	return slices.Max(faults)
}

func everyBit(p probe, d draw) string {
	out := p.out(d, nil)
	for i := range 8 * len(out) {
		out[i/8] ^= 1 << (i % 8)
		if _, refusal := p.x.In(d.frame, nil, out); refusal == core.NotRefused {
			return fmt.Sprintf("bit %d of byte %d of %d can be changed", i%8, i/8, len(out))
		}
		out[i/8] ^= 1 << (i % 8)
	}
	for _, other := range [][]byte{nil, out[:len(out)-1], append(out, 0)} {
		if _, refusal := p.x.In(d.frame, nil, other); refusal == core.NotRefused {
			return fmt.Sprintf("%d bytes of %d are accepted", len(other), len(out))
		}
	}
	return ""
}

func everyField(p probe, d draw) string {
	out := p.out(d, nil)
	others := map[string]func(*core.Frame){
		"kind":     func(f *core.Frame) { f.Kind += "x" },
		"purpose":  func(f *core.Frame) { f.Purpose += "x" },
		"audience": func(f *core.Frame) { f.Audience += "x" },
		"tenant":   func(f *core.Frame) { f.Tenant += "x" },
		"version":  func(f *core.Frame) { f.Version++ },
		"border of audience and tenant": func(f *core.Frame) {
			f.Audience, f.Tenant = f.Audience+f.Tenant, ""
			if d.frame.Tenant == "" { // then nothing has moved
				f.Tenant = "x"
			}
		},
	}
	for _, name := range slices.Sorted(maps.Keys(others)) {
		f := d.frame
		others[name](&f)
		if _, refusal := p.x.In(f, nil, out); refusal == core.NotRefused {
			return "it is accepted with another " + name
		}
	}
	return ""
}
