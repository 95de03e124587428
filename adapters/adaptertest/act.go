package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/core"
)

// sentinels are the errors that a handler's line can name, by how each is recognized.
var sentinels = map[string]func(error) bool{
	"conflict":    func(err error) bool { return errors.Is(err, satchel.ErrConflict) },
	"ended":       func(err error) bool { return errors.Is(err, satchel.ErrEnded) },
	"ambiguous":   func(err error) bool { return errors.Is(err, satchel.ErrAmbiguous) },
	"unavailable": func(err error) bool { return errors.Is(err, satchel.ErrUnavailable) },
	"too late":    func(err error) bool { return errors.Is(err, satchel.ErrTooLate) },
	"closed":      func(err error) bool { return errors.Is(err, satchel.ErrClosed) },
	"unplaced":    func(err error) bool { return errors.Is(err, satchel.ErrUnplaced) },
	"too large":   tooLarge,
}

func tooLarge(err error) bool {
	_, token := errors.AsType[*core.TooLargeError](err)
	_, pair := errors.AsType[*cookie.SizeError](err)
	return token || pair
}

// planned is in the text of a scenario's panics.
const planned = "panic of a scenario"

// acting is one request as its handler acts on it.
type acting struct {
	play *play
	step *step

	paused, on chan struct{}

	mu     sync.Mutex  // a stream may run on beside the answer that took its place
	used   []string    // kinds, before the header has gone
	begun  bool        // the header has gone
	fields http.Header // that the handler set
	hand   bool        // it committed by itself: a framework may send nothing, or all, of what it set since
	text   string      // that it said
}

// says adds to what the handler said, and returns all of it.
func (a *acting) says(text string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.text += text
	return a.text
}

// uses notes that the handler uses a kind.
func (a *acting) uses(kind string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.begun && !a.hand && !slices.Contains(a.used, kind) {
		a.used = append(a.used, kind)
	}
}

// byHand notes that the handler has committed.
func (a *acting) byHand() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hand = true
}

// goes notes that the header goes.
func (a *acting) goes() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.begun = true
}

// handle is the Site's Handle for scenarios.
func (p *play) handle(v Visit) *HandlerError {
	a := p.acts(v.Sent(lineField))
	if a == nil {
		return &HandlerError{http.StatusInternalServerError, "the handler was called for no request of the scenario, or twice for one"}
	}
	for i, l := range a.step.handler {
		if !l.only.has(p.way) {
			continue
		}
		if l.word == "stream" {
			err := v.Stream(func(ctx context.Context, say func(string) error) {
				a.goes()
				a.stream(ctx, say, a.step.handler[i+1:])
			})
			return fails(err)
		}
		if err := a.act(v.Context(), v, l); err != nil {
			return fails(err)
		}
	}
	if text := a.says(""); text != "" {
		_ = v.Body(text) // after a failed commit it is an error, where a framework can tell
	}
	return nil
}

// keeps notes a field that the handler sets, unless it may not go along.
func (a *acting) keeps(how func(h http.Header, name, value string), name, value string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.hand {
		how(a.fields, name, value)
	}
}

// stream does what comes after the header has gone. What cannot be said, because the answer is another by now or the
// client has gone, is seen by the client.
func (a *acting) stream(ctx context.Context, say func(string) error, lines []line) {
	if text := a.says(""); text != "" {
		_ = say(text)
	}
	for _, l := range lines {
		if !l.only.has(a.play.way) {
			continue
		}
		before := len(a.says(""))
		if err := a.act(ctx, nil, l); err != nil {
			a.play.errorf(l, "after the header has gone: %v", err)
		}
		if text := a.says("")[before:]; text != "" {
			_ = say(text)
		}
	}
}

// fails is what a handler returns for an error.
func fails(err error) *HandlerError {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*HandlerError](err); ok {
		return f
	}
	status := answer.StatusOf(err)
	return &HandlerError{status, http.StatusText(status)}
}

// act does what one line says. An error is one that the line does not expect.
func (a *acting) act(ctx context.Context, v Visit, l line) error {
	name, value, _ := strings.Cut(l.rest, ":")
	value = strings.TrimSpace(value)
	switch l.word {
	case "say":
		a.says(l.rest)
	case "status":
		code, _ := number(l.args[0])
		v.Status(code)
	case "field":
		a.keeps(http.Header.Set, name, value)
		v.Set(name, value)
	case "also-field":
		a.keeps(http.Header.Add, name, value)
		v.Add(name, value)
	case "commit":
		err := v.Commit()
		a.byHand()
		return err
	case "hint":
		return v.Hint(l.rest)
	case "fail":
		code, _ := number(l.args[0])
		return &HandlerError{code, strings.TrimSpace(strings.TrimPrefix(l.rest, l.args[0]))}
	case "panic":
		panic(planned)
	case "wait":
		close(a.paused)
		<-a.on
	case "store", "pass":
		a.play.turn(l)
	default:
		return a.use(ctx, l)
	}
	return nil
}

// use does what a line says with a kind.
func (a *acting) use(ctx context.Context, l line) error {
	if l.word == "principal" {
		who, ok := satchel.Principal[Principal](ctx)
		return a.compare(l, Words{[]string{who.Name}}, ok, nil)
	}
	name := l.args[0]
	if l.word != "end-all" { // which is nobody's session in particular
		a.uses(name)
	}
	kind := satchel.NewKind[Words](name)
	given, _ := words(l.args[1:]) // the reader has read them
	var got Words
	var ok bool
	var err error
	switch l.word {
	case "get":
		got, ok, err = kind.Get(ctx)
	case "set":
		got, ok, err = Words{given}, true, kind.Set(ctx, Words{given})
	case "add":
		got, err = kind.Update(ctx, func(w Words) Words {
			w.Words = append(w.Words, given...)
			return w
		})
		ok = err == nil
	case "clear":
		err = kind.Clear(ctx)
	case "take":
		got, ok, err = kind.Take(ctx)
	case "end-all":
		_, err = kind.Of(a.play.outer, given[0]).EndAll(ctx)
	case "rotate":
		err = kind.Rotate(ctx)
	case "sign-in":
		if got, ok, err = kind.Get(ctx); err == nil {
			err = kind.SignIn(ctx, given[0], got)
		}
	}
	return a.compare(l, got, ok, err)
}

// compare holds what came of a line to what it says.
func (a *acting) compare(l line, got Words, ok bool, err error) error {
	if !l.says {
		return err
	}
	if name, wants := strings.CutPrefix(l.want, "error "); wants {
		if err == nil || !sentinels[name](err) {
			a.play.errorf(l, "the error is %v", err)
		}
		return nil
	}
	if err != nil {
		a.play.errorf(l, "the error is %v", err)
		return nil
	}
	want, _ := words(strings.Fields(l.want))
	if l.want == "nothing" && !ok || l.want != "nothing" && ok && slices.Equal(got.Words, want) {
		return nil
	}
	if !ok {
		a.play.errorf(l, "there is no session")
		return nil
	}
	a.play.errorf(l, "there is %s", brief(strings.Join(got.Words, " ")))
	return nil
}

// brief is a text that may be long, for a report.
func brief(text string) string {
	if len(text) > 200 {
		return fmt.Sprintf("%q and %d more", text[:200], len(text)-200)
	}
	return fmt.Sprintf("%q", text)
}
