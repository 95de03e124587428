package core

import (
	"encoding/hex"
	"slices"
)

// idSize is the number of random bytes in an ID: 256 bits, where OWASP asks for 64 and ASVS 7.2.3 for 128.
const idSize = 32

// maxForeignID is the longest ID that a bare policy takes, in bytes.
const maxForeignID = 512

// isForeignID reports whether a bare policy takes an ID. It is the key of its record as it is, and other kinds of ours may be kept in the
// same store: what has a key's size and is no visible text could be the key of a session, a roster or a log, some of which anybody can work
// out. (That a key of ours is visible text has a chance of less than 1 in 10^13.)
func isForeignID(id []byte) bool {
	if len(id) == keySize {
		return !slices.ContainsFunc(id, func(c byte) bool { return c < '!' || c > '~' })
	}
	return len(id) > 0 && len(id) <= maxForeignID
}

// openID turns the token of a server-side session into the key of its record, and the ID behind it if that is no foreign one.
func (p *Policy) openID(now int64, tenant string, t Token) (Key, id, Refusal) {
	f := p.frame(tenant, now)
	if p.config.Format == Bare {
		name, refusal := p.openBare(f, t)
		if refusal == NotRefused && !isForeignID(name) {
			refusal = Malformed
		}
		if refusal != NotRefused {
			return "", "", refusal
		}
		return p.key(tenant, name), "", NotRefused
	}
	if len(p.config.Chain) == 0 {
		var raw [1 + idSize]byte // the common token, read without an allocation
		if len(t) != text.EncodedLen(len(raw)) {
			return "", "", Malformed
		}
		if _, ok := decode(raw[:], t); !ok {
			return "", "", Malformed
		}
		if raw[0] != versionID {
			return "", "", UnknownVersion
		}
		key, id := p.keyOf(tenant, raw[1:])
		return key, id, NotRefused
	}
	raw, refusal := p.openNative(f, t)
	if refusal != NotRefused {
		return "", "", refusal
	}
	if len(raw) != idSize {
		return "", "", Malformed
	}
	key, id := p.keyOf(tenant, raw)
	return key, id, NotRefused
}

// openPayload turns the token of a client-side session into its body. Nothing of it is read before the chain is through.
func (p *Policy) openPayload(now int64, tenant string, t Token) (plain string, _ body, _ Refusal) {
	f := p.frame(tenant, now)
	if p.config.Format == Bare {
		payload, refusal := p.openBare(f, t)
		if refusal != NotRefused {
			return "", body{}, refusal
		}
		return "", body{Payload: string(payload)}, NotRefused
	}
	raw, refusal := p.openNative(f, t)
	if refusal != NotRefused {
		return "", body{}, refusal
	}
	plain = string(raw)
	b, ok := parseBody(plain)
	if !ok || b.Gone != here {
		return "", body{}, Undecodable
	}
	return plain, b, NotRefused
}

// openNative gives what the chain makes of a native token, in one allocation where the chain has one transform.
func (p *Policy) openNative(f Frame, t Token) ([]byte, Refusal) {
	if t == "" || len(t) > MaxTokenLength {
		return nil, Malformed
	}
	size := text.DecodedLen(len(t))
	scratch := make([]byte, 2*size)
	n, ok := decode(scratch[:size], t)
	if !ok {
		return nil, Malformed
	}
	if scratch[0] != f.Version {
		return nil, UnknownVersion
	}
	return p.config.Chain.In(f, scratch[size:size], scratch[1:n])
}

func (p *Policy) openBare(f Frame, t Token) ([]byte, Refusal) {
	if t == "" || len(t) > MaxTokenLength {
		return nil, Malformed
	}
	return p.config.Chain.In(f, nil, []byte(t))
}

// newName returns what the token of a new session spells: what was drawn, or of a bare policy its hex, or the ID that the
// exchange was given instead.
func (p *Policy) newName(t Tokens, drawn []byte) []byte {
	switch {
	case p.config.Format == Native:
		return drawn
	case t.NewID != "":
		return []byte(t.NewID)
	}
	return hex.AppendEncode(nil, drawn)
}

// spellID makes the token of a server-side session.
func (p *Policy) spellID(now int64, tenant string, name, entropy []byte) (Token, error) {
	f := p.frame(tenant, now)
	if p.config.Format == Bare {
		if !isForeignID(name) {
			return "", errForeignID
		}
		out, err := p.config.Chain.Out(f, entropy, nil, name)
		return Token(out), err
	}
	raw := append(make([]byte, 0, 1+idSize+p.config.Chain.Overhead()), versionID)
	raw, err := p.config.Chain.Out(f, entropy, raw, name)
	if err != nil {
		return "", err
	}
	return Token(text.EncodeToString(raw)), nil
}

// spellPayload makes the token of a client-side session.
func (p *Policy) spellPayload(now int64, tenant string, b *body, entropy []byte) (Token, error) {
	f := p.frame(tenant, now)
	if p.config.Format == Bare {
		out, err := p.config.Chain.Out(f, entropy, nil, []byte(b.Payload))
		return Token(out), err
	}
	// One allocation serves the body, the token's bytes and their text.
	size, sealed := b.size(), 1+b.size()+p.config.Chain.Overhead()
	scratch := make([]byte, 0, size+sealed+text.EncodedLen(sealed))
	plain := b.append(scratch)
	raw := scratch[size : size : size+sealed]
	raw, err := p.config.Chain.Out(f, entropy, append(raw, versionPayload), plain)
	if err != nil {
		return "", err
	}
	return Token(text.AppendEncode(scratch[size+sealed:size+sealed], raw)), nil
}

// tokenSize returns how many characters the token of a client-side session will have, at the most.
func (p *Policy) tokenSize(b *body) int {
	if p.config.Format == Bare {
		return p.config.Chain.Size(len(b.Payload))
	}
	return text.EncodedLen(1 + b.size() + p.config.Chain.Overhead())
}
