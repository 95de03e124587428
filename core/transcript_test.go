package core_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// TestTranscripts records each exchange, compares it with what is kept, and replays what is kept.
func TestTranscripts(t *testing.T) {
	kept := map[string]bool{}
	for _, x := range exchanges {
		t.Run(x.name, func(t *testing.T) {
			p, w := policyOf(t, x.kind), newShelf()
			first := w.must(t, w.open(p, noon, core.Tokens{}).With("tea"), noon).Send.Token
			x.run(t, w, p, first, func() { w.t = &core.Transcript{} })

			head, rest, _ := strings.Cut(w.t.RevealText(), "\n")
			path := filepath.Join("testdata", "transcripts", x.name+".txt")
			core.Golden(t, path, head+"\n# "+x.about+"\n"+rest)
		})
		kept[x.name+".txt"] = true
	}
	files, err := os.ReadDir("testdata/transcripts")
	if err != nil || len(files) < len(exchanges) {
		t.Fatal(len(files), err)
	}
	// A file that no exchange above writes is an incident: its kind says what it is replayed under.
	for _, file := range files {
		t.Run("replay "+file.Name(), func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", "transcripts", file.Name()))
			if err != nil {
				t.Fatal(err)
			}
			_, after, _ := strings.Cut(string(text), "= policy kind=\"")
			kind, _, _ := strings.Cut(after, `"`)
			got, err := core.Replay(policyOf(t, kind), string(text))
			if err != nil {
				t.Fatal(err)
			}
			if got != string(text) {
				t.Errorf("does otherwise now:\n%s", got)
			}
		})
	}
}

// A transcript does not replay to itself where anything is done differently.
func TestReplayTells(t *testing.T) {
	text, err := os.ReadFile("testdata/transcripts/sign-in.txt")
	if err != nil {
		t.Fatal(err)
	}
	c := config(t, stored)
	for name, change := range map[string]func(c *core.Config){
		"another lifetime": func(c *core.Config) { c.Lifetime.Absolute++ },
		"another audience": func(c *core.Config) { c.Audience = "elsewhere" },
		"another chain":    func(c *core.Config) { c.Chain = config(t, signed).Chain },
	} {
		other := c
		change(&other)
		got, err := core.Replay(compile(t, other), string(text))
		if err != nil {
			t.Fatal(err)
		}
		if got == string(text) {
			t.Errorf("%s: the replay is the same", name)
		}
	}
	for _, change := range [][2]string{{"payload=\"tea\"", "payload=\"milk\""}, {"= sent", "= kept"}, {"revision=1", "revision=2"}} {
		changed := strings.Replace(string(text), change[0], change[1], 1)
		got, err := core.Replay(compile(t, c), changed)
		if changed == string(text) || err != nil || got == changed {
			t.Errorf("%s for %s: the replay is the same", change[1], change[0])
		}
	}
}

// What is no transcript is refused by its line, and not quoted.
func TestReplayRefuses(t *testing.T) {
	p := policyOf(t, stored)
	const head = "satchel transcript v1\n"
	const begin = `begin now=1 count=0 tenant="" first="" second=""` + "\n"
	for _, text := range []string{
		"", head, "satchel transcript v2\n" + begin, head + "rotated\n" + begin, head + begin + begin,
		head + begin + " rotated\n", head + begin + "rotated \n", head + begin + "Rotated\n", head + begin + "next\n",
		head + begin + "with payload=secret\n", head + begin + `with payload="secret` + "\n",
		head + begin + `with payload="se\x41cret"` + "\n", head + begin + `with payload="\xFF"` + "\n",
		head + begin + `with payload="\x0"` + "\n", head + begin + "with payload=\"\xff\"\n",
		head + begin + `with payload="secret" ` + "\n", head + begin + `answer now=01 status=missing` + "\n",
		head + begin + `answer now=1 status=Missing` + "\n", head + begin + `plan now=1 verdict=keep entropy=FF` + "\n",
		head + begin + "plan now=1 verdict=keep entropy=\nrotated\nnext\n", head + begin + "undone\n", undoneFirst,
		head + strings.Replace(begin, "now=1", "now=9223372036854775808", 1),
	} {
		if got, err := core.Replay(p, text); err == nil {
			t.Errorf("%q is replayed: %q", text, got)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error quotes it: %v", text, err)
		}
	}
}

func TestTranscriptIsRedacted(t *testing.T) {
	w, p := newShelf(), policyOf(t, stored)
	w.t = &core.Transcript{}
	w.must(t, w.open(p, noon, core.Tokens{}).With("tea"), noon)
	text, err := json.Marshal(w.t)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s %x", w.t, w.t, *w.t, w.t, *w.t), string(text)} {
		if strings.Contains(shown, "tea") || strings.Contains(shown, "746561") || !strings.Contains(shown, core.Redacted) {
			t.Errorf("shows %s", shown)
		}
	}
}

// undoneFirst undoes a wish before there was any.
const undoneFirst = "satchel transcript v1\nbegin now=1 count=0 tenant=\"\" first=\"\" second=\"\"\nundone\nwith payload=\"x\"\n" +
	"plan now=1 verdict=create entropy=\n"

// FuzzReplay replays any text: it never panics, its output is bounded by its input, and what it gives replays to itself.
func FuzzReplay(f *testing.F) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for i := range 4 {
			f.Add(string(text), uint8(i))
			f.Add("\ufeff# edited\r\n\r\n"+strings.ReplaceAll(string(text), "\n", "\r\n#\n \n"), uint8(i))
		}
	}
	for i := range 4 {
		f.Add(undoneFirst, uint8(i))
	}
	kinds := []string{stored, signed, sealed, bare}
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		p := policyOf(t, kinds[int(kind)%len(kinds)])
		got, err := core.Replay(p, text)
		if err != nil {
			return
		}
		if len(got) > 8*len(text)+64<<10 {
			t.Errorf("%d bytes of %d", len(got), len(text))
		}
		again, err := core.Replay(p, got)
		if err == nil && again != got {
			t.Errorf("replayed twice:\n%s\n%s", got, again)
		}
		if core.Canonical(got) != got {
			t.Errorf("is not canonical:\n%s", got)
		}
		if same, err := core.Replay(p, core.Canonical(text)); err != nil || same != got {
			t.Errorf("its canonical text is another, %v:\n%s", err, same)
		}
		if err != nil && len(got) < 1000 {
			t.Errorf("%v on its own output:\n%s", err, got)
		}
	})
}
