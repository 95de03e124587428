package core_test

import (
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// visible is ASCII from 0x21 to 0x7E.
var visible = func() string {
	var all strings.Builder
	for c := byte('!'); c <= '~'; c++ {
		all.WriteByte(c)
	}
	return all.String()
}()

// The key of a foreign record is the ID itself. So what could be a key of ours in the same store is no foreign ID: it is refused when it
// comes, and no session begins under it.
func TestRule5ForeignIDsAreNoKeysOfOurs(t *testing.T) {
	p := policyOf(t, bare)
	ours := map[string]core.Key{
		"a log's": policyOf(t, logged).LogKey(), "a roster's": policyOf(t, stored).RosterKey("", "ann"),
		"a session's": newShelf().must(t, policyOf(t, stored).Begin(noon, core.Tokens{}).With("tea"), noon).Create.Key,
	}
	ids := map[string]bool{"": false, strings.Repeat("i", 513): false}
	for name, key := range ours {
		if len(key) != 32 {
			t.Errorf("%s key has %d bytes", name, len(key))
		}
		ids[string(key)] = false
	}
	for _, c := range []byte{0, ' ', 0x7f, 0x80, 0xff} {
		for at := range 32 {
			id := []byte(strings.Repeat("i", 32))
			id[at] = c
			ids[string(id)] = false
		}
		ids[strings.Repeat(string([]byte{c}), 31)], ids[strings.Repeat(string([]byte{c}), 33)] = true, true
	}
	for from := 0; from+32 <= len(visible); from += 31 {
		ids[visible[from:from+32]] = true
	}
	ids[visible[len(visible)-32:]], ids["i"], ids[strings.Repeat("i", 512)] = true, true, true
	for id, good := range ids {
		if id != "" {
			s := p.Begin(noon, core.One(core.Token(id)))
			if q, asks := s.Next(); asks != good || good && string(q.Key) != id || !good && s.Refusal() != core.Malformed {
				t.Errorf("%q came: asks %v for %q, refused as %v", id, asks, string(q.Key), s.Refusal())
			}
		}
		s := p.Begin(noon, core.Tokens{NewID: core.Token(id)}).With("tea")
		entropy := make([]byte, s.Entropy(core.Create))
		plan, err := s.Plan(core.Create, noon, entropy)
		switch {
		case id == "":
			if err != nil {
				t.Error("a random ID:", err)
			}
		case good && (err != nil || string(plan.Create.Key) != id), !good && (err == nil || plan.Create.Key != ""):
			t.Errorf("%q is chosen: key %q, %v", id, string(plan.Create.Key), err)
		}
	}
}
