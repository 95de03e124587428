package crypto

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/satchel-go/satchel/core"
)

const maxText = 64 << 10 // bytes of a keyring's text: a thousand entries

var (
	errFields  = errors.New("an entry is id:state:secret or id:state:secret:since")
	errBase64  = errors.New("the secret is not unpadded base64url (RFC 4648, section 5)")
	errTooLong = fmt.Errorf("the text is longer than %d bytes", maxText)
)

// ParseKeyring returns the ring that a text spells, as an operator keeps it in a file or an environment variable:
//
//	# made 2026-11-02
//	k2:primary:3q2-7wAAAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBk
//	k1:retiring:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8
//
// Entries stand one a line, or are separated by commas or semicolons. Each is an id (1 to 8 characters of a-z, 0-9 and
// -), a state (pending, primary, retiring, revoked) and 32 random bytes in unpadded base64url, with colons between them;
// blanks around each are ignored, as is all from # to the end of its line. Exactly one key is primary; ids and secrets
// differ. A fourth part may say since when the key is in its state, in Unix milliseconds, which a [Schedule] writes.
//
// One error lists everything that is wrong, or with too many entries what is wrong with the first. It names entries by number and id, and
// quotes nothing else of the text.
func ParseKeyring(text string) (*Keyring, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("crypto: keyring: %w", errTooLong)
	}
	var (
		keys   []Key
		faults []error
	)
lines:
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		for entry := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ';' }) {
			if entry = strings.TrimSpace(entry); entry == "" {
				continue
			}
			if len(keys) > maxKeys {
				break lines // too many is a fault itself, and to list the faults of all would be longer than the text
			}
			key, errs := parseKey(entry)
			for _, err := range errs {
				faults = append(faults, entryFault(len(keys), key.id, err))
			}
			keys = append(keys, key)
		}
	}
	if faults = append(faults, ringFaults(keys)...); len(faults) > 0 {
		return nil, fmt.Errorf("crypto: keyring: %w", errors.Join(faults...))
	}
	return NewKeyring(keys...)
}

// parseKey returns what could be read of an entry, and what could not. An id is believed only in an entry of three or
// four fields, so that a piece of a secret that was broken over two lines is never shown as one.
func parseKey(entry string) (key Key, faults []error) {
	id, rest, ok := strings.Cut(entry, ":")
	state, secret, ok2 := strings.Cut(rest, ":")
	secret, since, dated := strings.Cut(secret, ":")
	if !ok || !ok2 || strings.Contains(since, ":") {
		return Key{}, []error{errFields}
	}
	if id = strings.TrimSpace(id); validID(id) {
		key.id = id
	} else {
		faults = append(faults, errID)
	}
	if key.state, ok = parseState(strings.TrimSpace(state)); !ok {
		faults = append(faults, errState)
	}
	var err error
	if key.root, err = parseSecret(strings.TrimSpace(secret)); err != nil {
		faults = append(faults, err)
	}
	if dated {
		if key.since, ok = parseSince(strings.TrimSpace(since)); !ok {
			faults = append(faults, errSince)
		}
	}
	return key, faults
}

// parseSince reads the one spelling of an instant.
func parseSince(text string) (int64, bool) {
	since, err := strconv.ParseInt(text, 10, 64)
	if err != nil || since < 1 || since > core.MaxInstant || strconv.FormatInt(since, 10) != text {
		return 0, false
	}
	return since, true
}

// parseSecret decodes the one spelling of a secret: package base64 skips line breaks even when strict, which the exact
// length rules out.
func parseSecret(text string) (*root, error) {
	secret, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, errBase64 // and not err, which tells where, and so something of what
	}
	if base64.RawURLEncoding.EncodedLen(len(secret)) != len(text) {
		return nil, errBase64
	}
	return newRoot(secret)
}
