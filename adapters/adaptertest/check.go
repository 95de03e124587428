package adaptertest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// check holds an answer to what its step says, and to what is held without being said.
func (p *play) check(s *step, a *acting, r *http.Request, c came) {
	a.mu.Lock()
	defer a.mu.Unlock()
	wants := slices.DeleteFunc(slices.Clone(s.wants), func(l line) bool { return !l.only.has(p.way) })
	answers := func(l line) bool { return l.word == "answer" }
	if i := slices.IndexFunc(wants, answers); i >= 0 && wants[i].args[0] == "broken" {
		if c.err == nil && c.status != http.StatusInternalServerError {
			p.errorf(wants[i], "the answer is %d %s", c.status, brief(c.body))
		}
		if c.err != nil {
			p.checkStore(s)
			return
		}
		a.used, a.fields = nil, http.Header{} // what the handler wanted is lost with it
	} else if c.err != nil {
		p.errorf(s.line, "%v", c.err)
		return
	} else {
		want := line{no: s.no, word: "answer", rest: "200 " + a.text}
		if i >= 0 {
			want = wants[i]
		}
		p.checkAnswer(want, r, c)
	}
	p.checkTokens(s, wants, r, c)
	p.checkFields(s, wants, a, c)
	p.checkTexts(s, c)
	p.checkStore(s)
}

// checkAnswer looks at status and body.
func (p *play) checkAnswer(want line, r *http.Request, c came) {
	status, body, _ := strings.Cut(want.rest, " ")
	if body = strings.TrimSpace(body); r.Method == http.MethodHead {
		body = ""
	}
	if strconv.Itoa(c.status) != status || body != "…" && c.body != body {
		p.errorf(want, "the answer is %d %s", c.status, brief(c.body))
	}
}

// told is what an answer tells about one kind.
type told struct {
	lines []string // values
	clear bool
}

// tells finds what an answer tells about a kind.
func (p *play) tells(k kind, c came) told {
	var t told
	if k.of(p.way).transport == "header" {
		t.lines = c.header.Values(fieldOf(k.name))
		t.clear = len(t.lines) == 1 && t.lines[0] == ""
		return t
	}
	for _, set := range (&http.Response{Header: c.header}).Cookies() {
		if set.Name == p.cookieOf(k) {
			t.lines = append(t.lines, set.Value)
			t.clear = set.Value == "" && set.MaxAge < 0 && !set.Expires.IsZero()
		}
	}
	return t
}

// checkTokens looks at what the client is told of each kind.
func (p *play) checkTokens(s *step, wants []line, r *http.Request, c came) {
	var fields []string
	for _, k := range p.scenario.kinds {
		fields = append(fields, fieldOf(k.name))
		t := p.tells(k, c)
		want := line{no: s.no, word: "token", rest: k.name + " kept"}
		for _, l := range wants {
			if l.word == "token" && l.args[0] == k.name {
				want = l
			}
		}
		switch {
		case len(t.lines) > 1:
			p.errorf(want, "%d lines tell of it: %q", len(t.lines), c.header)
		case len(want.args) == 0:
			if len(t.lines) != 0 {
				p.errorf(want, "the client is told of it: %q", c.header)
			}
		case len(t.lines) == 0:
			p.errorf(want, "the client is told nothing")
		case want.args[1] == "cleared":
			if !t.clear {
				p.errorf(want, "it is not cleared: %q", c.header)
			}
		case want.args[1] == "sent" && len(want.args) == 3:
			if t.lines[0] != p.spell(want.args[2]) {
				p.errorf(want, "it is another one")
			}
		case t.lines[0] == "" || p.seen[t.lines[0]]:
			p.errorf(want, "no new token is sent")
		default:
			p.seen[t.lines[0]] = true
			if len(want.args) == 4 {
				p.tokens[want.args[3]] = t.lines[0]
			}
		}
	}
	p.checkNames(s, c)
	p.expect(s.line, p.person(s.who).keep(r.URL, c, fields))
}

// checkNames looks for two Set-Cookie of one name (RFC 6265bis, section 4.1.1).
func (p *play) checkNames(s *step, c came) {
	var names []string
	for _, set := range c.header.Values("Set-Cookie") {
		name, _, _ := strings.Cut(set, "=")
		if slices.Contains(names, name) {
			p.errorf(s.line, "two Set-Cookie are called %s", name)
		}
		names = append(names, name)
	}
}

