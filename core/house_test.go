package core_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// The house of the tests: a day in 2026, a keyring, a policy of each sort, entropy, and a store that is a map.

const (
	noon   = int64(1_794_000_000_000)
	second = int64(1_000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

// ringText holds secrets of the tests, and nothing else.
const ringText = `
	k1:primary:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
	k0:retiring:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI
	kx:revoked:AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM
`

func ring(t testing.TB, text string) *crypto.Keyring {
	t.Helper()
	r, err := crypto.ParseKeyring(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func compile(t testing.TB, c core.Config) *core.Policy {
	t.Helper()
	p, err := c.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var lives = core.Lifetime{Idle: 30 * minute, Absolute: day, Touch: minute, Skew: 5 * second}

// The sorts of policy, by the name of their kind.
const (
	stored = "cart"  // server-side, as most programs have it
	signed = "api"   // server-side, with signed IDs
	sealed = "prefs" // client-side
	bare   = "old"   // server-side, foreign tokens

	logged = "list" // client-side, with a log of what ended

	renewed = "desk" // server-side, with renewed tokens and room for lifetimes of a session's own
)

func config(t testing.TB, kind string) core.Config {
	t.Helper()
	c := core.Config{Kind: kind, Place: core.ServerSide, Lifetime: lives}
	switch kind {
	case signed:
		c.Audience, c.Chain = "shop.example", core.Chain{crypto.Sign(ring(t, ringText))}
	case sealed:
		c.Place, c.Chain = core.ClientSide, core.Chain{crypto.Seal(ring(t, ringText))}
		c.Lifetime.Idle, c.Lifetime.Touch = 0, 0
	case logged:
		c = config(t, sealed)
		c.Kind, c.Revocable = kind, true
	case renewed:
		c.Lifetime.Idle, c.Lifetime.Renew, c.Lifetime.Grace = 2*hour, hour, minute
		c.Lifetime.LongestIdle, c.Lifetime.Longest = 7*day, 30*day
	case bare:
		c.Format, c.Lifetime = core.Bare, core.Lifetime{}
	}
	return c
}

func policyOf(t testing.TB, kind string) *core.Policy {
	t.Helper()
	return compile(t, config(t, kind))
}

// stream is a source of bytes that never repeats and is the same in every run.
type stream struct{ drawn uint64 }

func (s *stream) draw(n int) []byte {
	var out []byte
	for len(out) < n {
		sum := sha256.Sum256(fmt.Appendf(nil, "entropy of the tests %d", s.drawn))
		out, s.drawn = append(out, sum[:]...), s.drawn+1
	}
	return out[:n:n]
}

// What the shell tells an application.
var (
	errConflict = errors.New("conflict")
	errEnded    = errors.New("ended")
	errDown     = errors.New("unavailable")
)

// shelf is a store and the shell around it, in the fewest words.
type shelf struct {
	records map[core.Key]core.Record
	stream  stream
	t       *core.Transcript // may be nil
}

func newShelf() *shelf { return &shelf{records: map[core.Key]core.Record{}} }

// ask gets a session's questions answered.
func (w *shelf) ask(s core.Session, now int64) core.Session {
	for q, ok := s.Next(); ok; q, ok = s.Next() {
		if rec, kept := w.records[q.Key]; kept {
			w.t.Answer(&s, now, core.Answer{Status: core.Found, Record: rec})
		} else {
			w.t.Answer(&s, now, core.Answer{Status: core.Missing})
		}
	}
	return s
}

func (w *shelf) open(p *core.Policy, now int64, t core.Tokens) core.Session {
	var s core.Session
	w.t.Begin(&s, p, now, t)
	return w.ask(s, now)
}

// plan decides and plans with fresh entropy.
func (w *shelf) plan(s core.Session, now int64) (core.Plan, error) {
	v := s.Decide(now)
	var p core.Plan
	err := w.t.Plan(&p, &s, v, now, w.stream.draw(s.Entropy(v)))
	return p, err
}

// commit decides, plans and carries out.
func (w *shelf) commit(s core.Session, now int64) (core.Plan, error) {
	p, err := w.plan(s, now)
	if err != nil {
		return p, err
	}
	switch p.Verdict {
	case core.Refuse:
		return p, errEnded
	case core.Outage:
		return p, errDown
	}
	return p, w.carry(p)
}

func (w *shelf) carry(p core.Plan) error {
	if p.Create.Key != "" {
		if _, kept := w.records[p.Create.Key]; kept {
			return fmt.Errorf("a key was drawn twice: %w", errDown)
		}
		w.records[p.Create.Key] = p.Create.Record
	}
	if r := p.Replace; r.Key != "" {
		old, kept := w.records[r.Key]
		if !kept || old.Revision != r.At {
			delete(w.records, p.Create.Key)
			if kept {
				return errConflict
			}
			return errEnded
		}
		w.records[r.Key] = r.Record
	}
	if m := p.Touch; m.Key != "" {
		if old, kept := w.records[m.Key]; kept && old.Revision == m.At && m.Seen < old.Deadline {
			old.Seen, old.Deadline = max(old.Seen, m.Seen), max(old.Deadline, m.Deadline)
			w.records[m.Key] = old
		}
	}
	if p.End.Key != "" {
		w.end(p.End)
	}
	return nil
}

func (w *shelf) end(e core.End) {
	for key := e.Key; ; {
		rec, kept := w.records[key]
		if !kept {
			return
		}
		next, dead := core.Successor(rec)
		if !dead || rec.Revision == e.At && key == e.Key {
			delete(w.records, key)
			return
		}
		key = next
	}
}

// sweep drops what is past its deadline, as a store may at any moment.
func (w *shelf) sweep(now int64) {
	for key, rec := range w.records {
		if rec.Deadline <= now {
			delete(w.records, key)
		}
	}
}

// must commits what cannot fail.
func (w *shelf) must(t testing.TB, s core.Session, now int64) core.Plan {
	t.Helper()
	p, err := w.commit(s, now)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// repeat is a long string of one character.
func repeat(c string, n int) string { return strings.Repeat(c, n) }

// decodeToken returns the bytes of a native token, and nothing of any other.
func decodeToken(token core.Token) string {
	raw, err := base64.RawURLEncoding.DecodeString(string(token))
	if err != nil {
		return ""
	}
	return string(raw)
}

func unhex(t testing.TB, s string) string {
	t.Helper()
	raw, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
