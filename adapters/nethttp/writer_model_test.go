package nethttp

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// step is one call of a handler, with the event that it is to an inner writer.
type step struct {
	name, event string
	commits     bool
	call        func(http.ResponseWriter)
}

var steps = []step{
	{"set a field", "", false, func(w http.ResponseWriter) { w.Header().Add("Field", "1") }},
	{"103", "status 103", false, func(w http.ResponseWriter) { w.WriteHeader(103) }},
	{"push", "push /", false, func(w http.ResponseWriter) { _ = w.(http.Pusher).Push("/", nil) }},
	{"200", "status 200", true, func(w http.ResponseWriter) { w.WriteHeader(200) }},
	{"404", "status 404", true, func(w http.ResponseWriter) { w.WriteHeader(404) }},
	{"204", "status 204", true, func(w http.ResponseWriter) { w.WriteHeader(204) }},
	{"write", "write ab", true, func(w http.ResponseWriter) { _, _ = w.Write([]byte("ab")) }},
	{"string", "string cd", true, func(w http.ResponseWriter) { _, _ = io.WriteString(w, "cd") }},
	{"copy", "read ef", true, func(w http.ResponseWriter) { _, _ = io.Copy(w, onlyReads{strings.NewReader("ef")}) }},
	{"flush", "flush", true, func(w http.ResponseWriter) { w.(http.Flusher).Flush() }},
	{"controller flush", "flush", true, func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }},
	{"hijack", "hijack", true, func(w http.ResponseWriter) { _, _, _ = w.(http.Hijacker).Hijack() }},
}

// expected is the dumb alternative: the list of what the inner writer and the hook see, from the list of steps.
func expected(taken []step, err error, panics bool) (events []string) {
	committed, failed := false, false
	commit := func() {
		if committed {
			return
		}
		committed, events = true, append(events, "commit")
		if err != nil {
			failed, events = true, append(events, "failed: "+err.Error(), "status 503", "write try again")
		}
	}
	for _, s := range taken {
		if s.commits {
			commit()
		}
		if s.event != "" && !failed {
			events = append(events, s.event)
		}
	}
	if !panics {
		commit()
	}
	return events
}

func anySteps(from []step) *rapid.Generator[[]step] {
	return rapid.SliceOfN(rapid.SampledFrom(from), 0, 8)
}

func property(t *rapid.T) {
	taken, late := anySteps(steps).Draw(t, "handler"), anySteps(steps).Draw(t, "late")
	panics := rapid.Bool().Draw(t, "panics")
	r := &request{answer: away}
	if rapid.Bool().Draw(t, "fails") {
		r.err = errStore
	}
	s, w := begun(r)
	for _, step := range taken {
		step.call(w)
	}
	if panics {
		r.out.abandon()
	} else {
		r.out.finish()
	}
	for _, step := range late {
		step.call(w)
	}
	if want := expected(taken, r.err, panics); !slices.Equal(s.events, want) {
		t.Fatalf("%q, want %q", s.events, want)
	}
}

// Whatever a handler calls in whatever order: the hook runs once, before anything final has left, and nothing leaves
// behind a failure or after the end.
func TestModel(t *testing.T) { rapid.Check(t, property) }

func FuzzModel(f *testing.F) {
	for _, seed := range []string{"", "\x00", strings.Repeat("\xff", 64), strings.Repeat("\x01\x05\x0b\x02", 64)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(rapid.MakeFuzz(property))
}

// The recorder is the oracle of what a client gets: through our writer it is what a bare recorder holds whose cookie was
// set before the handler began.
func TestModelAgainstRecorder(t *testing.T) {
	var recordable []step // the recorder takes a 103 for final, has no Push, no Hijack and no ReadFrom that matters
	for _, s := range steps {
		if s.name != "103" && s.name != "push" && s.name != "hijack" {
			recordable = append(recordable, s)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		taken := anySteps(recordable).Draw(t, "handler")
		bare, through := httptest.NewRecorder(), httptest.NewRecorder()
		bare.Header().Set("Set-Cookie", "cart=token")
		r := &request{note: func(string) {}}
		w := r.out.begin(through, r)
		for _, s := range taken {
			s.call(bare)
			s.call(w)
		}
		r.out.finish()
		if got, want := outcome(through), outcome(bare); !reflect.DeepEqual(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func outcome(rec *httptest.ResponseRecorder) string {
	res := rec.Result()
	return fmt.Sprintln(res.StatusCode, res.Header, rec.Body, rec.Flushed)
}
