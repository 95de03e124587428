package core

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Place is where sessions of a kind live.
type Place uint8

// The places.
const (
	ServerSide Place = iota + 1 // in a store; the token is an ID
	ClientSide                  // in the token itself
)

// Format is how tokens and records of a kind are spelled.
type Format uint8

// The formats.
const (
	Native Format = iota // ours, as SPEC.md has it
	// Bare is a foreign token without envelope, times or binding; what it says about lifetimes is nothing. Nor does it say of which tenant
	// it is: an ID opens its session for every one. The key of a server-side session is its ID as it is, of 1 to 512 bytes; of those with 32
	// only visible ASCII, 0x21 to 0x7E, because any other could be a key of ours in the same store.
	Bare
)

// Config describes a policy. The zero value of each field but Kind and Place is usable.
type Config struct {
	Kind       string // 1 to 64 bytes; bound into every token and key
	Audience   string // the service or deployment that tokens are for, or ""; at most 255 bytes
	Place      Place
	Format     Format
	Chain      Chain // over payload tokens, or over IDs
	Lifetime   Lifetime
	MaxToken   int // the longest token to send, in characters; 0 is 4096
	MaxPayload int // the largest payload to keep, in bytes; 0 is 1 MiB

	EndReused bool  // a renewed token that is used after its grace ends its session
	Revocable bool  // it is asked whether a session was ended before its time: of a server-side one, with everyone's
	Anchored  bool  // a client-side session has a record that knows its newest state
	Window    int64 // with Anchored, for how long an older token is good after a newer one was made, at most MaxGrace

	Tracked      bool // who signs in is put on the roster of their sessions
	MaxSessions  int  // how many a subject may have at once; 0 is MaxMembers
	RefuseNewest bool // who would have one more is refused; else their oldest ends
}

// The limits that 0 stands for in a Config.
const (
	DefaultMaxToken   = 4096
	DefaultMaxPayload = 1 << 20
)

// Policy is a compiled Config: immutable, and used by many goroutines at once.
type Policy struct {
	config Config
	limits struct{ token, payload int }
	named  string // what every key's digest begins with
}

// Compile checks the configuration and returns its policy, or one error that lists everything wrong with it.
func (c Config) Compile() (*Policy, error) {
	errs := c.check()
	if err := c.Lifetime.check(); err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	p := &Policy{config: c}
	p.config.Chain = slices.Clone(c.Chain)
	p.limits.token, p.limits.payload = c.tokenLimit(), c.MaxPayload
	if c.MaxPayload == 0 {
		p.limits.payload = DefaultMaxPayload
	}
	p.named = string(appendFields(nil, keyLabel, c.Kind, c.Audience))
	return p, nil
}

// check returns what is wrong, but for the lifetime.
func (c Config) check() []error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Kind == "" || len(c.Kind) > 64 {
		fail("kind: a name of %d bytes, want 1 to 64", len(c.Kind))
	}
	if len(c.Audience) > 255 {
		fail("audience: %d bytes, at most 255", len(c.Audience))
	}
	if c.Place != ServerSide && c.Place != ClientSide {
		fail("place: neither server-side nor client-side")
	}
	if c.Format > Bare {
		fail("format: neither native nor bare")
	}
	if c.Place == ClientSide && c.Format == Native && len(c.Chain) == 0 {
		fail("chain: a client-side session needs at least one transform that authenticates it")
	}
	if slices.Contains(c.Chain, nil) {
		fail("chain: a nil transform")
	}
	if c.MaxToken < 0 || c.MaxToken > MaxTokenLength {
		fail("max token: %d characters, outside 0 to %d", c.MaxToken, MaxTokenLength)
	}
	if c.MaxPayload < 0 {
		fail("max payload: %d bytes", c.MaxPayload)
	}
	if n, limit := c.idTokenSize(), c.tokenLimit(); c.MaxToken >= 0 && n > limit {
		fail("max token: a server-side token may have %d characters, over the limit of %d", n, limit)
	}
	c.checkLife(fail)
	c.checkEnds(fail)
	c.checkCount(fail)
	return errs
}

// checkLife says which lifetimes do not go with place and format.
func (c Config) checkLife(fail func(format string, args ...any)) {
	if c.Place == ClientSide && c.Format == Bare && c.Lifetime.Idle > 0 {
		fail("lifetime: a foreign token notes no use, so it has no idle time")
	}
	if l := c.Lifetime; (l.Renew > 0 || l.Grace > 0 || c.EndReused) && (c.Place != ServerSide || c.Format == Bare) {
		fail("lifetime: only a native session of a server is renewed")
	}
	if l := c.Lifetime; c.Format == Bare && (l.Longest > 0 || l.LongestIdle > 0) {
		fail("lifetime: a foreign session has no place for one of its own")
	}
}

