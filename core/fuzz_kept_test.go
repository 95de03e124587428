package core_test

import (
	"slices"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// FuzzRoster reads any bytes as a subject record. What is accepted has one spelling, as many members as its bytes can hold, and
// stays readable through every change that is made of it.
func FuzzRoster(f *testing.F) {
	ann := core.Member{Family: core.Family{1}, Key: core.Key(repeat("k", 32)), Since: noon, Until: noon + day, Hint: "Linux"}
	bob := core.Member{Family: core.Family{2}, Since: noon, Until: noon + hour}
	for _, r := range []core.Roster{{}, {Epoch: 7, Keep: noon}, {Members: []core.Member{ann}}, {Epoch: 1, Members: []core.Member{ann, bob, bob}}} {
		text := r.Record(1, noon).Body
		f.Add(text)
		f.Add(text + "\x00")
		for i := range text {
			f.Add(text[:i])
		}
	}
	f.Add(core.Roster{Members: make([]core.Member, core.MaxMembers+1)}.Record(1, noon).Body)
	f.Add(core.Roster{Members: make([]core.Member, core.MaxMembers+2)}.Record(1, noon).Body)
	f.Add(core.Roster{Members: []core.Member{{Key: core.Key(repeat("k", 31))}}}.Record(1, noon).Body)
	f.Add(body(teaBody, nil))
	f.Fuzz(func(t *testing.T, s string) {
		r, ok := core.ParseRoster(s)
		if !ok {
			return
		}
		if got := r.Record(1, noon).Body; got != s {
			t.Fatalf("%x is spelled %x", s, got)
		}
		if least := 1 + 6 + 6 + 36*len(r.Members); len(r.Members) > core.MaxMembers+1 || len(s) < least {
			t.Fatalf("%d members in %d bytes", len(r.Members), len(s))
		}
		if _, isBody := core.BodyText(s); isBody {
			t.Fatalf("%x is a body as well", s)
		}
		changed := []core.Roster{r.Swept(noon), r.Moved(func(core.Member) core.Key { return ann.Key })}
		if len(r.Members) <= core.MaxMembers {
			changed = append(changed, r.Joined(ann))
		}
		for _, m := range r.Members[:min(len(r.Members), 4)] {
			if len(m.Key) != 0 && len(m.Key) != 32 {
				t.Fatalf("a member's key has %d bytes", len(m.Key))
			}
			left, was := r.Left(m.Family)
			if _, still := left.Find(m.Family.Handle()); still || !was {
				t.Fatalf("%x is still on it", m.Family)
			}
			changed = append(changed, left)
		}
		for _, c := range changed {
			text := c.Record(2, noon).Body
			if again, ok := core.ParseRoster(text); !ok || again.Record(2, noon).Body != text {
				t.Fatalf("%x became %x, which is no roster", s, text)
			}
		}
	})
}

// FuzzLog reads any bytes as the log of ended sessions, and as a segment of it. What is accepted has one spelling, no more entries
// than its bytes can hold, and loses only what is over.
func FuzzLog(f *testing.F) {
	endings := []core.Ending{
		{Family: core.Family{1}, Below: core.WholeFamily, Until: noon - day},
		{Family: core.Family{2}, Below: 3, Until: noon + day},
		{Subject: core.Key(repeat("s", 32)), Below: 1, Until: noon - day + 1},
		{Family: core.Family{3}, Subject: core.Key(repeat("s", 32)), Below: core.WholeFamily, Until: noon},
	}
	log := core.Log{Everyone: 2, Segments: []core.Segment{{Number: 1, Revision: 9, Until: noon - day}, {Number: 4, Revision: 1, Until: noon - day + 1}}, Endings: endings}
	for _, text := range []string{log.Record(1, noon).Body, core.Log{}.Record(1, noon).Body, core.SegmentRecord(endings, 1, noon).Body} {
		f.Add(text)
		f.Add(text + "\x00" + repeat("\x00", 28))
		for i := range text {
			f.Add(text[:i])
		}
	}
	f.Add("\x82\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff")
	f.Fuzz(func(t *testing.T, s string) {
		if all, ok := core.ParseSegment(s); ok {
			if got := core.SegmentRecord(all, 1, noon).Body; got != s || len(s) < 1+29*len(all) {
				t.Fatalf("the segment %x is spelled %x, of %d endings", s, got, len(all))
			}
		}
		l, ok := core.ParseLog(s)
		if !ok {
			return
		}
		if got := l.Record(1, noon).Body; got != s || len(s) < 13+18*len(l.Segments)+29*len(l.Endings) {
			t.Fatalf("the log %x is spelled %x, of %d segments and %d endings", s, got, len(l.Segments), len(l.Endings))
		}
		swept := l.Swept(noon)
		for _, e := range l.Endings {
			if e.Below >= core.MaxInstant && e.Below != core.WholeFamily {
				t.Fatalf("an ending below %d, which no log can spell", e.Below)
			}
			if kept := slices.Contains(swept.Endings, e); kept != (noon < e.Until+day) {
				t.Fatalf("an ending until noon%+d is kept: %v", e.Until-noon, kept)
			}
		}
		for _, g := range l.Segments {
			if kept := slices.Contains(swept.Segments, g); kept != (noon < g.Until+day) {
				t.Fatalf("a segment until noon%+d is kept: %v", g.Until-noon, kept)
			}
		}
		if swept.Everyone != l.Everyone {
			t.Fatal("everyone's epoch is forgotten")
		}
	})
}
