package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

type keyring = crypto.Keyring

var errPolicy = errors.New("it does not say under which policy it was recorded")

// policyOf makes the policy that a transcript names in its second line (SPEC.md, section 9).
func policyOf(text string, ring *keyring) (*core.Policy, error) {
	var line string
	for l := range strings.Lines(text) { // which is canonical
		if rest, ok := strings.CutPrefix(l, "= policy "); ok {
			line = strings.TrimSuffix(rest, "\n")
			break
		}
	}
	f, ok := fieldsOf(line)
	if !ok || line == "" {
		return nil, errPolicy
	}
	c := core.Config{Kind: f.text["kind"], Audience: f.text["audience"]}
	switch f.text["place"] {
	case "server-side":
		c.Place = core.ServerSide
	case "client-side":
		c.Place = core.ClientSide
	default:
		return nil, errPolicy
	}
	if f.text["format"] == "bare" {
		c.Format = core.Bare
	}
	c.Lifetime = core.Lifetime{
		Idle: f.number("idle"), Absolute: f.number("absolute"), Touch: f.number("touch"), Skew: f.number("skew"),
		Renew: f.some("renew"), Grace: f.some("grace"), LongestIdle: f.some("longest-idle"), Longest: f.some("longest"),
	}
	c.EndReused, c.Revocable, c.Anchored, c.Window = f.chosen("end-reused"), f.chosen("revocable"), f.chosen("anchored"), f.some("window")
	c.Tracked, c.MaxSessions, c.RefuseNewest = f.chosen("tracked"), int(f.some("max-sessions")), f.chosen("refuse-newest")
	c.MaxToken, c.MaxPayload = int(f.number("max-token")), int(f.number("max-payload"))
	if f.bad {
		return nil, errPolicy
	}
	var err error
	if c.Chain, err = chainOf(f.text["chain"], ring); err != nil {
		return nil, err
	}
	return c.Compile()
}

// chainOf makes the chain of those names.
func chainOf(names string, ring *keyring) (chain core.Chain, err error) {
	for name := range strings.SplitSeq(names, ",") {
		switch name {
		case "":
			continue
		case "seal":
			chain = append(chain, crypto.Seal(ring))
		case "sign":
			chain = append(chain, crypto.Sign(ring))
		default:
			return nil, fmt.Errorf("its chain has the transform %s, which only its own program knows", name)
		}
		if ring == nil {
			return nil, errors.New("its tokens are protected: name the keys with -keys")
		}
	}
	return chain, nil
}

// fieldMap is a line's fields by name.
type fieldMap struct {
	text map[string]string
	bad  bool
}

func (f *fieldMap) number(name string) int64 {
	n, err := strconv.ParseInt(f.text[name], 10, 64)
	f.bad = f.bad || err != nil
	return n
}

// some is number for a field that is left out where it is 0.
func (f *fieldMap) some(name string) int64 {
	if _, told := f.text[name]; !told {
		return 0
	}
	return f.number(name)
}

func (f *fieldMap) chosen(name string) bool { return f.some(name) == 1 }

// fieldsOf reads name=value fields with blanks between them, as the grammar of transcripts has it.
func fieldsOf(line string) (f fieldMap, ok bool) {
	f.text = map[string]string{}
	for line != "" {
		name, rest, found := strings.Cut(line, "=")
		if !found {
			return f, false
		}
		var value string
		if quoted, isText := strings.CutPrefix(rest, `"`); isText {
			if value, rest, found = strings.Cut(quoted, `"`); !found {
				return f, false
			}
			if value, ok = unescaped(value); !ok {
				return f, false
			}
			rest = strings.TrimPrefix(rest, " ")
		} else {
			value, rest, _ = strings.Cut(rest, " ")
		}
		f.text[name], line = value, rest
	}
	return f, true
}

func unescaped(s string) (string, bool) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, `\x`)
		b.WriteString(before)
		if !found {
			return b.String(), true
		}
		if len(after) < 2 {
			return "", false
		}
		c, err := hex.DecodeString(after[:2])
		if err != nil {
			return "", false
		}
		b.WriteByte(c[0])
		s = after[2:]
	}
}
