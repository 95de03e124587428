package main

import (
	"slices"
	"testing"
)

// Two connections of a session say bye, and the first to say it fails after the other has ended the session. Its own bye has not worked,
// and still its session is over, as it is told.
func TestAByeThatFailsAfterAnother(t *testing.T) {
	e := newTable(t)
	e.stage.deleting, e.stage.fail = make(chan struct{}), make(chan struct{})
	for _, line := range []string{"ann: hello", "ann/2: hello <ann>", "ann/3: hello <ann>"} {
		e.step(line)
	}
	e.stage.holds.Store(true)
	_, err := e.people["ann"].Write([]byte("bye\n"))
	must(t, err)
	<-e.stage.deleting
	e.sent("ann/2", "bye")
	for _, other := range []string{"ann/2", "ann/3"} { // whose watch ends together with ann's
		if got := e.hear(other, ""); !slices.Contains(got, other+" < over ended") {
			t.Fatal(got)
		}
	}
	close(e.stage.fail)
	want := []string{"ann < error come back in a minute", "ann < over ended", "ann < (the line is down)"}
	if got := e.hear("ann", e.ping("ann")); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A bye that fails while the session lives leaves the connection as it was, and it still hears of the end.
func TestAByeThatFails(t *testing.T) {
	e := newTable(t)
	e.step("ann: hello")
	e.step("ann/2: hello <ann>")
	e.step("down")
	if got := e.step("ann: bye"); !slices.Contains(got, "ann < error come back in a minute") {
		t.Fatal(got)
	}
	e.step("up")
	if got := e.step("ann: me"); !slices.Contains(got, "ann < ok you are guest, in no room, said 0") {
		t.Error(got)
	}
	e.step("ann/2: bye")
	if got := e.hear("ann", ""); !slices.Equal(got, []string{"ann < over ended", "ann < (the line is down)"}) {
		t.Error(got)
	}
}
