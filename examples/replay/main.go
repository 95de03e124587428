// Command replay does over what a program recorded, and prints each plan. It uses the package core alone: no store, no
// clock and no randomness, because an exchange that was written down has in it all that core was handed.
//
//	go run ./examples/replay examples/replay/testdata/visit.txt
//
// The file holds the transcripts of exchanges, one behind the other, as examples/eventloop -record writes them. If this
// program decides otherwise than the one that recorded, it says so and exits with status 1: so an incident becomes a test by
// renaming a file. A transcript is as secret as the sessions in it, so tokens and payloads are not printed.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/satchel-go/satchel/core"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: replay FILE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "replay:", err)
		os.Exit(1)
	}
}

func run(path string, out io.Writer) error {
	recorded, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	policy, err := policy()
	if err != nil {
		return err
	}
	report, same := replay(policy, string(recorded))
	fmt.Fprint(out, report)
	if !same {
		return errors.New("this program does not do what was recorded")
	}
	return nil
}

// policy is the one that examples/eventloop records under.
func policy() (*core.Policy, error) {
	return core.Config{
		Kind: "basket", Place: core.ServerSide,
		Lifetime: core.Lifetime{Idle: 30 * 60_000, Absolute: 24 * 3_600_000, Touch: 3 * 60_000},
	}.Compile()
}
