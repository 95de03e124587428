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

// exchanges are those whose transcripts are kept. Each works on a world in which the session that it opens has been made
// by an unrecorded exchange.
var exchanges = []struct {
	name, kind, about string
	run               func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func())
}{
	{
		"create", stored, "A visitor without a token puts something into a cart.",
		func(t *testing.T, w *shelf, p *core.Policy, _ core.Token, record func()) {
			record()
			s := w.open(p, noon, core.Tokens{})
			w.t.Next(w.must(t, w.t.With(s, "tea"), noon))
		},
	},
	{
		"read", stored, "A read after two minutes: its use is noted, nothing is sent.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.open(p, noon+2*minute, core.One(first))
			w.t.Next(w.must(t, s, noon+2*minute))
		},
	},
	{
		"save-conflict", stored, "Another request saved first: the change is made again on what is there now.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			other := w.open(p, noon+1, core.One(first))
			record()
			before := w.open(p, noon+2, core.One(first))
			s := w.t.With(before, "tea, milk")
			w.records = carryOther(t, w, other.With("tea, sugar"), noon+2)
			if _, err := w.commit(s, noon+3); err == nil {
				t.Fatal("no conflict")
			}
			s = w.ask(w.t.Reloaded(w.t.Undone(before)), noon+4)
			w.t.Next(w.must(t, w.t.With(s, "tea, sugar, milk"), noon+5))
		},
	},
	{
		"sign-in", stored, "Signing in rotates: a new token, and a tombstone where the old record was.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.open(p, noon+hour/4, core.One(first))
			w.t.Next(w.must(t, w.t.SignedIn(s, core.SignIn{Subject: "ann", Payload: "tea"}), noon+hour/4))
		},
	},
	{
		"logout-old-token", stored, "A logout that arrives with a rotated token ends what lives on.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			w.must(t, w.open(p, noon+1, core.One(first)).Rotated(), noon+1)
			record()
			s := w.open(p, noon+2, core.One(first))
			w.t.Next(w.must(t, w.t.Cleared(s), noon+2))
		},
	},
	{
		"outage", stored, "The store is out of reach: nothing is granted, cleared or sent, and a change says so.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.t.Begin(p, noon+1, core.One(first))
			s = w.t.Answer(s, noon+1, core.Answer{Status: core.Unasked})
			if _, err := w.commit(w.t.With(s, "milk"), noon+1); err == nil {
				t.Fatal("no outage")
			}
		},
	},
	{
		"two-tokens", signed, "Two tokens of one name, one of them forged: the other is the session.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			forged := first[:20] + "A" + first[21:]
			s := w.open(p, noon+1, core.Tokens{First: forged, Second: first, Count: 2, Tenant: ""})
			w.t.Next(w.must(t, w.t.With(s, "milk"), noon+1))
		},
	},
	{
		"set-conflict", stored, "Another request saved first, and the value to be saved was made of what was there before: nothing is done.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			other := w.open(p, noon+1, core.One(first))
			record()
			s := w.t.With(w.open(p, noon+2, core.One(first)), "tea, milk")
			w.records = carryOther(t, w, other.With("tea, sugar"), noon+2)
			if _, err := w.commit(s, noon+3); err == nil {
				t.Fatal("no conflict")
			}
			if s = w.ask(w.t.Reloaded(s), noon+4); !s.Overtaken() {
				t.Fatal("not overtaken")
			}
			if _, err := w.commit(s, noon+4); err == nil {
				t.Fatal("an overtaken change is made")
			}
		},
	},
	{
		"renew", renewed, "A reader whose token is an hour old is given another one.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.open(p, noon+hour, core.One(first))
			w.t.Next(w.must(t, s, noon+hour))
		},
	},
	{
		"renew-race", renewed, "Another request renewed the token first: its successor is handed to this one as well, with what it saves.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			other := w.open(p, noon+hour, core.One(first))
			record()
			s := w.t.With(w.open(p, noon+hour, core.One(first)), "tea, milk")
			w.records = carryOther(t, w, other, noon+hour)
			if _, err := w.commit(s, noon+hour); err == nil {
				t.Fatal("no conflict")
			}
			s = w.ask(w.t.Reloaded(s), noon+hour+1)
			w.t.Next(w.must(t, s, noon+hour+1))
		},
	},
	{
		"adopt", renewed, "A successor is seen for the first time; the answer has begun, and is not there for a token.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			second := w.must(t, w.open(p, noon+hour, core.One(first)), noon+hour).Send.Token
			record()
			s := w.t.Silent(w.open(p, noon+hour+minute, core.One(second)))
			w.t.Next(w.must(t, s, noon+hour+minute))
		},
	},
	{
		"reused", renewed, "A renewed token comes two minutes after its successor was seen: whoever logs out with it ends the session.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			second := w.must(t, w.open(p, noon+hour, core.One(first)), noon+hour).Send.Token
			w.must(t, w.open(p, noon+hour, core.One(second)), noon+hour)
			record()
			s := w.open(p, noon+hour+2*minute, core.One(first))
			w.t.Next(w.must(t, w.t.Cleared(s), noon+hour+2*minute))
		},
	},
	{
		"lasting", renewed, "Whoever wants to be remembered signs in for a month, and later for less, at a lower level.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.t.SignedIn(w.open(p, noon+1, core.One(first)), core.SignIn{Subject: "ann", Payload: "tea", Level: 2, Methods: "pwd otp"})
			s = w.t.Next(w.must(t, w.t.Lasting(s, 7*day, 30*day), noon+1))
			w.t.Next(w.must(t, w.t.Lasting(w.t.Lowered(s, 1), 0, hour), noon+2))
		},
	},
	{
		"seal-rotate", sealed, "A client-side session is rotated and saved.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.open(p, noon+1, core.One(first))
			w.t.Next(w.must(t, w.t.With(w.t.Rotated(s), "dark"), noon+1))
		},
	},
	{
		"undecodable", sealed, "A payload that this program cannot read is left as it is; what was set becomes a new session.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.t.Undecodable(w.open(p, noon+1, core.One(first)))
			w.t.Next(w.must(t, w.t.With(s, "dark \x00\xff\"\\"), noon+1))
		},
	},
	{
		"bare", bare, "A foreign token and record, without envelope.",
		func(t *testing.T, w *shelf, p *core.Policy, first core.Token, record func()) {
			record()
			s := w.open(p, noon+1, core.One(first))
			w.t.Next(w.must(t, w.t.Rotated(s), noon+1))
		},
	},
}

// carryOther lets a session that is not recorded be saved.
func carryOther(t *testing.T, w *shelf, s core.Session, now int64) map[core.Key]core.Record {
	t.Helper()
	silent := *w
	silent.t = nil
	silent.must(t, s, now)
	return silent.records
}

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
