package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// ringOfCore is what core's transcripts were recorded under.
const ringOfCore = `
k1:primary:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
k0:retiring:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI
kx:revoked:AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM
`

// quoted are the values of a transcript that may be secrets, and a bare kind's keys are its IDs.
var (
	quoted  = regexp.MustCompile(`(?:first|second|stamp|token|body|payload|subject|new-id)="([^"]{3,})"`)
	keyed   = regexp.MustCompile(`key=([0-9a-f]{8,})`)
	entropy = regexp.MustCompile(`entropy=([0-9a-f]{8,})`)
)

// Every transcript of core is done over the same, whatever policy it is of, and nothing of its secrets is said unasked.
func TestReplayOfEachSortOfKind(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "core", "testdata", "transcripts", "*.txt"))
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	var all []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		all = append(all, string(text))
	}
	d := newDesk(t)
	d.write("ring", ringOfCore)
	var asked int
	for i, text := range all {
		d.write("one", text)
		for _, flags := range []string{"", "-json "} {
			said := d.call("satchel replay -keys ring " + flags + "one")
			if strings.Contains(said, "otherwise") || strings.Contains(said, "[exit") || strings.Contains(said, `"same":false`) {
				t.Errorf("%s: %s", files[i], said)
			}
			for _, pattern := range []*regexp.Regexp{quoted, keyed, entropy} {
				for _, secret := range pattern.FindAllStringSubmatch(text, -1) {
					asked++
					if strings.Contains(said, secret[1]) {
						t.Errorf("%s %s: it says %.12s…", files[i], flags, secret[0])
					}
				}
			}
		}
	}
	if asked < 100 {
		t.Errorf("%d secrets were looked for", asked)
	}
}

// A record is named as store list names it, so that what a replay says of it can be looked up.
func TestReplayNamesRecordsAsTheListDoes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "core", "testdata", "transcripts", "bare.txt"))
	must(t, err)
	d := newDesk(t)
	d.write("bare", string(text))
	const id = "1083c1a79999dbfc014e902a185a8ce3d58139724bd94c215f4c2d03b680d3a2"
	if said := d.call("satchel replay bare"); !strings.Contains(said, "create record="+store.Name(id)+" ") {
		t.Error(said)
	}
}

// Asked by name, it is the whole transcript, as text or in JSON.
func TestRevealInJSON(t *testing.T) {
	folder := golden(t)
	visit, err := os.ReadFile(filepath.Join(folder, "..", "..", "..", "examples", "replay", "testdata", "visit.txt"))
	must(t, err)
	d := newDesk(t)
	d.write("visit", string(visit))
	var said struct {
		Exchanges []struct {
			Same       bool
			Plans      []any
			Transcript string
		}
	}
	must(t, json.Unmarshal([]byte(d.call("satchel replay -reveal -json visit")), &said))
	var whole strings.Builder
	for _, x := range said.Exchanges {
		if !x.Same || x.Plans == nil {
			t.Errorf("%+v", x)
		}
		whole.WriteString(x.Transcript)
	}
	if whole.String() != string(visit) || d.call("satchel replay -reveal visit") != string(visit) {
		t.Error("it is not the whole of it")
	}
	if strings.Contains(d.call("satchel replay -json visit"), "transcript") {
		t.Error("it was not asked for by name")
	}
}

// What went through an editor is the same recording.
func TestReplayOfWhatWasEdited(t *testing.T) {
	visit, err := os.ReadFile(filepath.Join(golden(t), "..", "..", "..", "examples", "replay", "testdata", "visit.txt"))
	must(t, err)
	d := newDesk(t)
	d.write("visit", string(visit))
	want := d.call("satchel replay visit")
	for name, edited := range map[string]string{
		"carriage returns": strings.ReplaceAll(string(visit), "\n", "\r\n"),
		"a mark":           "\ufeff" + string(visit),
		"no end":           strings.TrimSuffix(string(visit), "\n"),
		"a comment first":  "# of Monday\n\n" + string(visit),
		"comments":         strings.ReplaceAll(string(visit), "\nsatchel ", "\n\n# the next\nsatchel "),
		"blank lines":      strings.ReplaceAll(string(visit), "\n", "\n \n"),
	} {
		d.write("edited", edited)
		if got := d.call("satchel replay edited"); got != want {
			t.Errorf("%s:\n%s", name, got)
		}
	}
	d.write("edited", strings.ReplaceAll(strings.Replace(string(visit), "deadline=1794001805000", "deadline=1794001805001", 1), "\n", "\r\n"))
	if got := d.call("satchel replay edited"); !strings.Contains(got, "otherwise") || !strings.HasSuffix(got, "[exit 3]\n") {
		t.Error(got)
	}
}

