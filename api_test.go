package satchel_test

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write api.txt anew, for a reader to look at its diff")

// What users can name is a text, api.txt, so that a change of it is a diff that a reader sees. After a change that is
// meant: ./test api
func TestExportedAPI(t *testing.T) {
	text, err := theBuild(t).API()
	if err != nil {
		t.Fatal(err)
	}
	got := "# What github.com/satchel-go/satchel exports. Written by ./test api; a change here is a change for users.\n\n" + text
	if *update {
		if err := os.WriteFile("api.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile("api.txt")
	if err != nil {
		t.Fatalf("there is no golden text (%v): ./test api writes it", err)
	}
	if string(want) != got {
		t.Errorf("the exported API is not that of api.txt; if the change is meant: ./test api\n%s", lineDiff(string(want), got))
	}
}

// lineDiff returns the lines that only one of two texts has, each with its package.
func lineDiff(want, got string) string {
	var w strings.Builder
	write := func(mark string, lines, others map[string]int, text string) {
		for _, line := range qualified(text) {
			if lines[line] > others[line] {
				lines[line]--
				w.WriteString(mark + line + "\n")
			}
		}
	}
	was, is := counted(want), counted(got)
	write("- ", was, is, want)
	was, is = counted(want), counted(got)
	write("+ ", is, was, got)
	return w.String()
}

// qualified returns the lines of an API text, each after the package and type that it stands under.
func qualified(text string) []string {
	var all []string
	pkg, owner := "", ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "package "):
			pkg, owner = strings.Fields(line)[1], ""
		case strings.HasPrefix(line, "\t"):
			line = owner + ": " + line[1:]
		default:
			owner = line
		}
		if line != "" {
			all = append(all, pkg+": "+line)
		}
	}
	return all
}

func counted(text string) map[string]int {
	n := map[string]int{}
	for _, line := range qualified(text) {
		n[line]++
	}
	return n
}

func TestLineDiffNamesWhatChanged(t *testing.T) {
	want := "package a // x\n\nfunc F()\ntype T struct\n\tX int\n"
	got := "package a // x\n\nfunc F()\ntype T struct\n\tX int\n\tY int\n\npackage b // y\n\nfunc F()\n"
	diff := lineDiff(want, got)
	if diff != "+ a: type T struct: Y int\n+ b: package b // y\n+ b: func F()\n" {
		t.Errorf("got %q", diff)
	}
	if diff := lineDiff(got, want); !strings.HasPrefix(diff, "- a: type T struct: Y int\n- b: ") {
		t.Errorf("got %q", diff)
	}
}
