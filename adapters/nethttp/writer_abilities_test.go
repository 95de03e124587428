package nethttp

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// shown is what a handler finds by assertion. It is written apart from abilitiesOf, which looks through Unwrap.
func shown(w http.ResponseWriter) (a abilities) {
	for ability, found := range map[abilities]bool{
		canFlush: is[http.Flusher](w), canHijack: is[http.Hijacker](w), canRead: is[io.ReaderFrom](w),
		canPush: is[http.Pusher](w), canNotify: is[closeNotifier](w),
	} {
		if found {
			a |= ability
		}
	}
	return a
}

func is[I any](w http.ResponseWriter) bool { _, ok := w.(I); return ok }

func (a abilities) String() string {
	s := ""
	for i, name := range []string{"Flush", "Hijack", "ReadFrom", "Push", "CloseNotify"} {
		if a>>i&1 != 0 {
			s += "+" + name
		}
	}
	return s + "."
}

// Each set that an inner writer can show is shown by ours: neither less, which would lose sendfile or an upgrade, nor
// more, which would promise HTTP/2 a Hijack.
func TestEachSetOfAbilitiesIsShownExactly(t *testing.T) {
	type (
		W = http.ResponseWriter
		F = http.Flusher
		H = http.Hijacker
		R = io.ReaderFrom
		P = http.Pusher
		C = closeNotifier
	)
	s := newSpy()
	for inner, want := range map[http.ResponseWriter]abilities{
		struct{ W }{s}: 0,
		struct {
			W
			F
		}{s, s}: canFlush,
		struct {
			W
			H
		}{s, s}: canHijack,
		struct {
			W
			F
			H
		}{s, s, s}: canFlush | canHijack,
		struct {
			W
			R
		}{s, s}: canRead,
		struct {
			W
			F
			R
		}{s, s, s}: canFlush | canRead,
		struct {
			W
			H
			R
		}{s, s, s}: canHijack | canRead,
		struct {
			W
			F
			H
			R
		}{s, s, s, s}: canFlush | canHijack | canRead,
		struct {
			W
			P
		}{s, s}: canPush,
		struct {
			W
			F
			P
		}{s, s, s}: canFlush | canPush,
		struct {
			W
			H
			P
		}{s, s, s}: canHijack | canPush,
		struct {
			W
			F
			H
			P
		}{s, s, s, s}: canFlush | canHijack | canPush,
		struct {
			W
			R
			P
		}{s, s, s}: canRead | canPush,
		struct {
			W
			F
			R
			P
		}{s, s, s, s}: canFlush | canRead | canPush,
		struct {
			W
			H
			R
			P
		}{s, s, s, s}: canHijack | canRead | canPush,
		struct {
			W
			F
			H
			R
			P
		}{s, s, s, s, s}: canFlush | canHijack | canRead | canPush,
		struct {
			W
			F
			H
			R
			C
		}{s, s, s, s, s}: canFlush | canHijack | canRead | canNotify,
		struct {
			W
			F
			P
			C
		}{s, s, s, s}: canFlush | canPush | canNotify,
		struct {
			W
			F
			C
		}{s, s, s}: canFlush, // notifying is for net/http's own
	} {
		r := &request{note: s.note}
		w := r.out.begin(inner, r)
		if got := shown(w); got != want {
			t.Errorf("over %v: %v", want, got)
		}
		if is[interface{ FlushError() error }](w) != (want&canFlush != 0) {
			t.Errorf("over %v: FlushError without Flush, or the reverse", want)
		}
		if !is[io.StringWriter](w) {
			t.Errorf("over %v: no WriteString", want)
		}
	}
}

// unwraps shows nothing but the way to the writer below it, as logging middleware does.
type unwraps struct{ http.ResponseWriter }

func (u unwraps) Unwrap() http.ResponseWriter { return u.ResponseWriter }

// http.ResponseController reaches the spy's Flush and Hijack through unwraps, and would pass us on its way.
func TestTheControllerCannotWalkPast(t *testing.T) {
	for _, m := range moments {
		if m.name != "controller Flush" && m.name != "controller Hijack" {
			continue
		}
		s := newSpy()
		r := &request{note: s.note}
		w := r.out.begin(unwraps{unwraps{s}}, r)
		ctl := http.NewResponseController(w)
		var err error
		if m.event == "flush" {
			err = ctl.Flush()
		} else {
			_, _, err = ctl.Hijack()
		}
		if want := []string{"commit", m.event}; err != nil || !slices.Equal(s.events, want) {
			t.Errorf("%s: %q, %v", m.name, s.events, err)
		}
		if got := shown(w); got != canFlush|canHijack {
			t.Errorf("shows %v", got)
		}
	}
}

func TestTheControllerOverAPlainWriterCommitsNothing(t *testing.T) {
	s := newSpy()
	r := &request{note: s.note}
	ctl := http.NewResponseController(r.out.begin(struct{ http.ResponseWriter }{s}, r))
	if err := ctl.Flush(); err == nil {
		t.Error("a Flush that nobody can do")
	}
	if _, _, err := ctl.Hijack(); err == nil {
		t.Error("a Hijack that nobody can do")
	}
	if len(s.events) != 0 {
		t.Errorf("%q", s.events)
	}
}

// What the servers of net/http, its recorder and its TimeoutHandler show a handler is what we show it over them.
func TestRealWriters(t *testing.T) {
	check := func(t *testing.T, name string, want abilities, controls bool) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			r := &request{note: func(string) {}}
			w := r.out.begin(rw, r)
			defer r.out.finish()
			if bare := shown(rw); bare != want || shown(w) != want {
				t.Errorf("%s: bare %v, ours %v, want %v", name, bare, shown(w), want)
			}
			ctl := http.NewResponseController(w)
			for what, err := range map[string]error{
				"read deadline":  ctl.SetReadDeadline(time.Time{}),
				"write deadline": ctl.SetWriteDeadline(time.Time{}),
				"full duplex":    ctl.EnableFullDuplex(),
			} {
				if (err == nil) != controls {
					t.Errorf("%s: %s: %v", name, what, err)
				}
			}
		})
	}
	h1 := canFlush | canHijack | canRead | canNotify
	h2 := canFlush | canPush | canNotify
	over(t, false, check(t, "HTTP/1.1", h1, true)).get(t, "/")
	over(t, true, check(t, "HTTP/2", h2, true)).get(t, "/")
	over(t, false, http.TimeoutHandler(check(t, "TimeoutHandler", canPush, false), time.Hour, "")).get(t, "/")
	check(t, "recorder", canFlush, false).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}