// checkEnds says what is wrong with how sessions end before their time.
func (c Config) checkEnds(fail func(format string, args ...any)) {
	if c.Anchored && c.Place != ClientSide || (c.Anchored || c.Revocable) && c.Format == Bare || c.Revocable && c.Anchored {
		fail("revocable, anchored: one of the two, of a native session, and only a client-side one has an anchor")
	}
	if _, longest := c.Lifetime.Bounds(); c.Revocable && longest == MaxInstant {
		fail("revocable: what ended is remembered for as long as a session may live, so that must have an end")
	}
	if c.Window < 0 || c.Window > MaxGrace || c.Window > 0 && !c.Anchored {
		fail("window: %d ms, outside 0 to %d, or of no anchored session", c.Window, MaxGrace)
	}
	if c.Tracked && c.Place == ClientSide && !c.Revocable && !c.Anchored {
		fail("tracked: a client-side session that cannot be ended need not be listed")
	}
	if c.Tracked && c.Format == Bare {
		fail("tracked: a foreign session says nothing of a subject")
	}
}

// checkCount says what is wrong with how many sessions there may be.
func (c Config) checkCount(fail func(format string, args ...any)) {
	if c.MaxSessions < 0 || c.MaxSessions > MaxMembers {
		fail("max sessions: %d, outside 0 to %d", c.MaxSessions, MaxMembers)
	}
	if (c.MaxSessions > 0 || c.RefuseNewest) && !c.Tracked {
		fail("max sessions: sessions that are not tracked cannot be counted")
	}
}

func (c Config) tokenLimit() int {
	if c.MaxToken == 0 {
		return DefaultMaxToken
	}
	return c.MaxToken
}

// idTokenSize returns how many characters the token of a server-side session may have, or 0 where its chain or place says
// nothing of it.
func (c Config) idTokenSize() int {
	if c.Place != ServerSide || slices.Contains(c.Chain, nil) {
		return 0
	}
	if c.Format == Bare {
		return c.Chain.Size(2 * idSize)
	}
	return text.EncodedLen(1 + idSize + c.Chain.Overhead())
}

// Kind returns the name of the kind.
func (p *Policy) Kind() string { return p.config.Kind }

// Place returns where the kind's sessions live.
func (p *Policy) Place() Place { return p.config.Place }

// Lifetime returns how long the kind's sessions live.
func (p *Policy) Lifetime() Lifetime { return p.config.Lifetime }

// lifetime returns how long the session of b lives, by its own lifetimes where it has any.
func (p *Policy) lifetime(b *body) Lifetime { return p.config.Lifetime.own(b.Idle, b.Absolute) }

// frame is what the chain is told.
func (p *Policy) frame(tenant string, now int64) Frame {
	f := Frame{
		Kind: p.config.Kind, Audience: p.config.Audience, Tenant: tenant,
		Now: now, Life: p.config.Lifetime.life(), Skew: p.config.Lifetime.Skew,
	}
	if p.config.Place == ServerSide {
		f.Purpose, f.Version = PurposeID, versionID
	} else {
		f.Purpose, f.Version = PurposePayload, versionPayload
	}
	return f
}

// keySize is the number of bytes of a native key.
const keySize = sha256.Size

// keyLabel separates store keys from every other use of SHA-256.
const keyLabel = "satchel key v1"

// key returns what a store sees instead of id.
func (p *Policy) key(tenant string, id []byte) Key {
	if p.config.Format == Bare {
		return Key(id)
	}
	return p.derived(keyLabel, tenant, id)
}

// keyOf returns the key of a native ID, and the ID, in one allocation.
func (p *Policy) keyOf(tenant string, drawn []byte) (Key, id) {
	sum := p.digest(keyLabel, tenant, drawn)
	var both [keySize + idSize]byte
	copy(both[copy(both[:], sum[:]):], drawn)
	kept := string(both[:])
	return Key(kept[:keySize]), id(kept[keySize:])
}

// derived returns the key under a label that id has: bound to kind, audience and tenant, as every key is.
func (p *Policy) derived(label, tenant string, id []byte) Key {
	sum := p.digest(label, tenant, id)
	return Key(sum[:])
}

func (p *Policy) digest(label, tenant string, id []byte) [keySize]byte {
	in := make([]byte, 0, 192) // label, kind and audience are short, so the common input lives on the stack
	if label == keyLabel {
		in = append(in, p.named...)
	} else {
		in = appendFields(in, label, p.config.Kind, p.config.Audience)
	}
	return sha256.Sum256(append(appendFields(in, tenant), id...))
}

// appendFields adds texts with their lengths before them, so that no two lists of texts give the same bytes.
func appendFields(dst []byte, fields ...string) []byte {
	for _, field := range fields {
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(field)))
		dst = append(dst, field...)
	}
	return dst
}
