package core_test

import (
	"fmt"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// One token has one spelling: whatever else decodes to the same bytes, or nearly does, is refused.
func TestOneSpelling(t *testing.T) {
	w := newShelf()
	for _, kind := range []string{stored, signed, sealed} {
		p := policyOf(t, kind)
		good := w.must(t, w.open(p, noon, core.Tokens{}).With("tea"), noon).Send.Token
		if s := w.open(p, noon, core.One(good)); s.Standing() != core.Live {
			t.Fatalf("%s: %v", kind, s)
		}
		n := len(good)
		spellings := map[string]core.Token{
			"padded": good + "=", "padded twice": good + "==", "newline after": good + "\n", "newline before": "\n" + good,
			"newline within": good[:9] + "\n" + good[9:], "CRLF within": good[:9] + "\r\n" + good[9:],
			"return after": good + "\r", "blank after": good + " ", "blank before": " " + good, "tab": good + "\t",
			"blank within": good[:9] + " " + good[9:], "quoted": `"` + good + `"`, "percent": "%41" + good[1:],
			"NUL after": good + "\x00", "cut": good[:n-1], "twice": good + good, "no-break space": good + "\u00a0",
			"newline for a character": good[:n-1] + "\n", "case": core.Token(swapCase(string(good))),
		}
		for name, token := range spellings {
			s := w.open(p, noon, core.One(token))
			if s.Standing() != core.Refused {
				t.Errorf("%s, %s: %v", kind, name, s)
			}
			// What is another spelling of the same bytes has to fail as a spelling; a cut or changed one may fail later.
			later := name == "case" || name == "cut" || name == "twice"
			if !later && s.Refusal() != core.Malformed {
				t.Errorf("%s, %s: %v, want %v", kind, name, s.Refusal(), core.Malformed)
			}
		}
	}
}

// Where a token's length leaves bits over in its last character, they are zero.
func TestTrailingBits(t *testing.T) {
	p, w := policyOf(t, sealed), newShelf()
	for _, payload := range []string{"t", "te", "tea"} {
		good := w.must(t, w.open(p, noon, core.Tokens{}).With(payload), noon).Send.Token
		n := len(good)
		if n%4 == 0 {
			continue
		}
		for i := range 64 {
			c := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[i : i+1]
			token := good[:n-1] + core.Token(c)
			if s := p.Begin(noon, core.One(token)); (s.Standing() == core.Live) != (token == good) {
				t.Errorf("%d characters, last one %s: %v", n, c, s)
			}
		}
	}
}

func swapCase(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			b[i] = c ^ 0x20
		}
	}
	return string(b)
}

// Of two tokens both are tried, and of more none; and each outcome of one meets each of the other.
func TestTwoTokens(t *testing.T) {
	w, p := newShelf(), policyOf(t, stored)
	create := func(payload string) core.Token {
		return w.must(t, w.open(p, noon, core.Tokens{}).With(payload), noon).Send.Token
	}
	a, b, gone := create("a"), create("b"), create("gone")
	w.must(t, w.open(p, noon, core.One(gone)).Rotated(), noon)
	const bad, unknown = core.Token("bad"), core.Token("AectsLYx6TovK5pYrLzs1qMQg8GnmZnb_AFOkCoYWozA")

	for _, test := range []struct {
		name          string
		first, second core.Token
		count         int
		standing      core.Standing
		refusal       core.Refusal
		payload       string
	}{
		{"none", "", "", 0, core.Absent, core.NotRefused, ""},
		{"fewer than none", a, b, -1, core.Absent, core.NotRefused, ""},
		{"one", a, "", 1, core.Live, core.NotRefused, "a"},
		{"one, and a second that does not count", a, b, 1, core.Live, core.NotRefused, "a"},
		{"first good", a, bad, 2, core.Live, core.NotRefused, "a"},
		{"second good", bad, b, 2, core.Live, core.NotRefused, "b"},
		{"second good, first unknown", unknown, b, 2, core.Live, core.NotRefused, "b"},
		{"second good, first ended", gone, b, 2, core.Live, core.NotRefused, "b"},
		{"first good, second ended", a, gone, 2, core.Live, core.NotRefused, "a"},
		{"first good, second empty", a, "", 2, core.Live, core.NotRefused, "a"},
		{"both good", a, b, 2, core.Refused, core.Ambiguous, ""},
		{"equal", a, a, 2, core.Live, core.NotRefused, "a"},
		{"equal and bad", bad, bad, 2, core.Refused, core.Malformed, ""},
		{"both bad", bad, unknown, 2, core.Refused, core.Malformed, ""},
		{"unknown and ended", unknown, gone, 2, core.Refused, core.Unknown, ""},
		{"three", a, bad, 3, core.Refused, core.Ambiguous, ""}, // of which the third may be its owner's
		{"three, all bad", bad, unknown, 3, core.Refused, core.Ambiguous, ""},
		{"three equal", a, a, 3, core.Refused, core.Ambiguous, ""},
		{"as many as fit", a, bad, 1<<31 - 1, core.Refused, core.Ambiguous, ""},
	} {
		tokens := core.Tokens{First: test.first, Second: test.second, Count: test.count}
		s := w.open(p, noon, tokens)
		payload, _ := s.Payload()
		if s.Standing() != test.standing || s.Refusal() != test.refusal || payload != test.payload {
			t.Errorf("%s: %v with %q, want %v (%v) with %q", test.name, s, payload, test.standing, test.refusal, test.payload)
		}
	}

	// The same token twice is one session, in every respect.
	if got, want := w.open(p, noon, core.Tokens{First: a, Second: a, Count: 2}), w.open(p, noon, core.One(a)); got != want {
		t.Errorf("a token that came twice gives %v, not what it gives once", got)
	}
	// Ambiguous grants nothing, clears nothing and changes nothing.
	s := w.open(p, noon, core.Tokens{First: a, Second: b, Count: 2})
	if s.Handle() != "" || s.Subject() != "" || s.Decide(noon) != core.Keep || decided(s.Cleared()) != core.Refuse {
		t.Errorf("ambiguous: handle %q, subject %q, %v", s.Handle(), s.Subject(), s.Decide(noon))
	}
}

