package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

var update = flag.Bool("update", false, "write the golden files")

// held is a store that has loaded, and waits until it is let go.
type held struct {
	store.Store

	asked chan core.Key // a record was loaded
	let   chan struct{} // it may be handed out
	down  bool
}

func (h *held) Load(ctx context.Context, key core.Key) (core.Record, error) {
	if h.down {
		return core.Record{}, errors.New("no store today")
	}
	record, err := h.Store.Load(ctx, key)
	if h.asked != nil {
		h.asked <- key
		<-h.let
	}
	return record, err
}

// world is the program with a clock, entropy and a store of the test's.
type world struct {
	*clients
	t     *testing.T
	said  bytes.Buffer
	clock int64
	drawn byte
}

func newWorld(t *testing.T, st store.Store) *world {
	t.Helper()
	p, err := policy()
	if err != nil {
		t.Fatal(err)
	}
	l := newLoop()
	w := &world{t: t, clock: 1_794_000_000_000}
	w.clients = &clients{
		policy: p, loop: l, storage: newStorage(t.Context(), st, l), out: &w.said, byName: map[string]*client{},
		now: func() int64 { w.clock += 1000; return w.clock },
		entropy: func(b []byte) {
			for i := range b {
				w.drawn++
				b[i] = w.drawn
			}
		},
	}
	return w
}

// all takes lines and runs the loop until all is answered.
func (w *world) all(lines ...string) {
	for _, line := range lines {
		w.arrive(line)
		w.loop.run()
	}
}

func (w *world) wants(want string) {
	w.t.Helper()
	if got := w.said.String(); got != want {
		w.t.Errorf("the clients read\n%s\nwant\n%s", got, want)
	}
	w.said.Reset()
}

// While one question is open the loop serves others.
func TestQuestionsAreAnsweredLater(t *testing.T) {
	h := &held{Store: store.NewMemory()}
	w := newWorld(t, h)
	w.all("ann tea", "bob milk")
	h.asked, h.let = make(chan core.Key), make(chan struct{})
	w.said.Reset()

	w.arrive("ann bread")
	<-h.asked // ann's question is with the store, and nobody answers it
	w.arrive("carl jam")
	for w.said.Len() == 0 { // carl has no token, so there is nothing to ask
		step := <-w.loop.steps
		step()
	}
	w.wants("carl: jam\n")
	h.let <- struct{}{}
	w.loop.run()
	w.wants("ann: tea bread\n")
}

// Two windows that read the same revision both change it, and neither change is lost.
func TestTwoWindowsLoseNothing(t *testing.T) {
	h := &held{Store: store.NewMemory()}
	w := newWorld(t, h)
	w.all("ann tea")
	w.said.Reset()

	h.asked, h.let = make(chan core.Key), make(chan struct{})
	w.arrive("ann bread")
	w.arrive("ann/2 jam")
	<-h.asked
	<-h.asked // both have read it
	again := make(chan struct{})
	go func() {
		defer close(again)
		h.let <- struct{}{}
		h.let <- struct{}{}
		<-h.asked // and whoever was overtaken reads again
		h.let <- struct{}{}
	}()
	w.loop.run()
	<-again
	h.asked = nil
	w.said.Reset()
	w.all("ann")
	if got := w.said.String(); got != "ann: tea bread jam\n" && got != "ann: tea jam bread\n" {
		t.Errorf("the basket is %q", got)
	}
}

// An outage is no answer about a session: the client keeps its token, and has its session again afterwards.
func TestAnOutageIsNotALogout(t *testing.T) {
	h := &held{Store: store.NewMemory()}
	w := newWorld(t, h)
	w.all("ann tea")
	h.down = true
	w.all("ann bread", "ann", "ann bye")
	h.down = false
	w.all("ann")
	w.wants("ann: tea\nann: not done: the store cannot be asked\nann: nothing\nann: not done: the store cannot be asked\nann: tea\n")
}

