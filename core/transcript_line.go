package core

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// A line of a transcript is a word and then fields, each " name=value", in a fixed order. A value is a decimal number, a
// name, hex in lower case, or text in quotes, in which \xhh stands for each byte outside ASCII's printable ones, and for
// the quote and the backslash. So every line has one spelling.

func (t *Transcript) word(w string) *Transcript { t.lines = append(t.lines, w...); return t }

func (t *Transcript) end() { t.lines = append(t.lines, '\n') }

func (t *Transcript) name(field, value string) *Transcript {
	t.lines = append(t.lines, ' ')
	t.lines = append(t.lines, field...)
	t.lines = append(t.lines, '=')
	t.lines = append(t.lines, value...)
	return t
}

func (t *Transcript) number(field string, n int64) *Transcript {
	return t.name(field, strconv.FormatInt(n, 10))
}

// some is number for a field that is left out where it is 0, in what was said and is not read.
func (t *Transcript) some(field string, n int64) *Transcript {
	if n == 0 {
		return t
	}
	return t.number(field, n)
}

func (t *Transcript) count(field string, n uint64) *Transcript {
	return t.name(field, strconv.FormatUint(n, 10))
}

func (t *Transcript) hex(field, s string) *Transcript {
	t.name(field, "")
	t.lines = hex.AppendEncode(t.lines, []byte(s))
	return t
}

func (t *Transcript) text(field, s string) *Transcript {
	t.name(field, `"`)
	for i := range len(s) {
		if c := s[i]; literal(c) {
			t.lines = append(t.lines, c)
		} else {
			t.lines = append(t.lines, '\\', 'x')
			t.lines = hex.AppendEncode(t.lines, []byte{c})
		}
	}
	t.lines = append(t.lines, '"')
	return t
}

// literal reports whether a byte stands for itself in a text.
func literal(c byte) bool { return c >= ' ' && c <= '~' && c != '"' && c != '\\' }

func (t *Transcript) record(r Record) *Transcript {
	return t.count("revision", r.Revision).number("seen", r.Seen).number("deadline", r.Deadline).text("body", r.Body)
}

// fields reads what follows a line's word, in order. After a fault everything reads as empty.
type fields struct {
	rest string
	bad  bool
}

// cut takes the field of that name off, up to the next blank.
func (f *fields) cut(field string) string {
	rest, ok := strings.CutPrefix(f.rest, " "+field+"=")
	if !ok {
		f.bad, f.rest = true, ""
		return ""
	}
	value, _, _ := strings.Cut(rest, " ")
	f.rest = rest[len(value):]
	return value
}

func (f *fields) number(field string) int64 {
	value := f.cut(field)
	n, err := strconv.ParseInt(value, 10, 64)
	f.bad = f.bad || err != nil || strconv.FormatInt(n, 10) != value
	return n
}

func (f *fields) count(field string) uint64 {
	value := f.cut(field)
	n, err := strconv.ParseUint(value, 10, 64)
	f.bad = f.bad || err != nil || strconv.FormatUint(n, 10) != value
	return n
}

func (f *fields) hex(field string) []byte {
	value := f.cut(field)
	b, err := hex.DecodeString(value)
	f.bad = f.bad || err != nil || strings.ToLower(value) != value
	return b
}

func (f *fields) text(field string) string {
	rest, ok := strings.CutPrefix(f.rest, " "+field+`="`)
	body, after, closed := strings.Cut(rest, `"`)
	if f.rest = after; !ok || !closed {
		f.bad, f.rest = true, ""
		return ""
	}
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c == '\\' {
			if len(body)-i < 4 || body[i+1] != 'x' {
				f.bad = true
				return ""
			}
			b, err := hex.DecodeString(body[i+2 : i+4])
			if err != nil || literal(b[0]) || strings.ToLower(body[i+2:i+4]) != body[i+2:i+4] {
				f.bad = true
				return ""
			}
			c, i = b[0], i+3
		} else if !literal(c) {
			f.bad = true
			return ""
		}
		out = append(out, c)
	}
	return string(out)
}

func (f *fields) record() Record {
	return Record{Revision: f.count("revision"), Seen: f.number("seen"), Deadline: f.number("deadline"), Body: f.text("body")}
}

// numbered reads a name as its index among names.
func numbered[E ~uint8](f *fields, field string, names []string) E {
	value := f.cut(field)
	for i, name := range names {
		if name == value {
			return E(i)
		}
	}
	f.bad = true
	return 0
}

