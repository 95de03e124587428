package ktor

import (
	"bytes"
	"encoding/base64"
	"errors"
	"time"

	"github.com/satchel-go/satchel/core"
)

// Migrating returns the transform that reads tokens of Ktor's chain old until an instant, and writes tokens of to, such as
// crypto.Seal of a ring. A chain holds it alone. Nobody is logged out by the change, and once it writes Ktor cannot read: so it
// is for when the last Ktor node has gone, or for a cookie that only Go writes.
//
// Which reader a token is for follows from its syntax, before any key is touched, and no reader is tried after another. The new
// ones are base64url without padding (RFC 4648, section 5), trailing bits zero. The old ones hold a "/", which that alphabet
// lacks: so old must end with a transformer of this package.
//
// Of a new token to's own refusals hold; from the instant on an old one is refused as core.UnknownVersion, and left in place.
func Migrating(old core.Chain, until time.Time, to core.Transform) (core.Transform, error) {
	switch {
	case len(old) == 0 || to == nil:
		return nil, errors.New("ktor: migrating needs an old chain and a new transform")
	case until.IsZero():
		return nil, errors.New("ktor: migrating needs an end")
	}
	if _, ok := old[len(old)-1].(interface{ writesSlash() }); !ok {
		return nil, errors.New("ktor: the last transform of the old chain is none of Ktor's, so its tokens cannot be told apart")
	}
	return &migration{old: append(core.Chain(nil), old...), until: until.UnixMilli(), to: to}, nil
}

type migration struct {
	old   core.Chain
	until int64 // Unix milliseconds
	to    core.Transform
}

var base64url = base64.RawURLEncoding.Strict()

// String returns the transformer's name.
func (*migration) String() string { return "ktor migrating" }

func (m *migration) Entropy() int { return m.to.Entropy() }

// Size returns the most bytes that Out makes of n.
func (m *migration) Size(n int) int { return base64url.EncodedLen(n + m.to.Overhead()) }

// Overhead returns how much longer the token of an ID of 64 characters is at the most. Of longer input Size says it.
func (m *migration) Overhead() int { return m.Size(64) - 64 }

func (m *migration) Out(f core.Frame, entropy, dst, src []byte) ([]byte, error) {
	raw, err := m.to.Out(ours(f), entropy, nil, src)
	if err != nil {
		return dst, err
	}
	return base64url.AppendEncode(dst, raw), nil
}

func (m *migration) In(f core.Frame, dst, src []byte) ([]byte, core.Refusal) {
	if bytes.IndexByte(src, '/') >= 0 {
		if f.Now >= m.until {
			return dst, core.UnknownVersion
		}
		return m.old.In(f, dst, src)
	}
	if bytes.ContainsAny(src, "\r\n") { // which Go's decoder skips
		return dst, core.Malformed
	}
	raw, err := base64url.AppendDecode(nil, src)
	if err != nil {
		return dst, core.Malformed
	}
	return m.to.In(ours(f), dst, raw)
}

// ours returns the frame with a purpose of its own. What is sealed here is the application's text, and if it verified as a native
// token of the same kind and keyring, an application's user could write the envelope that a native token has inside.
func ours(f core.Frame) core.Frame {
	f.Purpose = "ktor " + f.Purpose
	return f
}
