package main

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// staged holds back the answer to one replacing, which has taken effect, and one deleting, which then fails. It lets the last of some loads
// fail.
type staged struct {
	loads            atomic.Int64
	armed            atomic.Bool
	replaced, answer chan struct{}

	holds          atomic.Bool
	deleting, fail chan struct{}
}

func (s *staged) pass() {
	if s.armed.CompareAndSwap(true, false) {
		close(s.replaced)
		<-s.answer
	}
}

func (f faulty) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	err := f.Store.Replace(ctx, key, at, rec)
	if f.stage != nil {
		f.stage.pass()
	}
	return err
}

func (f faulty) Delete(ctx context.Context, key core.Key, at uint64) error {
	if f.stage.holds.CompareAndSwap(true, false) {
		close(f.stage.deleting)
		<-f.stage.fail
		return errDown
	}
	return f.Store.Delete(ctx, key, at)
}

// Two connections of one session join at once. The one whose change came first hears of it last, and still the room in which its session
// hears others is the one that the store has.
func TestTwoJoinsAtOnceEndInOneRoom(t *testing.T) {
	e := newTable(t)
	e.stage.replaced, e.stage.answer = make(chan struct{}), make(chan struct{})
	for _, line := range []string{"ann: hello", "ann/2: hello <ann>", "bob: hello", "bob: join coffee", "carl: hello", "carl: join tea"} {
		e.step(line)
	}
	e.stage.armed.Store(true)
	_, err := e.people["ann"].Write([]byte("join tea\n"))
	must(t, err)
	<-e.stage.replaced
	if got := e.hear("ann/2", e.sent("ann/2", "join coffee")); !slices.Contains(got, "ann/2 < ok in coffee") {
		t.Fatal(got)
	}
	close(e.stage.answer)
	e.hear("ann", e.ping("ann"))

	if got := e.step("ann: me"); !slices.Contains(got, "ann < ok you are guest, in coffee, said 0") {
		t.Errorf("the store has: %v", got)
	}
	got := append(e.step("bob: say in coffee"), e.step("carl: say in tea")...)
	for line, want := range map[string]bool{
		"ann < from guest: in coffee": true, "ann/2 < from guest: in coffee": true, "ann < from guest: in tea": false, "ann/2 < from guest: in tea": false,
	} {
		if slices.Contains(got, line) != want {
			t.Errorf("%s, which is to be %v: %v", line, want, got)
		}
	}
}

// sent sends a line and a ping behind it, and returns what comes back.
func (e *table) sent(name, line string) (until string) {
	e.t.Helper()
	_, err := e.people[name].Write([]byte(line + "\n"))
	must(e.t, err)
	return e.ping(name)
}

// What the hub is told late is not what it goes by, and rooms hear of those changes only that it makes.
func TestTheHubGoesByTheNewest(t *testing.T) {
	h := newHub()
	listener := func(session core.Handle, room string) *conn {
		c := newConn(nil, nil)
		h.enter(c, session)
		h.move(session, Visit{Nick: string(session), Room: room, Moves: 1}, c)
		return c
	}
	tea, coffee, ann := listener("bob", "tea"), listener("carl", "coffee"), listener("ann", "")
	for _, v := range []Visit{
		{Nick: "ann", Room: "coffee", Moves: 3}, {Nick: "ann", Room: "tea", Moves: 2}, {Nick: "ann", Room: "coffee", Moves: 3}, {Nick: "ann", Room: "coffee", Moves: 4},
	} {
		h.move("ann", v, ann)
	}
	h.tell("coffee", nil, "a word")
	for name, x := range map[string]struct {
		c    *conn
		want []string
	}{"tea": {tea, nil}, "coffee": {coffee, []string{"room ann comes", "a word"}}, "ann": {ann, []string{"a word"}}} {
		var heard []string
		for len(x.c.out) > 0 {
			heard = append(heard, <-x.c.out)
		}
		if !slices.Equal(heard, x.want) {
			t.Errorf("%s: %q", name, heard)
		}
	}
}

// A hello that the store breaks off in its middle is as if it had not been said.
func TestAHelloThatBreaksOff(t *testing.T) {
	e := newTable(t)
	for _, line := range []string{"ann: hello", "ann: join tea", "ann: ping", "bob: hello", "bob: join tea"} {
		e.step(line)
	}
	e.stage.loads.Store(2) // the first is of the hello, the second of where its session is
	if got := e.step("ann/2: hello <ann>"); !slices.Contains(got, "ann/2 < error come back in a minute") {
		t.Fatal(got)
	}
	if got := e.step("bob: say a word"); slices.Contains(got, "ann/2 < from guest: a word") || !slices.Contains(got, "ann < from guest: a word") {
		t.Error(got)
	}
	if got := e.step("ann/2: say a word"); !slices.Contains(got, "ann/2 < error say hello first") {
		t.Error(got)
	}
	e.step("ann/2: hello <ann>")
	if got := e.step("bob: say a word"); !slices.Contains(got, "ann/2 < from guest: a word") {
		t.Error(got)
	}
}
