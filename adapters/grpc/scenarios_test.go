package satchelgrpc_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/satchel-go/satchel/core"
)

var update = flag.Bool("update", false, "write what comes of the scenarios")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A scenario is golden text. Lines at the margin are what people do, and those under them what comes of it:
//
//	ann calls COMMAND; COMMAND     the method Do, on a session
//	ann calls! COMMAND             the method Guarded, which needs one
//	ann streams MESSAGE | MESSAGE  the stream Talk, whose messages are commands; streams! is guarded
//	ann has TEXT, ann has bob's    another token in her jar; nothing: none; … as note: in the other kind's place
//	ann sends also bob's           beside hers, with the next call
//	ann is of TENANT
//	store up; down                 whether it can be asked
//	store asked                    what it was asked since the last time
//	records                        how many it keeps
//	pass 9m                        the clock goes on
//	# a comment
//
// The first line says where sessions live, and in which both: then the same comes of it.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	must(t, err)
	if len(files) < 8 {
		t.Fatalf("%d scenarios", len(files))
	}
	for _, file := range files {
		want, err := os.ReadFile(file)
		must(t, err)
		places, _, _ := strings.Cut(string(want), "\n")
		for place := range strings.SplitSeq(strings.TrimPrefix(places, "# "), " and ") {
			for transport := range transports {
				t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+place+"/"+transport, func(t *testing.T) {
					got := newWorld(t, transport, place == "client-side").play(string(want))
					if *update {
						must(t, os.WriteFile(file, []byte(got), 0o600))
					} else if got != string(want) {
						t.Errorf("what comes of it is\n%s\nwant\n%s", got, want)
					}
				})
			}
		}
	}
}

func (w *world) play(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "    ") {
			continue
		}
		b.WriteString(line)
		name, step, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" || name == "#" {
			continue
		}
		for _, came := range w.step(name, step) {
			b.WriteString("    " + came + "\n")
		}
	}
	return b.String()
}

func (w *world) step(name, step string) []string {
	switch {
	case name == "store" && step == "asked":
		return []string{"asked    " + w.store.said()}
	case name == "store":
		w.store.down.Store(step == "down")
		return nil
	case name == "records":
		return []string{fmt.Sprint("kept     ", w.kept.Stats().Records)}
	case name == "pass":
		w.pass(step)
		return nil
	}
	p := w.person(name)
	verb, rest, _ := strings.Cut(step, " ")
	switch verb {
	case "calls":
		return w.calls(p, "Do", rest)
	case "calls!":
		return w.calls(p, "Guarded", rest)
	case "streams":
		return w.streams(p, "Talk", rest)
	case "streams!":
		return w.streams(p, "GuardedTalk", rest)
	case "has":
		text, isNote := strings.CutSuffix(rest, " as note")
		if isNote {
			p.tokens.Keep(noteKey, w.token(text))
		} else {
			p.tokens.Keep(key, w.token(text))
		}
	case "sends":
		p.twice = string(w.token(strings.TrimPrefix(rest, "also ")))
	case "is":
		p.tenant = strings.TrimPrefix(rest, "of ")
	default:
		w.t.Fatalf("no step %q", step)
	}
	return nil
}

func (w *world) pass(text string) {
	d, err := time.ParseDuration(text)
	must(w.t, err)
	w.now.Add(d.Milliseconds())
}

// token reads a token: a person's, one with a letter changed, or text in quotes.
func (w *world) token(text string) core.Token {
	if owner, ok := strings.CutSuffix(text, "'s"); ok {
		return w.person(owner).tokens.Token(key)
	}
	if owner, ok := strings.CutSuffix(text, "'s forged"); ok {
		t := []byte(w.person(owner).tokens.Token(key))
		t[10] ^= 1
		return core.Token(t)
	}
	if text == "nothing" {
		return ""
	}
	t, err := strconv.Unquote(text)
	must(w.t, err)
	return core.Token(t)
}
