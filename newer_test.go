package satchel_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/codec"
)

// The types of a node of the last release, and of one of the next.
type (
	noteThen struct {
		Note string `cbor:"2,keyasint"`
	}
	noteNow struct {
		Items []string `cbor:"1,keyasint"`
		Note  string   `cbor:"2,keyasint"`
	}
)

var (
	notesThen = satchel.NewKind[noteThen]("note")
	notesNow  = satchel.NewKind[noteNow]("note")
)

// That a record was whole says nothing of what another node has made of it since.
func TestRule8NewerSchemaAfterAConflict(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	then := satchel.Must(satchel.Config{Clock: w.clock.now}.New(notesThen.ServerSide(w.store)))
	now := satchel.Must(satchel.Config{Clock: w.clock.now}.New(notesNow.ServerSide(w.store)))
	ex := then.Open(satchel.Arrived{})
	must(t, notesThen.Set(ex.Context(t.Context()), noteThen{"a"}))
	out, err := ex.Commit(t.Context())
	must(t, err)
	held := satchel.Arrived{"note": out[0].Token}

	within := then.Open(held).Context(t.Context())
	_, _, err = notesThen.Get(within)
	must(t, err)
	w.store.once("replace", func() {
		_, err := notesNow.Update(now.Open(held).Context(t.Context()), func(n noteNow) noteNow { n.Items = []string{"tea"}; return n })
		must(t, err)
	})
	if _, err := notesThen.Update(within, func(noteThen) noteThen { return noteThen{"b"} }); !errors.Is(err, satchel.ErrNewerSchema) {
		t.Error("Update:", err)
	}
	if err := notesThen.Set(within, noteThen{"c"}); !errors.Is(err, satchel.ErrNewerSchema) {
		t.Error("Set:", err)
	}
	// What is cleared is nobody's loss, and what then begins is this program's own.
	must(t, notesThen.Clear(within))
	_, err = notesThen.Update(within, func(noteThen) noteThen { return noteThen{"d"} })
	must(t, err)
	must(t, notesThen.Set(within, noteThen{"e"}))
}

// What is cleared in one exchange may be set there as often as one likes.
func TestRule8NewerSchemaClearedAndSetTwice(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	now := satchel.Must(satchel.Config{Clock: w.clock.now}.New(notesNow.ServerSide(w.store)))
	then := satchel.Must(satchel.Config{Clock: w.clock.now}.New(notesThen.ServerSide(w.store)))
	ex := now.Open(satchel.Arrived{})
	must(t, notesNow.Set(ex.Context(t.Context()), noteNow{Items: []string{"tea"}}))
	out, err := ex.Commit(t.Context())
	must(t, err)
	within := then.Open(satchel.Arrived{"note": out[0].Token}).Context(t.Context())
	if err := notesThen.Set(within, noteThen{"a"}); !errors.Is(err, satchel.ErrNewerSchema) {
		t.Error(err)
	}
	must(t, notesThen.Clear(within))
	must(t, notesThen.Set(within, noteThen{"a"}))
	must(t, notesThen.Set(within, noteThen{"b"}))
}

// incomplete is a codec that knows by itself what a write would lose.
type incomplete struct{ codec.Codec[noteThen] }

func (incomplete) Encode(noteThen) (string, error) { return "", codec.ErrIncomplete }

// A codec's own refusal to lose fields has the shell's name as well, by every verb.
func TestRule8NewerSchemaByTheCodec(t *testing.T) {
	kind := notesThen.WithCodec(incomplete{codec.CBOR[noteThen]()})
	within := satchel.Must(satchel.New(kind.ServerSide(newStaged()))).Open(satchel.Arrived{}).Context(t.Context())
	_, updateErr := kind.Update(within, func(n noteThen) noteThen { return n })
	for name, err := range map[string]error{
		"Set": kind.Set(within, noteThen{}), "SignIn": kind.SignIn(within, "ann", noteThen{}), "Update": updateErr,
	} {
		if !errors.Is(err, satchel.ErrNewerSchema) || !errors.Is(err, codec.ErrIncomplete) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// seeing is a codec that tells what is whole, and calls before it decodes.
type seeing struct {
	codec.Codec[noteThen]
	before func()
}

func (c *seeing) DecodeWhole(payload string) (noteThen, bool, error) {
	if before := c.before; before != nil {
		c.before = nil
		defer before()
	}
	return codec.Read(c.Codec, payload)
}

// What a decoding has found is of the record that it decoded, and not of one that came meanwhile.
func TestRule8NewerSchemaDuringADecoding(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	slow := &seeing{Codec: codec.CBOR[noteThen]()}
	kind := notesThen.WithCodec(slow)
	then := satchel.Must(satchel.Config{Clock: w.clock.now}.New(kind.ServerSide(w.store)))
	now := satchel.Must(satchel.Config{Clock: w.clock.now}.New(notesNow.ServerSide(w.store)))
	ex := then.Open(satchel.Arrived{})
	must(t, kind.Set(ex.Context(t.Context()), noteThen{"a"}))
	out, err := ex.Commit(t.Context())
	must(t, err)
	held := satchel.Arrived{"note": out[0].Token}

	within := then.Open(held).Context(t.Context())
	slow.before = func() {
		w.store.once("replace", func() {
			_, err := notesNow.Update(now.Open(held).Context(t.Context()), func(n noteNow) noteNow { n.Items = []string{"tea"}; return n })
			must(t, err)
		})
		if _, err := kind.Update(within, func(noteThen) noteThen { return noteThen{"b"} }); !errors.Is(err, satchel.ErrNewerSchema) {
			t.Error("Update:", err)
		}
	}
	_, _, err = kind.Get(within)
	must(t, err)
	if err := kind.Set(within, noteThen{"c"}); !errors.Is(err, satchel.ErrNewerSchema) {
		t.Error("Set:", err)
	}
}

// A payload that cannot be read is told once, though two were at it.
func TestUndecodableIsToldOnce(t *testing.T) {
	w := newWorld(t, satchel.Options{})
	token := w.begun("tea")
	w.seen.take()
	var within ctx
	bad := &calling{codec.CBOR[cart](), nil}
	inside := false
	bad.before = func() {
		if !inside {
			inside = true
			_, ok, err := carts.Get(within)
			if ok || err != nil {
				t.Error("inside:", ok, err)
			}
		}
	}
	garbage := unreading{bad}
	s := satchel.Must(satchel.Config{Clock: w.clock.now, Observer: w.seen.observer()}.New(carts.WithCodec(garbage).ServerSide(w.store)))
	within = s.Open(satchel.Arrived{"cart": token}).Context(t.Context())
	if _, ok, err := carts.Get(within); ok || err != nil {
		t.Error(ok, err)
	}
	if got := w.seen.take(); !inside || !slices.Equal(got, []string{"refused: undecodable"}) {
		t.Errorf("events %q", got)
	}
}

// unreading is a codec that can read nothing.
type unreading struct{ *calling }

func (c unreading) Decode(string) (cart, error) {
	c.before()
	return cart{}, codec.ErrUndecodable
}
