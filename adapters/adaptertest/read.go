package adaptertest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/satchel-go/satchel/adapters/cookie"
)

// errNumber is what a reader says of a number that is none.
var errNumber = errors.New("not a number that is small enough")

func number(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, errNumber
	}
	return int(n), nil
}

// reader reads one scenario.
type reader struct {
	s      *scenario
	tokens map[string]bool // names that were given
	errs   []error
	open   map[string]bool // visitors whose request waits
}

// read reads a scenario, and says everything that is wrong with it, by file and line.
func read(file, text string) (*scenario, error) {
	r := &reader{s: &scenario{file: file}, tokens: map[string]bool{}, open: map[string]bool{}}
	for i, raw := range strings.Split(text, "\n") {
		l, err := split(i+1, raw)
		if err == nil && l.word != "" {
			indented := raw[0] == ' ' || raw[0] == '\t'
			err = r.take(l, indented)
		}
		if err != nil {
			r.errs = append(r.errs, fmt.Errorf("%s:%d: %w", file, i+1, err))
		}
	}
	r.end()
	return r.s, errors.Join(r.errs...)
}

// split takes a line apart.
func split(no int, raw string) (line, error) {
	text := raw
	if strings.HasPrefix(strings.TrimSpace(text), "#") {
		return line{}, nil
	}
	text, _, _ = strings.Cut(text, " # ")
	text = strings.TrimSpace(text)
	l := line{no: no}
	if open := strings.LastIndex(text, "["); open > 0 && strings.HasSuffix(text, "]") {
		for word := range strings.FieldsSeq(text[open+1 : len(text)-1]) {
			if !slices.Contains([]string{"client", "server", "cookie", "header"}, word) {
				return l, fmt.Errorf("[%s] is none of client, server, cookie, header", word)
			}
			l.only = append(l.only, word)
		}
		text = strings.TrimSpace(text[:open])
	}
	l.word, l.rest, _ = strings.Cut(text, " ")
	err := l.cut(l.rest)
	return l, err
}

// cut makes rest the words of the line.
func (l *line) cut(rest string) error {
	l.rest = strings.TrimSpace(rest)
	if before, want, ok := strings.Cut(" "+l.rest, " -> "); ok {
		l.says, l.want, l.rest = true, strings.TrimSpace(want), strings.TrimSpace(before)
	}
	l.args = nil
	for text := l.rest; text != ""; text = strings.TrimSpace(text) {
		if text[0] != '"' {
			word, after, _ := strings.Cut(text, " ")
			l.args, text = append(l.args, word), after
			continue
		}
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return errors.New("a quote that does not end")
		}
		word, err := strconv.Unquote(quoted)
		if err != nil {
			return err
		}
		l.args, text = append(l.args, word), text[len(quoted):]
	}
	return nil
}

// sub makes a line of what follows the first word.
func (l line) sub() (line, error) {
	word, rest, _ := strings.Cut(l.rest, " ")
	inner := line{no: l.no, word: word, only: l.only, says: l.says, want: l.want}
	says, want := l.says, l.want
	err := inner.cut(rest)
	inner.says, inner.want = says, want
	return inner, err
}

func (r *reader) take(l line, indented bool) error {
	switch {
	case !indented:
		return r.margin(l)
	case len(r.s.steps) == 0:
		return errors.New("an indented line belongs to a step, and there is none yet")
	}
	s := &r.s.steps[len(r.s.steps)-1]
	if s.who == "" && l.word != "store" {
		return fmt.Errorf("nothing but store can stand under %q", s.word)
	}
	switch l.word {
	case "sends":
		if s.method == "" {
			return errors.New("the request was sent before")
		}
		s.sends = append(s.sends, l)
		return r.sends(l)
	case "handler":
		if s.method == "" {
			return errors.New("what the handler does stands where it was asked")
		}
		inner, err := l.sub()
		s.handler = append(s.handler, inner)
		return errors.Join(err, r.action(inner))
	case "answer", "token", "field", "store":
		s.wants = append(s.wants, l)
		return r.wants(l)
	}
	return fmt.Errorf("%q is none of sends, handler, answer, token, field, store", l.word)
}

// margin reads a line at the margin.
func (r *reader) margin(l line) error {
	if head, err := r.head(l); head {
		if len(r.s.steps) > 0 {
			return fmt.Errorf("%s stands before the first step", l.word)
		}
		return err
	}
	if len(r.s.kinds) == 0 {
		r.s.kinds = []kind{{name: "cart"}}
	}
	s := step{line: l}
	var err error
	switch {
	case l.word == "pass":
		err = isDuration(l.args)
	case l.word == "store":
		err = upOrDown(l.args)
	case l.word == "records":
		err = one(l.args, isNumber)
	case l.rest == "goes on":
		s.who = l.word
		if !r.open[s.who] {
			err = fmt.Errorf("no request of %s is waiting", s.who)
		}
		delete(r.open, s.who)
	case len(l.args) == 3 && l.args[0] == "asks":
		s.who, s.method, s.path = l.word, l.args[1], l.args[2]
		if !strings.HasPrefix(s.path, "/") || s.method != strings.ToUpper(s.method) {
			err = errors.New("a request is a METHOD in capitals and a path")
		}
		if r.open[s.who] {
			err = fmt.Errorf("a request of %[1]s is waiting; in another tab it would be %[1]s/2", s.who)
		}
	default:
		err = fmt.Errorf("%q is no step: NAME asks METHOD PATH, NAME goes on, pass, store, records", l.word)
	}
	r.s.steps = append(r.s.steps, s)
	return err
}

