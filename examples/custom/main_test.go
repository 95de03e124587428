package main

import (
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), out.WriteString); err != nil {
		t.Fatal(err)
	}
	want := "kept: 8400 letters, a token of less than 400: true, and back: true\n" +
		"travel: 8400 letters, a token of less than 400: true, and back: true\n"
	if out.String() != want {
		t.Errorf("%s", out.String())
	}
}
