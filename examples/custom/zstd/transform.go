// Package zstd is a transform of a user's own: it makes long payloads shorter before they are sealed.
//
// What is compressed tells by its length what it holds. Where an attacker can put text beside a secret in one payload, and sees how long
// the token gets, the secret can be guessed piece by piece (CRIME, BREACH); sealing hides nothing of that. Compress only what holds no
// secret, or nothing of anybody else's.
package zstd

import (
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/satchel-go/satchel/core"
)

// Transform compresses by Zstandard (RFC 8878). It is made once and used by many goroutines at once; one that is made anew is another one.
type Transform struct {
	limit   int
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

// The first byte says how the rest is spelled: short texts only get longer by compressing.
const (
	plain      = 0
	compressed = 1
)

// worthwhile is from how many bytes on compressing pays.
const worthwhile = 1024

// New returns a transform of payloads of at most limit bytes.
func New(limit int) (*Transform, error) {
	if limit < 1 || limit > 64<<20 {
		return nil, fmt.Errorf("zstd: a limit of %d bytes, outside 1 to 64 MiB", limit)
	}
	// One segment states its whole size in its head, so that nothing is decompressed to find out. A window is never larger than that.
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithSingleSegment(true), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	// An 11 KB frame can expand to 100 MB. The memory's limit stops a frame that states so, and the limit to the room that it is given
	// one that does not.
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(max(limit, 1<<10))),
		zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return &Transform{limit, e, d}, nil
}

// Entropy is none.
func (*Transform) Entropy() int { return 0 }

// Overhead is the one byte: what compressing would make longer stays as it is.
func (*Transform) Overhead() int { return 1 }

// String returns the name that transcripts have.
func (*Transform) String() string { return "zstd" }

// Out compresses what is long enough, if that makes it shorter.
func (t *Transform) Out(_ core.Frame, _, dst, src []byte) ([]byte, error) {
	if len(src) > t.limit {
		return dst, fmt.Errorf("zstd: %d bytes, over the limit of %d", len(src), t.limit)
	}
	if len(src) >= worthwhile {
		start := len(dst)
		out := t.encoder.EncodeAll(src, append(dst, compressed))
		if len(out)-start <= len(src) {
			return out, nil
		}
	}
	return append(append(dst, plain), src...), nil
}

// In gives back what Out was given. It takes as much memory as the frame says that it needs, if that is within the limit, and refuses a frame
// that does not say it or says it wrongly.
func (t *Transform) In(_ core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	if len(src) == 0 || len(src)-1 > t.limit {
		return dst, core.Malformed
	}
	how, src := src[0], src[1:]
	if how == plain {
		return append(dst, src...), core.NotRefused
	}
	var head zstd.Header
	if how != compressed || head.Decode(src) != nil || head.Skippable || !head.HasFCS || head.FrameContentSize > uint64(t.limit) {
		return dst, core.Malformed
	}
	out, err := t.decoder.DecodeAll(src, make([]byte, 0, head.FrameContentSize))
	if err != nil || uint64(len(out)) != head.FrameContentSize {
		return dst, core.Malformed
	}
	return append(dst, out...), core.NotRefused
}
