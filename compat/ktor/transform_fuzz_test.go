package ktor

import (
	"bytes"
	"crypto/hmac"
	"encoding/hex"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
)

// FuzzTransforms reads any bytes with every transform, and writes any. What is read was written: it is written again to the same bytes, but for
// what Ktor reads in more than one spelling. What one has written no other reads, nor does the same once a bit of it is changed, but for the
// IV, which no MAC covers. What is refused gives nothing, and what it costs is in proportion.
func FuzzTransforms(f *testing.F) {
	for i, seed := range []string{k2Token, k3Token, k4Token, "666/c2d4", "", "/", ":", "a/b/c:d", "INVALID"} {
		f.Add([]byte(seed), int64(0), uint8(i), uint16(7*i))
		f.Add([]byte(seed), int64(20), uint8(3*i), uint16(300*i))
		f.Add(bytes.ToUpper([]byte(seed)), int64(20), uint8(i+12), uint16(5))
	}
	all := append(allTransforms(f), k2(f, time.UnixMilli(10)))
	value := []byte("value/of:15 by.")
	for i, tr := range all {
		text, err := tr.Out(core.Frame{}, make([]byte, tr.Entropy()), nil, value)
		if err != nil {
			f.Fatal(err)
		}
		end := bytes.LastIndexAny(text, "/:")           // before the tag
		f.Add(value, int64(20), uint8(i), uint16(8*31)) // of an IV, which the only block's padding hangs on
		f.Add(text, int64(20), uint8(i), uint16(8*40))
		f.Add(append(text[:end:end], bytes.ToUpper(text[end:])...), int64(20), uint8(i), uint16(3))
		f.Add(append(bytes.ToUpper(text[:end]), text[end:]...), int64(20), uint8(i), uint16(3))
		f.Add(append(text, '0'), int64(20), uint8(i), uint16(0))
		f.Add(append(text, '0', '0'), int64(20), uint8(i), uint16(0))
	}
	f.Fuzz(func(t *testing.T, text []byte, now int64, from uint8, bit uint16) {
		frame := core.Frame{Now: now}
		need.AtMost(t, uint64(len(all)*(8<<10+32*len(text))), func() {
			for _, tr := range all {
				value, refusal := tr.In(frame, nil, text)
				if refusal != core.NotRefused && len(value) > 0 {
					t.Errorf("%v: %v gives %q", tr, refusal, value)
				}
				if refusal == core.NotRefused && !spells(t, tr, now, value, text) {
					t.Errorf("%v: %q is read as %q, which is not written like it", tr, text, value)
				}
			}
		})
		writes(t, all, int(from)%len(all), frame, text, int(bit))
	})
}

// spells reports whether a transform writes value as text.
func spells(t *testing.T, tr core.Transform, now int64, value, text []byte) bool {
	t.Helper()
	c, isEncryption := tr.(*encryption)
	if !isEncryption {
		again := []byte(out(t, tr, nil, string(value)))
		if tr.(*tagged).strict {
			return bytes.Equal(again, text)
		}
		return bytes.HasPrefix(text, value) && len(text)-len(again) <= 1 && len(text) >= len(again) && bytes.EqualFold(again, text[:len(again)])
	}
	iv, err := hex.DecodeString(string(text[:32]))
	if err != nil {
		return false
	}
	again := []byte(out(t, tr, iv, string(value)))
	colon := bytes.LastIndexByte(again, ':')
	if !bytes.EqualFold(again[:colon], text[:min(colon, len(text))]) {
		return false
	}
	if bytes.Equal(again[colon:], text[colon:]) {
		return true
	}
	old := hmac.New(c.sign.make(), c.signKey) // before 3.0.0 the MAC was of the plaintext
	old.Write(value)
	return now < c.oldUntil && string(text[colon:]) == ":"+hex.EncodeToString(old.Sum(nil))
}

// writes has one transform write a value, and every one read that.
func writes(t *testing.T, all core.Chain, at int, frame core.Frame, value []byte, bit int) {
	t.Helper()
	tr := all[at]
	_, isEncryption := tr.(*encryption)
	made, err := tr.Out(frame, bytes.Repeat([]byte{byte(bit)}, tr.Entropy()), []byte("kept"), value)
	if err != nil || !bytes.HasPrefix(made, []byte("kept")) {
		t.Fatalf("%v: %q, %v", tr, made, err)
	}
	made = made[len("kept"):]
	for i, other := range all {
		got, refusal := other.In(frame, []byte("kept"), made)
		_, both := other.(*encryption)
		switch {
		case i == at && (refusal != core.NotRefused || string(got) != "kept"+string(value)):
			t.Errorf("%v: %q is written as %q, and read as %q, %v", tr, value, made, got, refusal)
		case i != at && refusal == core.NotRefused && (!isEncryption || !both): // those here share their MAC's key
			t.Errorf("%v: what %v wrote, %q, is read as %q", other, tr, made, got)
		}
	}
	changed := bytes.Clone(made)
	where := bit / 8 % len(changed)
	changed[where] ^= 1 << (bit % 8)
	got, refusal := tr.In(frame, nil, changed)
	if refusal == core.NotRefused && !spells(t, tr, frame.Now, got, changed) {
		t.Errorf("%v: %q is read as %q, which is not written like it", tr, changed, got)
	}
	if refusal == core.NotRefused && (!bytes.EqualFold(made, changed) || !bytes.Equal(got, value)) && (!isEncryption || where >= 32) {
		t.Errorf("%v: %q, in which bit %d of byte %d is another, is read as %q", tr, changed, bit%8, where, got)
	}
}