// checkFields looks at the header: at what lines say, and at Vary and Cache-Control.
func (p *play) checkFields(s *step, wants []line, a *acting, c came) {
	said := map[string]bool{}
	for _, l := range wants {
		if l.word != "field" {
			continue
		}
		name, value, _ := strings.Cut(l.rest, ":")
		said[http.CanonicalHeaderKey(name)] = true
		if got := strings.Join(c.header.Values(name), ", "); got != p.spell(strings.TrimSpace(value)) {
			p.errorf(l, "it is %q", got)
		}
	}
	told := slices.ContainsFunc(p.scenario.kinds, func(k kind) bool { return len(p.tells(k, c).lines) > 0 })
	vary := p.varies(a)
	got := elements(c.header.Values("Vary"))
	if a.hand { // of what came after the commit nothing is known
		got = slices.DeleteFunc(got, func(name string) bool { return !slices.Contains(vary, name) })
	}
	if !said["Vary"] && !slices.Equal(got, vary) {
		p.errorf(s.line, "Vary has %q, want %q", got, vary)
	}
	keeping := a.fields.Get("Cache-Control")
	switch {
	case told:
		keeping = "no-store"
		for name := range c.header {
			if strings.HasSuffix(name, "-Cache-Control") {
				p.errorf(s.line, "%s goes along with a token", name)
			}
		}
	case keeping == "" && len(a.used) > 0:
		keeping = "private"
	}
	if got := strings.Join(c.header.Values("Cache-Control"), ", "); !said["Cache-Control"] && got != keeping {
		p.errorf(s.line, "Cache-Control is %q, want %q", got, keeping)
	}
}

// varies is what an answer is to vary by: what its handler says, and by what the tokens and stamps travel of kinds that were used.
func (p *play) varies(a *acting) []string {
	vary := elements(a.fields.Values("Vary"))
	for _, k := range p.scenario.kinds {
		w := k.of(p.way)
		by := "cookie"
		if w.transport == "header" {
			by = strings.ToLower(fieldOf(k.name))
		}
		used := slices.Contains(a.used, k.name)
		if name, isStamp := strings.CutSuffix(k.name, stampOf("")); isStamp && k.stamp {
			used = w.placement == "client" && slices.Contains(a.used, name)
		}
		if used && !slices.Contains(vary, by) {
			vary = append(vary, by)
		}
	}
	slices.Sort(vary)
	return vary
}

// elements are those of a field that is a list, in order.
func elements(lines []string) (all []string) {
	for _, l := range lines {
		for part := range strings.SplitSeq(l, ",") {
			if part = strings.ToLower(strings.TrimSpace(part)); part != "" {
				all = append(all, part)
			}
		}
	}
	slices.Sort(all)
	return all
}

// checkTexts looks for what must not come out, and at what came before the answer.
func (p *play) checkTexts(s *step, c came) {
	for token := range p.seen {
		if strings.Contains(c.body, token) {
			p.errorf(s.line, "the body has a token")
		}
	}
	if strings.Contains(c.body, secret) {
		p.errorf(s.line, "the body has the text of the store's error")
	}
	hints := 0
	for _, l := range s.handler {
		if l.word == "hint" && l.only.has(p.way) {
			hints++
		}
	}
	if len(c.hints) != hints {
		p.errorf(s.line, "%d answers came before the answer, want %d", len(c.hints), hints)
	}
	for _, h := range c.hints {
		for _, k := range p.scenario.kinds {
			if len(p.tells(k, came{header: h}).lines) != 0 || h.Get("Link") == "" {
				p.errorf(s.line, "103 has %q", h)
			}
		}
	}
}

// checkStore looks at what the store was asked.
func (p *play) checkStore(s *step) {
	asked := p.ledger.asked()
	if !p.server() {
		if asked != "" {
			p.errorf(s.line, "for client-side sessions the store was asked %s", asked)
		}
		return
	}
	for _, l := range s.wants {
		if l.word != "store" || !l.only.has(p.way) {
			continue
		}
		if want := strings.Replace(l.rest, "nothing", "", 1); asked != want {
			p.errorf(l, "it was asked %q", asked)
		}
	}
}
