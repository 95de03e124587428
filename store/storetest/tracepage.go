package storetest

import (
	_ "embed" // the page
	"fmt"
	"strings"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// tracesPage holds what sessions ask of a store, as its head says. The searches of package core print it.
//
//go:embed testdata/traces.txt
var tracesPage string

// traced is a line of the page.
type traced struct {
	step

	actor   int     // who calls, from 0
	sweptAt int64   // the instant at which a sweep takes the record, or 0
	want    outcome // of a store that drops nothing before it has to
	text    string
}

// readTraces returns the traces of a page: the ways to the lines behind which no deeper one comes.
func readTraces(page string) (all [][]traced, err error) {
	var way []traced
	for n, line := range strings.Split(page, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		depth, text, _ := strings.Cut(line, " ")
		at := 0
		if _, err := fmt.Sscan(depth, &at); err != nil || at < 1 || at > len(way)+1 {
			return nil, fmt.Errorf("storetest: line %d of the traces has a depth %q behind %d", n+1, depth, len(way))
		}
		if at <= len(way) {
			all, way = append(all, way), append([]traced(nil), way[:at-1]...)
		}
		c, err := readTraced(text)
		if err != nil {
			return nil, fmt.Errorf("storetest: line %d of the traces: %w", n+1, err)
		}
		way = append(way, c)
	}
	return append(all, way), nil
}

// readTraced reads a call and its answer.
func readTraced(text string) (c traced, err error) {
	c.text = text
	call, answer, _ := strings.Cut(text, ": ")
	words := strings.Fields(call)
	if len(words) < 3 {
		return c, fmt.Errorf("%q is no call", call)
	}
	c.actor, c.key = max(0, int(words[0][0])-'A'), core.Key(words[2])
	at := "" // the word
	scan := func(into ...any) {
		_, err = fmt.Sscan(strings.Join(words[3:], " "), into...)
	}
	r := &c.rec
	switch words[1] {
	case "load":
		c.method = "Load"
	case "create":
		c.method = "Create"
		scan(&r.Revision, &r.Seen, &r.Deadline, &r.Body)
	case "replace":
		c.method = "Replace"
		scan(&at, &c.at, &r.Revision, &r.Seen, &r.Deadline, &r.Body)
	case "touch":
		c.method = "Touch"
		scan(&at, &c.at, &c.seen, &c.deadline)
	case "delete", "gone":
		c.method = "Delete"
		scan(&at, &c.at)
	case "sweep":
		c.method = "Delete"
		scan(&at, &c.at, &c.sweptAt)
	default:
		err = fmt.Errorf("%q is no call", words[1])
	}
	if err == nil {
		c.want, err = readAnswer(answer)
	}
	return c, err
}

func readAnswer(text string) (o outcome, err error) {
	switch text {
	case "ok":
		o.answer = spell(nil)
	case "none":
		o.answer = spell(store.ErrNotFound)
	case "exists":
		o.answer = spell(store.ErrExists)
	case "conflict":
		o.answer = spell(store.ErrConflict)
	default:
		o.answer = spell(nil)
		_, err = fmt.Sscan(text, &o.rec.Revision, &o.rec.Seen, &o.rec.Deadline, &o.rec.Body)
	}
	return o, err
}
