package satchel_test

import (
	"os"
	"strings"
	"testing"
)

// The program of the README is examples/hello, to the letter, so it compiles and is linted.
func TestReadmeIsAProgram(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	must(t, err)
	program, err := os.ReadFile("examples/hello/main.go")
	must(t, err)
	_, after, _ := strings.Cut(string(readme), "```go\n")
	block, _, found := strings.Cut(after, "```")
	if !found || !strings.HasSuffix(string(program), block) || len(block) < 500 {
		t.Error("README.md and examples/hello differ")
	}
}
