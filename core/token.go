package core

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// Token is the text that travels. Whoever holds it holds the session, so it prints as a redaction under every verb;
// string(t) is the one way to its text. But fmt asks no value that stands in an unexported field of another: a struct that
// holds a Token, a [Key] or a [Session] there has a Format of its own. Nor does encoding/json ask a string that is the
// key of a map: use a [Handle] there.
type Token string

// Redacted is what a token prints as.
const Redacted = "[redacted]"

// Format prints the redaction, whatever the verb.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// String returns the redaction.
func (t Token) String() string { return Redacted }

// MarshalText returns the redaction, which JSON and slog therefore show.
func (t Token) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// Tokens is what arrived for one kind in one exchange.
type Tokens struct {
	First, Second Token  // of one name; a third is never looked at
	Count         int    // how many of that name came
	Stamp         Token  // what came beside it, of a client-side kind with an idle time
	Tenant        string // the tenant that the exchange belongs to, or ""
	NewID         Token  // the ID of a session that this exchange begins, of a bare policy only, or "" for a random one; see Bare
}

// One returns the ordinary arrival: one token, or none if it is empty.
func One(t Token) Tokens {
	if t == "" {
		return Tokens{}
	}
	return Tokens{First: t, Count: 1}
}

// The version bytes of token formats, the first byte of a native token.
const (
	versionID      = 1 // ID through the chain
	versionPayload = 2 // body through the chain
	versionStamp   = 3 // family and instant through the chain
)

// MaxTokenLength is the longest text, in characters, that is looked at as a token. What a policy may send is limited
// further by Config.MaxToken.
const MaxTokenLength = 16 << 10

// text is the one spelling of native tokens: base64url without padding (RFC 4648, section 5), trailing bits zero.
var text = base64.RawURLEncoding.Strict()

// decode writes what the text of a native token spells to dst, which has room for text.DecodedLen(len(t)) bytes. Go's
// decoder skips line breaks, which would give a token many spellings. (Two searches for a byte take a tenth of the time that
// ContainsAny does.)
func decode(dst []byte, t Token) (n int, ok bool) {
	if strings.IndexByte(string(t), '\r') >= 0 || strings.IndexByte(string(t), '\n') >= 0 {
		return 0, false
	}
	n, err := text.Decode(dst, []byte(t))
	return n, err == nil && n > 0
}