// What a program recorded is done over the same, whatever is asked of its kinds: the policy in the text says all of it.
func TestReplayOfWhatAProgramRecorded(t *testing.T) {
	d := newDesk(t)
	d.call("satchel key new keys")
	keys, kind := satchel.KeysFromFile("keys"), satchel.NewKind[string]("desk")
	stock := store.NewMemory()
	for name, place := range map[string]satchel.Placement{
		"server-side":      kind.ServerSide(stock),
		"of few":           kind.ServerSide(stock).With(satchel.Options{MaxSessions: 2, RefuseNewest: true}),
		"renewed":          kind.ServerSide(stock).With(satchel.Options{Renew: time.Hour, Idle: 3 * time.Hour, EndReused: true}),
		"longer":           kind.ServerSide(stock).With(satchel.Options{Longest: 720 * time.Hour, LongestIdle: 72 * time.Hour}),
		"everyone's end":   kind.ServerSide(stock).With(satchel.Options{Revocations: satchel.Revocable(stock, satchel.LogOptions{})}),
		"untracked":        kind.ServerSide(stock).With(satchel.Options{Untracked: true, SignIDs: keys}),
		"unrevocable":      kind.ClientSide(keys, satchel.Unrevocable),
		"readable":         kind.ClientSide(keys, satchel.Unrevocable).With(satchel.Options{Readable: true, Idle: time.Hour}),
		"revocable":        kind.ClientSide(keys, satchel.Revocable(stock, satchel.LogOptions{})),
		"anchored":         kind.ClientSide(keys, satchel.Anchored(stock, time.Minute)),
		"anchored, of few": kind.ClientSide(keys, satchel.Anchored(stock, 0)).With(satchel.Options{MaxSessions: 2}),
	} {
		t.Run(name, func(t *testing.T) {
			d.write("recorded", recorded(t, d, kind, place))
			if said := d.call("satchel replay -keys keys recorded"); strings.Contains(said, "otherwise") || strings.Contains(said, "[exit") {
				t.Error(said)
			}
		})
	}
}

// recorded is what three visits of one person do: signing in, a change an hour and a half later, and a logout.
func recorded(t *testing.T, d *desk, kind satchel.Kind[string], place satchel.Placement) string {
	t.Helper()
	var all strings.Builder
	now := d.now
	sessions, err := satchel.Config{
		Clock: func() time.Time { return now }, Entropy: d,
		RevealTranscripts: func(_, text string) { all.WriteString(text) },
	}.New(place)
	must(t, err)
	arrived := satchel.Arrived{}
	for _, do := range []func(ctx context.Context) error{
		func(ctx context.Context) error { return kind.SignIn(ctx, "ann", "tea") },
		func(ctx context.Context) error { return kind.Set(ctx, "milk") },
		kind.Clear,
	} {
		ex := sessions.Open(arrived)
		must(t, do(ex.Context(t.Context())))
		out, err := ex.Commit(t.Context())
		must(t, err)
		ex.Close()
		for _, o := range out {
			if o.Action == core.SendToken {
				arrived[o.Transport.Kind] = o.Token
			}
		}
		now = now.Add(20 * time.Minute)
	}
	return all.String()
}

// An edited policy is of another program, and shows as the second line.
func TestReplayUnderAPolicyOfTomorrow(t *testing.T) {
	visit, err := os.ReadFile(filepath.Join(golden(t), "..", "..", "..", "examples", "replay", "testdata", "visit.txt"))
	must(t, err)
	d := newDesk(t)
	d.write("newer", strings.Replace(string(visit), " max-token=", " forgetful=1 max-token=", 1))
	if got := d.call("satchel replay newer"); !strings.Contains(got, "otherwise, from line 2 ") || !strings.HasSuffix(got, "[exit 3]\n") {
		t.Error(got)
	}
}