// A logout that arrives with an old token ends the session under its new one.
func TestALogoutFollowsRotations(t *testing.T) {
	w := newWorld(t, store.NewMemory())
	w.all("ann tea")
	old := w.client("ann").token
	w.all("ann rotate", "ann")
	newer := w.client("ann").token
	w.client("eve").token = old
	w.all("eve", "eve bye")
	w.client("ann").token = newer
	w.all("ann")
	w.wants("ann: tea\nann: tea\nann: tea\neve: nothing\neve: nothing\nann: nothing\n")
}

func TestAnythingMayArrive(t *testing.T) {
	w := newWorld(t, store.NewMemory())
	w.client("eve").token = "' OR 1=1 --"
	w.all("", "  ", "eve", "eve "+strings.Repeat("x", core.DefaultMaxPayload+1), "eve tea")
	w.wants("eve: nothing\neve: not done: session \"basket\": a payload of 1048577 is over the limit of 1048576\neve: tea\n")
}

// once overtakes the first Replace by another's.
type once struct {
	store.Store

	before func()
}

func (o *once) Replace(ctx context.Context, key core.Key, at uint64, rec core.Record) error {
	if f := o.before; f != nil {
		o.before = nil
		f()
	}
	return o.Store.Replace(ctx, key, at, rec)
}

// Deletion wins: what ends between the reading and the saving does not come back.
func TestWhatHasEndedStaysEnded(t *testing.T) {
	kept := store.NewMemory()
	overtaken := &once{Store: kept}
	w := newWorld(t, overtaken)
	w.all("ann tea")
	overtaken.before = func() {
		other := newWorld(t, kept)
		other.clock, other.client("ann").token = w.clock, w.client("ann").token
		other.all("ann bye")
	}
	w.all("ann jam", "ann")
	w.wants("ann: tea\nann: not done: the session has ended\nann: nothing\n")
}

// Of two windows that take one session at the same time one has it.
func TestOneTakes(t *testing.T) {
	h := &held{Store: store.NewMemory()}
	w := newWorld(t, h)
	w.all("ann tea")
	w.said.Reset()
	h.asked, h.let = make(chan core.Key), make(chan struct{})
	w.arrive("ann take")
	w.arrive("ann/2 take")
	<-h.asked
	<-h.asked // both have read it
	go func() {
		h.let <- struct{}{}
		h.let <- struct{}{}
	}()
	w.loop.run()
	if got := w.said.String(); strings.Count(got, "nothing\n") != 1 || strings.Count(got, "not done: the session has ended\n") != 1 {
		t.Errorf("the clients read %q", got)
	}
}

// What is recorded here is what examples/replay replays.
func TestRecording(t *testing.T) {
	kept := store.NewMemory()
	overtaken := &once{Store: kept}
	w := newWorld(t, overtaken)
	var text buffer
	w.record = &text
	w.all("ann tea", "ann milk")
	overtaken.before = func() { // another node saves in between
		other := newWorld(t, kept)
		other.clock, other.client("ann").token = w.clock, w.client("ann").token
		other.all("ann jam")
	}
	w.all("ann bread", "ann rotate", "ann", "ann bye", "ann")
	w.wants("ann: tea\nann: tea milk\nann: tea milk jam bread\nann: tea milk jam bread\nann: tea milk jam bread\nann: nothing\nann: nothing\n")

	golden := filepath.Join("..", "replay", "testdata", "visit.txt")
	if *update {
		if err := os.WriteFile(golden, text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, text.Bytes()) {
		t.Errorf("recorded\n%s\nwant\n%s", text.Bytes(), want)
	}
}

type buffer struct{ bytes.Buffer }

func (*buffer) Close() error { return nil }

func TestRun(t *testing.T) {
	var out strings.Builder
	record := filepath.Join(t.TempDir(), "record")
	if err := run(strings.NewReader(strings.Join([]string{"ann tea", "ann bread", "ann", "ann bye"}, "\n")), &out, record); err != nil {
		t.Fatal(err)
	}
	if want := "ann: tea\nann: tea bread\nann: tea bread\nann: nothing\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	kept, err := os.ReadFile(record)
	if err != nil || bytes.Count(kept, []byte("satchel transcript v1\n")) != 4 {
		t.Errorf("%v\n%s", err, kept)
	}
	if err := run(strings.NewReader(""), &out, filepath.Join(record, "none")); err == nil {
		t.Error("a file that cannot be made is no error")
	}
}