// Where one of two cannot be asked about, nothing is known: the other may be one of two.
func TestTwoTokensOutage(t *testing.T) {
	p := policyOf(t, stored)
	first, second := craft(t, 1, nil, core.Frame{}, repeat("a", 32)), craft(t, 1, nil, core.Frame{}, repeat("b", 32))
	live := core.Answer{Status: core.Found, Record: core.Record{Revision: 1, Seen: noon, Deadline: noon + hour, Body: body(teaBody, nil)}}
	down := core.Answer{Status: core.Unasked}
	for name, answers := range map[string][]core.Answer{"first": {down}, "second": {live, down}} {
		s := p.Begin(noon, core.Tokens{First: first, Second: second, Count: 2})
		for _, a := range answers {
			s = s.Answer(noon, a)
		}
		if _, asks := s.Next(); asks || s.Standing() != core.Unavailable {
			t.Errorf("%s: %v, asks %v", name, s, asks)
		}
		if _, ok := s.Payload(); ok || s.Decide(noon) != core.Keep || decided(s.With("x")) != core.Outage || decided(s.Cleared()) != core.Outage {
			t.Errorf("%s: something is granted, cleared or changed", name)
		}
		if s.Answer(noon, live) != s {
			t.Errorf("%s: an answer without a question changes something", name)
		}
	}
}

// A server-side session that can end with everyone's asks twice and no more: for its record, by its own token or by the one that it was
// renewed from, and then whether it has ended.
func TestServerSideRevocable(t *testing.T) {
	c := config(t, renewed)
	c.Revocable = true
	w, p := newShelf(), compile(t, c)
	old := w.must(t, w.open(p, noon, core.Tokens{}).With("tea").InEpoch(7), noon).Send.Token
	renewal := noon + c.Lifetime.Renew
	successor := w.must(t, w.open(p, renewal, core.One(old)), renewal).Send.Token
	if successor == "" {
		t.Fatal("not renewed")
	}
	for name, test := range map[string]struct {
		tokens  core.Tokens
		records int
		status  core.Status
		want    string
	}{
		"goes on":                   {core.One(successor), 1, core.Missing, "live"},
		"has ended":                 {core.One(successor), 1, core.Found, "refused (ended)"},
		"nobody can say":            {core.One(successor), 1, core.Unasked, "unavailable"},
		"renewed":                   {core.One(old), 2, core.Missing, "live"},
		"renewed, and has ended":    {core.One(old), 2, core.Found, "refused (ended)"},
		"by both":                   {core.Tokens{First: old, Second: successor, Count: 2}, 3, core.Missing, "live"},
		"by both, and it has ended": {core.Tokens{First: old, Second: successor, Count: 2}, 3, core.Found, "refused (ended)"},
	} {
		s, asked, records := p.Begin(renewal, test.tokens), 0, 0
		for q, open := s.Next(); open; q, open = s.Next() {
			a := core.Answer{Status: core.Found, Record: w.records[q.Key]}
			if q.Ask == core.AskEnded {
				if a = (core.Answer{Status: test.status}); q.Everyone != 7 {
					t.Errorf("%s: it says that it began in epoch %d", name, q.Everyone)
				}
			} else {
				records++
			}
			if asked++; asked > 8 {
				t.Fatalf("%s: it asks without end", name)
			}
			s = s.Answer(renewal, a)
		}
		if got := fmt.Sprint(s); got != "session desk "+test.want || records != test.records {
			t.Errorf("%s: %s after %d records, want %s after %d", name, got, records, test.want, test.records)
		}
	}
}

func decided(s core.Session) core.Verdict { return s.Decide(noon) }
