package adaptertest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// actions are what a handler can do, and what reads the words of each.
var actions = map[string]func(r *reader, l line) error{
	"take":       func(r *reader, l line) error { return r.named(l.args, 0) },
	"end-all":    func(r *reader, l line) error { return r.named(l.args, 1) },
	"principal":  func(_ *reader, l line) error { return none(l.args) },
	"get":        func(r *reader, l line) error { return r.named(l.args, 0) },
	"set":        (*reader).words,
	"add":        (*reader).words,
	"clear":      func(r *reader, l line) error { return r.named(l.args, 0) },
	"rotate":     func(r *reader, l line) error { return r.named(l.args, 0) },
	"sign-in":    func(r *reader, l line) error { return r.named(l.args, 1) },
	"say":        func(_ *reader, _ line) error { return nil },
	"status":     func(_ *reader, l line) error { return one(l.args, isNumber) },
	"field":      func(_ *reader, l line) error { return isField(l.rest) },
	"also-field": func(_ *reader, l line) error { return isField(l.rest) },
	"commit":     func(_ *reader, l line) error { return none(l.args) },
	"hint":       func(_ *reader, l line) error { return some(l.args) },
	"stream":     func(_ *reader, l line) error { return none(l.args) },
	"fail":       func(_ *reader, l line) error { return one(l.args[:min(1, len(l.args))], isNumber) },
	"panic":      func(_ *reader, l line) error { return none(l.args) },
	"wait":       (*reader).wait,
	"store":      func(_ *reader, l line) error { return upOrDown(l.args) },
	"pass":       func(_ *reader, l line) error { return isDuration(l.args) },
}

// action reads what a handler does.
func (r *reader) action(l line) error {
	check, ok := actions[l.word]
	if !ok {
		return fmt.Errorf("a handler cannot %q; it can %s", l.word, strings.Join(slices.Sorted(maps.Keys(actions)), ", "))
	}
	if name, ok := strings.CutPrefix(l.want, "error "); l.says && ok && sentinels[name] == nil {
		return fmt.Errorf("no error is called %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(sentinels)), ", "))
	}
	speaks := []string{"get", "set", "add", "clear", "rotate", "sign-in", "take", "end-all", "principal"}
	if l.says && !slices.Contains(speaks, l.word) {
		return fmt.Errorf("nothing comes of %s", l.word)
	}
	return check(r, l)
}

// gate reads a guard: its path, its kind, and how it challenges.
func (r *reader) gate(l line) error {
	if len(l.args) < 2 || !strings.HasPrefix(l.args[0], "/") || !strings.HasSuffix(l.args[0], "/") {
		return errors.New("a guard has a path such as /mine/, and a kind")
	}
	g := gate{l.args[1], l.args[2:]}
	if len(g.challenge) > 0 && (g.challenge[0] != "tells" || len(g.challenge) != 1) && (g.challenge[0] != "leads-to" || len(g.challenge) != 2) {
		return errors.New("a guard tells, or leads-to an address")
	}
	if r.s.gates == nil {
		r.s.gates = map[string]gate{}
	}
	r.s.gates[l.args[0]] = g
	return nil
}

func (r *reader) words(l line) error {
	if err := r.named(l.args, -1); err != nil {
		return err
	}
	_, err := words(l.args[1:])
	return err
}

func (r *reader) wait(l line) error {
	r.open[r.s.steps[len(r.s.steps)-1].who] = true
	return none(l.args)
}

// wants reads what must come back.
func (r *reader) wants(l line) error {
	switch l.word {
	case "answer":
		if len(l.args) > 0 && (l.args[0] == "broken" || isNumber(l.args[0]) == nil) {
			return nil
		}
		return errors.New("an answer has a status, or is broken")
	case "token":
		if len(l.args) == 4 && l.args[1] == "sent" && l.args[2] == "as" {
			r.tokens[l.args[3]] = true
			return r.named(l.args[:1], 0)
		}
		if len(l.args) == 2 && (l.args[1] == "sent" || l.args[1] == "cleared") {
			return r.named(l.args[:1], 0)
		}
		if len(l.args) == 3 && l.args[1] == "sent" && tokenName.MatchString(l.args[2]) {
			return errors.Join(r.named(l.args[:1], 0), r.known(l.args[2]))
		}
		return errors.New("a token is sent, sent as a name, sent <NAME> again, or cleared")
	case "field":
		return errors.Join(isField(l.rest), r.known(l.rest))
	}
	for call := range strings.SplitSeq(l.rest, ", ") {
		if !slices.Contains([]string{"load", "create", "replace", "touch", "delete", "nothing"}, call) {
			return fmt.Errorf("a store has no %q", call)
		}
	}
	return nil
}

func none(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("nothing comes after it, but %q does", args)
	}
	return nil
}

func some(args []string) error {
	if len(args) == 0 {
		return errors.New("something is missing after it")
	}
	return nil
}

func one(args []string, check func(string) error) error {
	if len(args) != 1 {
		return fmt.Errorf("%d words after it, want 1", len(args))
	}
	return check(args[0])
}

func isNumber(text string) error {
	_, err := number(text)
	return err
}

func isDuration(args []string) error {
	return one(args, func(text string) error {
		_, err := duration(text)
		return err
	})
}

func upOrDown(args []string) error {
	return one(args, func(text string) error {
		if text != "up" && text != "down" {
			return errors.New("a store is up or down")
		}
		return nil
	})
}

func isField(rest string) error {
	if name, _, ok := strings.Cut(rest, ":"); !ok || name == "" || strings.Contains(name, " ") {
		return errors.New("a field is NAME: VALUE")
	}
	return nil
}
