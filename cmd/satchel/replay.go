package main

import (
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

var replayCommand = command{
	name: "replay", args: "FILE", short: "Do recorded exchanges over, and say whether this version does the same",
	long: `
The file holds transcripts, one behind the other, as Config.RevealTranscripts hands them out. The policy stands in each. Those whose
tokens are sealed or signed need the keys that they were recorded under. What is planned is printed without tokens, payloads,
subjects and records' bodies, and records are named as satchel store list names them; -reveal asks for the whole transcripts as they
were done over, and with -json for both. Where this version does anything else than was recorded, the exit code is 3. What an editor does
to a file (line ends, blank lines, comments) makes no difference.`,
	examples: []string{"satchel replay incident.txt", "satchel replay -keys keys -json incident.txt", "satchel replay -reveal -json incident.txt"},
	begin: func(t *tool, flags *flag.FlagSet) func(context.Context, []string) error {
		keys := flags.String("keys", "", "the keyring `FILE` of the recording")
		reveal := flags.Bool("reveal", false, "print the transcripts as they were done over, secrets included")
		asJSON := jsonFlag(flags)
		return func(ctx context.Context, args []string) error {
			path, err := one(args, "file")
			if err != nil {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			ring, err := binding{keys: keys}.ring()
			if err != nil {
				return err
			}
			all, err := split(string(text))
			if err != nil {
				return err
			}
			same := true
			p := t.progress("exchanges done over")
			var results []replayed
			for n, one := range all {
				if err := ctx.Err(); err != nil {
					return err
				}
				r, err := again(one, ring)
				if err != nil {
					return fmt.Errorf("exchange %d: %w", n+1, err)
				}
				same = same && r.Same
				results = append(results, r)
				p.add(1)
			}
			p.end()
			if err := t.showReplay(results, *asJSON, *reveal); err != nil {
				return err
			}
			if !same {
				return errNo
			}
			return nil
		}
	},
}

// head begins each transcript.
const head = "satchel transcript v1\n"

// split cuts a file into its transcripts, each in its canonical text. Comments and blank lines before the first belong to it.
func split(text string) ([]string, error) {
	var all []string
	var one strings.Builder
	begun := false
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		if strings.TrimRight(line, "\r\n")+"\n" == head {
			if begun {
				all = append(all, core.Canonical(one.String()))
				one.Reset()
			}
			begun = true
		} else if !begun && line[0] != '#' && strings.TrimSpace(line) != "" {
			break
		}
		one.WriteString(line)
	}
	if !begun {
		return nil, fmt.Errorf("the file does not begin as a transcript: %q", strings.TrimSuffix(head, "\n"))
	}
	return append(all, core.Canonical(one.String())), nil
}

// replayed is what came of one exchange.
type replayed struct {
	Plans []planned `json:"plans"`
	Same  bool      `json:"same"`
	Line  int       `json:"line,omitempty"` // the first of its canonical text that differs

	Transcript string `json:"transcript,omitempty"` // if it was asked for
}

type planned struct {
	Verdict string   `json:"verdict"`
	Steps   []string `json:"steps"`
}

func (t *tool) showReplay(results []replayed, asJSON, reveal bool) error {
	switch {
	case asJSON:
		if !reveal {
			for i := range results {
				results[i].Transcript = ""
			}
		}
		return t.show(true, []field{{"exchanges", results}})
	case reveal:
		for _, r := range results {
			fmt.Fprint(t.out, r.Transcript)
		}
		return nil
	}
	for n, r := range results {
		fmt.Fprintf(t.out, "exchange %d\n", n+1)
		for _, p := range r.Plans {
			fmt.Fprintf(t.out, "  %s\n", p.Verdict)
			for _, step := range p.Steps {
				fmt.Fprintf(t.out, "    %s\n", step)
			}
		}
		if !r.Same {
			fmt.Fprintf(t.out, "  recorded otherwise, from line %d of the exchange on\n", r.Line)
		}
	}
	return nil
}

// again does a transcript over under the policy that it says it was recorded under.
func again(text string, ring *keyring) (replayed, error) {
	p, err := policyOf(text, ring)
	if err != nil {
		return replayed{}, err
	}
	done, err := core.Replay(p, text)
	if err != nil {
		return replayed{}, err
	}
	r := replayed{Same: done == text, Plans: plans(done), Transcript: done}
	if !r.Same {
		as, bs := strings.SplitAfter(text, "\n"), strings.SplitAfter(done, "\n")
		for r.Line = 1; r.Line <= min(len(as), len(bs)) && as[r.Line-1] == bs[r.Line-1]; {
			r.Line++
		}
	}
	return r, nil
}

// plans returns the plans of a transcript, without what is secret in their steps.
func plans(text string) (all []planned) {
	inPlan := false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		said, isSaid := strings.CutPrefix(line, "= ")
		switch {
		case strings.HasPrefix(line, "plan "):
			_, verdict, _ := strings.Cut(line, " verdict=")
			verdict, _, _ = strings.Cut(verdict, " ")
			all, inPlan = append(all, planned{Verdict: verdict, Steps: []string{}}), true
		case !isSaid:
			inPlan = false
		case inPlan && !strings.HasPrefix(said, "decides "):
			last := &all[len(all)-1]
			last.Steps = append(last.Steps, open(said))
		}
	}
	return all
}

// open returns what a line says, with each quoted value hidden: there stand tokens, bodies, subjects and payloads. In place of a
// key, which is a bare kind's ID, it has the name under which the record is listed.
func open(said string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(said, `"`)
		words := strings.Split(before, " ")
		for i, word := range words {
			if key, ok := strings.CutPrefix(word, "key="); ok {
				words[i] = "record=" + nameOf(key)
			}
		}
		b.WriteString(strings.Join(words, " "))
		if !found {
			return b.String()
		}
		b.WriteString("(hidden)")
		_, said, _ = strings.Cut(after, `"`) // a quote inside is spelled \x22
	}
}

// nameOf returns the name of the record under a key in hex.
func nameOf(key string) string {
	b, err := hex.DecodeString(key)
	if err != nil {
		return "(hidden)"
	}
	return store.Name(core.Key(b))
}
