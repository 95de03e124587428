package main

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

var tokenInspect = command{
	name: "token inspect", args: "[FILE]", short: "Say what a token is",
	long: `
The token is read from the file or from standard input, and not from the command line, which others on the machine can read. Without
keys the command says what stands in the clear. With -keys and -kind it opens the token, and shows the times and the payload of a
session that lives in it. Of an ID it shows under which name its record is listed (satchel store list). A token that is refused
ends with exit code 3; one whose session is over is shown as well, with its times. Whether a session is sealed or signed does not stand
in its token: it is taken for sealed, unless -readable says otherwise.`,
	examples: []string{
		"pbpaste | satchel token inspect",
		"satchel token inspect -kind cart -keys keys token.txt",
		"satchel token inspect -kind id -audience shop -json token.txt",
	},
	begin: func(t *tool, flags *flag.FlagSet) func(context.Context, []string) error {
		b := bindingFlags(flags)
		readable := flags.Bool("readable", false, "the token is signed and not sealed (Options.Readable)")
		asJSON := jsonFlag(flags)
		return func(_ context.Context, args []string) error {
			if err := b.check(); err != nil {
				return err
			}
			token, err := t.token(args)
			if err != nil {
				return err
			}
			ring, err := b.ring()
			if err != nil {
				return err
			}
			i := inspection{tool: t, binding: b, ring: ring, readable: *readable, token: token}
			refusal := i.look()
			if refusal != core.NotRefused {
				i.add("refused", refusal.String())
			}
			if err := t.show(*asJSON, i.fields); err != nil {
				return err
			}
			if refusal != core.NotRefused {
				return errNo
			}
			return nil
		}
	},
}

// binding is what a token was made for.
type binding struct{ kind, audience, tenant, keys *string }

func bindingFlags(flags *flag.FlagSet) binding {
	return binding{
		kind:     flags.String("kind", "", "the `NAME` of the kind that the token is of"),
		audience: flags.String("audience", "", "the kind's Options.Audience, a `TEXT`"),
		tenant:   flags.String("tenant", "", "the `NAME` of the tenant that the token is for"),
		keys:     flags.String("keys", "", "the keyring `FILE` that the token is protected by"),
	}
}

func (b binding) ring() (*crypto.Keyring, error) {
	if *b.keys == "" {
		return nil, nil //nolint:nilnil // no keys were named, and none are needed
	}
	_, ring, err := readRing(*b.keys)
	return ring, err
}

// check refuses what no kind can be called and no audience can be. Without it the token would be to blame.
func (b binding) check() error {
	kind := *b.kind
	if kind == "" {
		kind = "any"
	}
	if _, err := (binding{kind: &kind, audience: b.audience}).policy(core.ServerSide, nil); err != nil {
		return misuseError{err}
	}
	return nil
}

// tokens returns what arrived, as core has it.
func (b binding) tokens(t core.Token) core.Tokens {
	tokens := core.One(t)
	tokens.Tenant = *b.tenant
	return tokens
}

// token reads a token from the file that args name, or from standard input.
func (t *tool) token(args []string) (core.Token, error) {
	in := t.in
	switch {
	case len(args) > 1:
		return "", misused("it takes one file, and was given %d arguments", len(args))
	case len(args) == 1 && args[0] != "-":
		f, err := os.Open(args[0])
		if err != nil && len(args[0]) > 40 { // it may be the token itself, which no error is to show
			return "", misused("that file cannot be opened; a token is read from a file or standard input, for others can read the command line")
		}
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, core.MaxTokenLength+3)) // room for a line's end, and to see that it is too long
	return core.Token(strings.TrimRight(string(text), "\r\n")), err
}

// inspection is one look at a token.
type inspection struct {
	*tool
	binding  binding
	ring     *crypto.Keyring
	readable bool
	token    core.Token
	fields   []field
}

func (i *inspection) add(name string, value any) { i.fields = append(i.fields, field{name, value}) }

// plainID is the length of an ID's bytes with nothing around them.
const plainID = 1 + 32

