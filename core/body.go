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

// body is what a record or a payload token says: a session's state, or where it went.
type body struct {
	Family  Family
	Created int64  // instant
	Payload string // the codec's output

	Authenticated int64  // instant of the last sign-in; with Subject
	Subject       string // whose session it is, or ""
	Methods       string // how the subject was authenticated; with Subject
	Level         uint8  // how sure the sign-in was, as the application ranks it; with Subject
	Gone          gone   // no session, but where it went

	Idle, Absolute int64 // milliseconds: this session's own lifetimes, 0 for its kind's
	Issued         int64 // instant at which this token was made, where tokens are renewed
	Adopted        int64 // instant at which it was first seen, or 0; with Issued
	Everyone       int64 // the epoch of everyone at its beginning, where epochs are kept
	Epoch          int64 // the epoch of its subject at its sign-in
	Serial         uint64

	Successor Key
	Hidden    string // with Renewed: the successor's ID, hidden under the old one
}

// gone is how a session left a record.
type gone uint8

const (
	here    gone = iota
	rotated      // a tombstone: the old token is dead
	renewed      // a pointer: the old token still leads to the successor
)

// started is the instant from which the absolute lifetime runs.
func (b *body) started() int64 { return max(b.Created, b.Authenticated) }

// The layout, specified in SPEC.md section 4: version, flags, family, then a part for each flag in the order of the flags,
// and the payload.
const (
	versionBody = 1

	flagSubject   = 1 << 0
	flagAssurance = 1 << 1
	flagLimits    = 1 << 2
	flagRenewal   = 1 << 3
	flagEpochs    = 1 << 4
	flagSerial    = 1 << 5
	flagPointer   = 1 << 6 // alone
	flagTombstone = 1 << 7 // alone

	bodyHead = 2 + len(Family{})
	instant  = 6 // bytes of an instant
)

// maxSubject is the longest subject in bytes, and maxMethods the longest list of methods.
const (
	maxSubject = 255
	maxMethods = 255
)

func (b *body) flags() (f byte) {
	for _, part := range [...]struct {
		flag  byte
		there bool
	}{
		{flagSubject, b.Subject != ""},
		{flagAssurance, b.Level != 0 || b.Methods != ""},
		{flagLimits, b.Idle != 0 || b.Absolute != 0},
		{flagRenewal, b.Issued != 0},
		{flagEpochs, b.Everyone != 0 || b.Epoch != 0},
		{flagSerial, b.Serial != 0},
	} {
		if part.there {
			f |= part.flag
		}
	}
	return f
}

// size returns the number of bytes that append adds.
func (b *body) size() int {
	switch b.Gone {
	case rotated:
		return bodyHead + len(b.Successor)
	case renewed:
		return bodyHead + len(b.Successor) + len(b.Hidden)
	}
	f, n := b.flags(), bodyHead+instant+len(b.Payload)
	if f&flagSubject != 0 {
		n += instant + 1 + len(b.Subject)
	}
	if f&flagAssurance != 0 {
		n += 2 + len(b.Methods)
	}
	for _, flag := range [...]byte{flagLimits, flagRenewal, flagEpochs} {
		if f&flag != 0 {
			n += 2 * instant
		}
	}
	if f&flagSerial != 0 {
		n += 8
	}
	return n
}

func (b *body) append(dst []byte) []byte {
	head := func(flags byte) { dst = append(append(dst, versionBody, flags), b.Family[:]...) }
	switch b.Gone {
	case rotated:
		head(flagTombstone)
		return append(dst, b.Successor...)
	case renewed:
		head(flagPointer)
		return append(append(dst, b.Successor...), b.Hidden...)
	}
	f := b.flags()
	head(f)
	dst = appendInstant(dst, b.Created)
	if f&flagSubject != 0 {
		dst = appendInstant(dst, b.Authenticated)
		dst = append(append(dst, byte(len(b.Subject))), b.Subject...)
	}
	if f&flagAssurance != 0 {
		dst = append(append(dst, b.Level, byte(len(b.Methods))), b.Methods...)
	}
	if f&flagLimits != 0 {
		dst = appendInstant(appendInstant(dst, b.Idle), b.Absolute)
	}
	if f&flagRenewal != 0 {
		dst = appendInstant(appendInstant(dst, b.Issued), b.Adopted)
	}
	if f&flagEpochs != 0 {
		dst = appendInstant(appendInstant(dst, b.Everyone), b.Epoch)
	}
	if f&flagSerial != 0 {
		dst = binary.BigEndian.AppendUint64(dst, b.Serial)
	}
	return append(dst, b.Payload...)
}

func (b *body) text() string { return string(b.append(make([]byte, 0, b.size()))) }

// Successor returns the key of the record that a session went on under, if r is what a rotation or renewal left in its
// place. The shell follows it where a session is to end.
func Successor(r Record) (Key, bool) {
	b, ok := parseBody(r.Body)
	return b.Successor, ok && b.Gone != here
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
		b.Gone, b.Successor = rotated, Key(s)
		return b, true
	case flagPointer:
		if len(s) != keySize+idSize {
			return body{}, false
		}
		b.Gone, b.Successor, b.Hidden = renewed, Key(s[:keySize]), s[keySize:]
		return b, true
	}
	if flags&(flagTombstone|flagPointer) != 0 || flags&flagAssurance != 0 && flags&flagSubject == 0 {
		return body{}, false
	}
	if s, ok = b.parseParts(s, flags); !ok {
		return body{}, false
	}
	b.Payload = s
	// A flag that announces nothing would be a second spelling.
	if b.flags() != flags {
		return body{}, false
	}
	return b, true
}

// parseParts reads what flags announce, and returns the rest.
func (b *body) parseParts(s string, flags byte) (rest string, ok bool) {
	if b.Created, s, ok = cutInstant(s); !ok {
		return s, false
	}
	if flags&flagSubject != 0 {
		if b.Authenticated, s, ok = cutInstant(s); !ok {
			return s, false
		}
		if b.Subject, s, ok = cutShort(s); !ok {
			return s, false
		}
	}
	if flags&flagAssurance != 0 {
		if s == "" {
			return s, false
		}
		b.Level = s[0]
		if b.Methods, s, ok = cutShort(s[1:]); !ok {
			return s, false
		}
	}
	for _, pair := range [...]struct {
		flag          byte
		first, second *int64
	}{
		{flagLimits, &b.Idle, &b.Absolute}, {flagRenewal, &b.Issued, &b.Adopted}, {flagEpochs, &b.Everyone, &b.Epoch},
	} {
		if flags&pair.flag == 0 {
			continue
		}
		if *pair.first, s, ok = cutInstant(s); !ok {
			return s, false
		}
		if *pair.second, s, ok = cutInstant(s); !ok {
			return s, false
		}
	}
	if flags&flagSerial != 0 {
		if len(s) < 8 {
			return s, false
		}
		for i := range 8 {
			b.Serial = b.Serial<<8 | uint64(s[i])
		}
		s = s[8:]
	}
	return s, true
}

// cutShort reads a text of at most 255 bytes behind its length.
func cutShort(s string) (text, rest string, ok bool) {
	if s == "" || len(s) <= int(s[0]) {
		return "", s, false
	}
	n := 1 + int(s[0])
	return s[1:n], s[n:], true
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