// replay is the state of a transcript that is done over.
type replay struct {
	t       Transcript
	s       Session
	before  Session // as it was before the last wish
	wished  bool    // there was one
	plan    Plan
	begun   bool
	planned bool // plan is of the step before, and may be carried out
}

// comment keeps a comment in its place. Those before the first step would be overwritten by Begin.
func (r *replay) comment(line string) { r.t.word(line).end() }

// step does one line over, and reports whether it is one of a transcript, at a place where it can be.
func (r *replay) step(p *Policy, line string) bool {
	word, _, _ := strings.Cut(line, " ")
	f := &fields{rest: line[len(word):]}
	if r.begun == (word == "begin") || (word == "next" && !r.planned) {
		return false
	}
	r.planned = false
	switch word {
	case "with", "rotated", "signed-in", "cleared", "taken", "lowered", "lasting":
		r.before, r.wished = r.s, true
		return r.wish(word, f)
	case "undone":
		if !r.wished {
			return false
		}
		return f.done(func() { r.t.Undone(&r.s, &r.before) })
	}
	switch word {
	case "begin":
		return r.begin(p, f)
	case "answer":
		now := f.number("now")
		a := Answer{Status: numbered[Status](f, "status", statusNames[:])}
		switch a.Status {
		case Found:
			a.Record = f.record()
		case Garbled:
			a.Record.Revision = f.count("revision")
		}
		return f.done(func() { r.t.Answer(&r.s, now, a) })
	case "in-epoch":
		everyone := f.number("everyone")
		return f.done(func() { r.t.InEpoch(&r.s, everyone) })
	case "silent":
		return f.done(func() { r.t.Silent(&r.s) })
	case "doubted":
		return f.done(func() { r.t.Doubted(&r.s) })
	case "undecodable":
		return f.done(func() { r.t.Undecodable(&r.s) })
	case "reloaded":
		return f.done(func() { r.t.Reloaded(&r.s) })
	case "plan":
		now, v, entropy := f.number("now"), numbered[Verdict](f, "verdict", verdictNames[:]), f.hex("entropy")
		return f.done(func() {
			err := r.t.Plan(&r.plan, &r.s, v, now, entropy)
			r.planned = err == nil
		})
	case "next":
		return f.done(func() { r.t.Next(&r.s, &r.plan) })
	}
	return false
}

// wish does a line over that says what the application wants.
func (r *replay) wish(word string, f *fields) bool {
	switch word {
	case "with":
		payload := f.text("payload")
		return f.done(func() { r.t.With(&r.s, payload) })
	case "rotated":
		return f.done(func() { r.t.Rotated(&r.s) })
	case "signed-in":
		in := SignIn{Subject: f.text("subject"), Payload: f.text("payload")}
		level := f.number("level")
		in.Level, in.Methods, in.Hint, in.Epoch = uint8(level), f.text("methods"), f.text("hint"), f.number("epoch")
		return level == int64(in.Level) && f.done(func() { r.t.SignedIn(&r.s, in) })
	case "taken":
		return f.done(func() { r.t.Taken(&r.s) })
	case "cleared":
		return f.done(func() { r.t.Cleared(&r.s) })
	case "lowered":
		level := f.number("level")
		return level == int64(uint8(level)) && f.done(func() { r.t.Lowered(&r.s, uint8(level)) })
	case "lasting":
		idle, absolute := f.number("idle"), f.number("absolute")
		return f.done(func() { r.t.Lasting(&r.s, idle, absolute) })
	}
	return false
}

// done does a step if its line was read to the end without a fault.
func (f *fields) done(step func()) bool {
	if f.bad || f.rest != "" {
		return false
	}
	step()
	return true
}

func (r *replay) begin(p *Policy, f *fields) bool {
	now, count := f.number("now"), f.number("count")
	t := Tokens{Count: int(count), Tenant: f.text("tenant"), First: Token(f.text("first")), Second: Token(f.text("second"))}
	if strings.HasPrefix(f.rest, " new-id=") {
		t.NewID = Token(f.text("new-id"))
	}
	if f.rest != "" {
		t.Stamp = Token(f.text("stamp"))
	}
	return int64(t.Count) == count && f.done(func() {
		comments := r.t.lines
		r.t.lines = nil
		r.t.Begin(&r.s, p, now, t)
		if len(comments) > 0 {
			r.t.lines = append([]byte(transcriptHead+string(comments)), r.t.lines[len(transcriptHead):]...)
		}
		r.begun = true
	})
}
