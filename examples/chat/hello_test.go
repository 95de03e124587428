package main

import (
	"slices"
	"strings"
	"testing"
)

// A connection says hello as another while the store is away. Nobody knows whether that session lives, so the connection is nobody's: it
// hears nothing of the session that it had, does not end with it, and speaks for neither, until a hello is answered.
func TestAHelloAsAnotherThatFails(t *testing.T) {
	e := newTable(t)
	for _, line := range []string{
		"ann: hello", "ann: nick ann", "ann: join tea", "bob: hello", "bob: join tea", "carl: hello", "carl: nick carl", "carl: join coffee",
		"ann/2: hello <ann>", "down",
	} {
		e.step(line)
	}
	if got := e.step("ann: hello <carl>"); !slices.Contains(got, "ann < error come back in a minute") {
		t.Fatal(got)
	}
	e.step("up")
	if got := e.step("ann: me"); !slices.Contains(got, "ann < error say hello first") {
		t.Error(got)
	}
	if got := e.step("bob: say a word"); slices.Contains(got, "ann < from guest: a word") || !slices.Contains(got, "ann/2 < from guest: a word") {
		t.Error(got)
	}
	e.step("ann/2: bye")
	if got := e.step("ann: hello <carl>"); !slices.Contains(got, "ann < hello again carl, in coffee, said 0") || strings.Contains(got[0], "token") {
		t.Errorf("the session that it had took it along: %q", got)
	}
	if got := e.step("carl: say a word"); !slices.Contains(got, "ann < from carl: a word") {
		t.Error(got)
	}
}
