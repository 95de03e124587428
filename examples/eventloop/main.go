// Command eventloop embeds the package core in an event loop: one goroutine runs short steps and never waits, and a
// question to the store is answered by a step that runs later. It is a shell of its own, without the root package.
//
//	printf '%s\n' 'ann tea' 'bob milk' 'ann bread' 'ann' 'ann rotate' 'ann bye' | go run ./examples/eventloop
//
// Each line names a client and what it wants: a word for its basket, nothing to look into it, "rotate" for another token,
// "bye" to end the session, "take" to end it unless somebody else does so first. The program plays the clients too, and keeps their tokens. "ann/2" is another window of ann's:
// both send what they want at the same time, with one token.
//
// Read it in this order: exchange.go drives core; storage.go carries out what core has planned, beside the loop; loop.go is
// the loop; clients.go are the clients.
package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

func main() {
	record := flag.String("record", "", "write what happened to `FILE`, secrets included, for examples/replay")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *record); err != nil {
		fmt.Fprintln(os.Stderr, "eventloop:", err)
		os.Exit(1)
	}
}

// policy is what examples/replay has as well: who replays a transcript needs the policy that it was recorded under.
func policy() (*core.Policy, error) {
	return core.Config{
		Kind: "basket", Place: core.ServerSide,
		Lifetime: core.Lifetime{Idle: 30 * 60_000, Absolute: 24 * 3_600_000, Touch: 3 * 60_000},
	}.Compile()
}

func run(in io.Reader, out io.Writer, record string) error {
	policy, err := policy()
	if err != nil {
		return err
	}
	l := newLoop()
	c := &clients{
		policy: policy, loop: l, storage: newStorage(context.Background(), store.NewMemory(), l), out: out,
		now: func() int64 { return time.Now().UnixMilli() },
		entropy: func(b []byte) { // it never fails: crypto/rand ends the program first
			_, _ = rand.Read(b)
		},
		byName: map[string]*client{},
	}
	if record != "" {
		c.record, err = os.OpenFile(record, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		defer c.record.Close()
	}
	l.begin()
	go func() { // reading waits, so it is done beside the loop as well
		defer l.post(l.end)
		for lines := bufio.NewScanner(in); lines.Scan(); {
			line := lines.Text()
			l.post(func() { c.arrive(line) })
		}
	}()
	l.run()
	return c.fault
}
