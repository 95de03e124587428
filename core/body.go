package core

import (
	"encoding/base64"
	"encoding/binary"
)

// Family is what all tokens of one session share, through rotation and renewal. It is no secret: it opens nothing.
type Family [16]byte

// Handle is the public name of one session, for lists, logs and administration; it is useless as a token.
type Handle string

// Handle returns the family's public name: its 22 characters of base64url.
func (f Family) Handle() Handle { return Handle(base64.RawURLEncoding.EncodeToString(f[:])) }

// body is what a record or a payload token says: a session's state, or, as a tombstone, where it went.
type body struct {
	Family        Family
	Created       int64  // instant
	Authenticated int64  // instant of the last sign-in; with Subject
	Subject       string // whose session it is, or ""
	Payload       string // the codec's output

	Dead      bool // a tombstone: the session went on under Successor
	Successor Key
}

// started is the instant from which the absolute lifetime runs.
func (b *body) started() int64 { return max(b.Created, b.Authenticated) }

// The layout, specified in SPEC.md section 4: version, flags, family, then by flag.
const (
	versionBody = 1

	flagSubject   = 1 << 0
	flagTombstone = 1 << 7

	bodyHead = 2 + len(Family{})
	instant  = 6 // bytes of an instant
)

// maxSubject is the longest subject in bytes.
const maxSubject = 255

// size returns the number of bytes that append adds.
func (b *body) size() int {
	switch {
	case b.Dead:
		return bodyHead + len(b.Successor)
	case b.Subject != "":
		return bodyHead + instant + instant + 1 + len(b.Subject) + len(b.Payload)
	}
	return bodyHead + instant + len(b.Payload)
}

func (b *body) append(dst []byte) []byte {
	flags := byte(0)
	switch {
	case b.Dead:
		flags = flagTombstone
	case b.Subject != "":
		flags = flagSubject
	}
	dst = append(dst, versionBody, flags)
	dst = append(dst, b.Family[:]...)
	if b.Dead {
		return append(dst, b.Successor...)
	}
	dst = appendInstant(dst, b.Created)
	if b.Subject != "" {
		dst = appendInstant(dst, b.Authenticated)
		dst = append(dst, byte(len(b.Subject)))
		dst = append(dst, b.Subject...)
	}
	return append(dst, b.Payload...)
}

func (b *body) text() string { return string(b.append(make([]byte, 0, b.size()))) }

// Successor returns the key of the record that a session went on under, if r is what a rotation left in its place. The shell
// follows it where a session is to end.
func Successor(r Record) (Key, bool) {
	b, ok := parseBody(r.Body)
	return b.Successor, ok && b.Dead
}

// parseBody reads what append wrote. It is handed authentic text only; what it refuses is of a newer program or damaged.
func parseBody(s string) (b body, ok bool) {
	if len(s) < bodyHead || s[0] != versionBody {
		return body{}, false
	}
	flags := s[1]
	copy(b.Family[:], s[2:bodyHead])
	s = s[bodyHead:]
	switch flags {
	case flagTombstone:
		if len(s) != keySize {
			return body{}, false
		}
		b.Dead, b.Successor = true, Key(s)
		return b, true
	case 0:
		if b.Created, b.Payload, ok = cutInstant(s); !ok {
			return body{}, false
		}
		return b, true
	case flagSubject:
		if b.Created, s, ok = cutInstant(s); !ok {
			return body{}, false
		}
		if b.Authenticated, s, ok = cutInstant(s); !ok || s == "" {
			return body{}, false
		}
		n := int(s[0])
		if s = s[1:]; n == 0 || len(s) < n {
			return body{}, false
		}
		b.Subject, b.Payload = s[:n], s[n:]
		return b, true
	}
	return body{}, false
}

func appendInstant(dst []byte, t int64) []byte {
	return append(binary.BigEndian.AppendUint16(dst, uint16(t>>32)), byte(t>>24), byte(t>>16), byte(t>>8), byte(t))
}

func cutInstant(s string) (t int64, rest string, ok bool) {
	if len(s) < instant {
		return 0, s, false
	}
	for i := range instant {
		t = t<<8 | int64(s[i])
	}
	return t, s[instant:], true
}