// head reads a line about the scenario, if it is one.
func (r *reader) head(l line) (isHead bool, err error) {
	switch l.word {
	case "title":
		r.s.title = l.rest
	case "fault":
		for _, arg := range l.args {
			n, err := number(arg)
			if err != nil {
				return true, err
			}
			r.s.faults = append(r.s.faults, n)
		}
	case "only":
		r.s.only = l.only
	case "kind":
		return true, r.kind(l)
	case "guard":
		return true, r.gate(l)
	case "lives":
		for i := 0; i < len(l.args); i += 2 {
			if !slices.Contains([]string{"idle", "absolute", "touch", "renew", "grace"}, l.args[i]) || i+1 == len(l.args) {
				return true, errors.New("a lifetime is idle, absolute, touch, renew or grace, and a time")
			}
			if err := isDuration(l.args[i+1 : i+2]); err != nil {
				return true, err
			}
		}
		r.s.lives = append(r.s.lives, l)
	case "cookie":
		return true, r.cookie(l)
	default:
		return false, nil
	}
	return true, nil
}

func (r *reader) kind(l line) error {
	if len(l.args) == 0 {
		return errors.New("a kind has a name")
	}
	k := kind{name: l.args[0]}
	if _, twice := r.s.kind(k.name); twice {
		return fmt.Errorf("%s is placed twice", k.name)
	}
	for _, word := range l.args[1:] {
		switch word {
		case "inside":
			k.inside = true
		case "stamped":
			k.stamped = true
		case "client", "server", "cookie", "header":
			k.pinned = append(k.pinned, word)
		default:
			return fmt.Errorf("%q is none of client, server, cookie, header, inside, stamped", word)
		}
	}
	r.s.kinds = append(r.s.kinds, k)
	if k.stamped {
		r.s.kinds = append(r.s.kinds, kind{name: stampOf(k.name), pinned: k.pinned, stamp: true})
	}
	return nil
}

// cookie reads how cookies look.
func (r *reader) cookie(l line) error {
	c := &r.s.cookie
	texts := map[string]*string{"name": &c.Name, "path": &c.Path, "domain": &c.Domain}
	flags := map[string]*bool{
		"partitioned": &c.Partitioned, "script-readable": &c.ScriptReadable, "browser-session": &c.BrowserSession,
		"insecure-loopback": &c.InsecureLoopback,
	}
	for _, arg := range l.args {
		name, value, _ := strings.Cut(arg, "=")
		switch {
		case texts[name] != nil && value != "":
			*texts[name] = value
		case flags[arg] != nil:
			*flags[arg] = true
		case arg == "strict":
			c.SameSite = cookie.Strict
		case arg == "none":
			c.SameSite = cookie.None
		default:
			return fmt.Errorf("a cookie has no %q", arg)
		}
	}
	_, err := c.Compile("cart")
	return err
}

// end looks at what only the whole can show.
func (r *reader) end() {
	if r.s.title == "" {
		r.errs = append(r.errs, fmt.Errorf("%s: no title", r.s.file))
	}
	if len(r.s.steps) == 0 {
		r.errs = append(r.errs, fmt.Errorf("%s: no steps", r.s.file))
	}
	for who := range r.open {
		r.errs = append(r.errs, fmt.Errorf("%s: a request of %s is never continued", r.s.file, who))
	}
	for path, g := range r.s.gates {
		if _, ok := r.s.kind(g.kind); !ok {
			r.errs = append(r.errs, fmt.Errorf("%s: guard %s: there is no kind %q", r.s.file, path, g.kind))
		}
	}
	slices.SortFunc(r.errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
}

// named reads the name of a kind.
func (r *reader) named(args []string, more int) error {
	if len(args) == 0 {
		return errors.New("of which kind?")
	}
	if _, ok := r.s.kind(args[0]); !ok {
		return fmt.Errorf("there is no kind %q", args[0])
	}
	if more >= 0 && len(args) != more+1 {
		return fmt.Errorf("%d words after the kind, want %d", len(args)-1, more)
	}
	return nil
}

// tokenName is how a token is written: its name, and what was done to it.
var tokenName = regexp.MustCompile(`<([^ <>]+)( forged| cut)?>`)

// known checks that tokens that a text names have been given their names.
func (r *reader) known(text string) error {
	for _, m := range tokenName.FindAllStringSubmatch(text, -1) {
		if !r.tokens[m[1]] {
			return fmt.Errorf("no token was called %q before", m[1])
		}
	}
	return nil
}

// sends reads what a client sends.
func (r *reader) sends(l line) error {
	if err := r.known(l.rest); err != nil {
		return err
	}
	if name, _, ok := strings.Cut(l.rest, ":"); ok && !strings.ContainsAny(name, " <\"") {
		return nil
	}
	if err := r.named(l.args, -1); err != nil {
		return err
	}
	if len(l.args) == 1 {
		return errors.New("which token?")
	}
	return nil
}