// look says what the token is, and why it is refused.
func (i *inspection) look() core.Refusal {
	i.add("characters", len(i.token))
	raw, err := base64.RawURLEncoding.Strict().DecodeString(string(i.token))
	if err != nil || len(raw) < 2 || strings.ContainsAny(string(i.token), "\r\n") || len(i.token) > core.MaxTokenLength {
		return core.Malformed
	}
	switch {
	case raw[0] == 1 && len(raw) == plainID:
		i.add("format", "ID")
		return i.id(nil)
	case raw[0] == 1:
		i.add("format", "ID, signed")
		if !i.clear(raw[1:], false) {
			return core.Malformed
		}
		return i.id(crypto.Sign(i.ring))
	case raw[0] == 2 && i.readable:
		i.add("format", "session, signed")
		if !i.clear(raw[1:], false) {
			return core.Malformed
		}
		return i.session(crypto.Sign(i.ring))
	case raw[0] == 2:
		i.add("format", "session, sealed")
		if !i.clear(raw[1:], true) {
			return core.Malformed
		}
		return i.session(crypto.Seal(i.ring))
	}
	i.add("format", fmt.Sprintf("version %d", raw[0]))
	return core.UnknownVersion
}

// clear shows what stands in the clear of a signed or sealed token (SPEC.md, sections 5 and 6).
func (i *inspection) clear(b []byte, sealed bool) bool {
	id, _, ok := protectedBy(b)
	if !ok {
		return false
	}
	i.add("key id", id)
	if !sealed {
		return true
	}
	_, at, hours, ok := sealedClear(b)
	if ok {
		i.add("sealed at", instant(at))
		i.add("epoch", (time.Hour << hours).String())
	}
	return ok
}

// protectedBy returns the id of the key under which something was signed or sealed, and what follows.
func protectedBy(b []byte) (id string, rest []byte, ok bool) {
	if len(b) == 0 || b[0] < 1 || b[0] > 8 || len(b) < 1+int(b[0]) {
		return "", nil, false
	}
	id, rest = string(b[1:1+b[0]]), b[1+b[0]:]
	return id, rest, strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// sealedClear returns what stands in the clear of a seal: the key's id, when it was made, and its epoch's hours as a power of 2.
func sealedClear(b []byte) (id string, at int64, hours byte, ok bool) {
	id, b, ok = protectedBy(b)
	if !ok || len(b) < 7 || b[0] > 9 {
		return "", 0, 0, false
	}
	return id, int64(binary.BigEndian.Uint64(append([]byte{0, 0}, b[1:7]...))), b[0], true
}

// policy compiles the one that the token is read under. It has no lifetime, so that what is over can be looked at too.
func (b binding) policy(place core.Place, x core.Transform) (*core.Policy, error) {
	c := core.Config{Kind: *b.kind, Audience: *b.audience, Place: place, Lifetime: core.Lifetime{Skew: 60_000}, MaxToken: core.MaxTokenLength}
	if x != nil {
		c.Chain = core.Chain{x}
	}
	return c.Compile()
}

// id shows the record that an ID names, if the kind is known.
func (i *inspection) id(x core.Transform) core.Refusal {
	if *i.binding.kind == "" || x != nil && i.ring == nil {
		return core.NotRefused
	}
	key, refusal, err := i.binding.key(i.now(), i.token, x)
	if err != nil || refusal != core.NotRefused {
		return orMalformed(refusal)
	}
	i.add("kind", *i.binding.kind)
	i.add("record", store.Name(key))
	return core.NotRefused
}

func orMalformed(r core.Refusal) core.Refusal {
	if r == core.NotRefused {
		return core.Malformed
	}
	return r
}

// key returns the key of the record that an ID names.
func (b binding) key(now time.Time, token core.Token, x core.Transform) (core.Key, core.Refusal, error) {
	p, err := b.policy(core.ServerSide, x)
	if err != nil {
		return "", core.NotRefused, err
	}
	s := p.Begin(now.UnixMilli(), b.tokens(token))
	q, open := s.Next()
	if !open {
		return "", s.Refusal(), nil
	}
	return q.Key, core.NotRefused, nil
}

// session opens a session that lives in its token, if the kind and the keys are known.
func (i *inspection) session(x core.Transform) core.Refusal {
	if *i.binding.kind == "" || i.ring == nil {
		return core.NotRefused
	}
	p, err := i.binding.policy(core.ClientSide, x)
	if err != nil {
		return core.Malformed
	}
	s := p.Begin(i.now().UnixMilli(), i.binding.tokens(i.token))
	payload, live := s.Payload()
	if !live {
		return orMalformed(s.Refusal())
	}
	i.add("kind", *i.binding.kind)
	i.add("handle", string(s.Handle()))
	i.add("created", instant(s.Created()))
	if subject := s.Subject(); subject != "" {
		i.add("subject", subject)
		i.add("authenticated", instant(s.Authenticated()))
	}
	i.add("size", len(payload))
	value, spelling := asJSON(payload)
	i.add("spelling", spelling)
	i.add("payload", value)
	return core.NotRefused
}
