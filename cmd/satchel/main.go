// Command satchel is for those who run programs that use Satchel: it makes and rotates keys, looks into tokens, does recorded
// exchanges over, and goes through stores.
//
//	go install github.com/satchel-go/satchel/cmd/satchel@latest
//	satchel help
//
// It never prints a secret (a key, a token, a payload that it was not given the keys for) unless -reveal asks for it by name. What it
// finds goes to standard output, as text or with -json; how far it has come goes to standard error.
//
// Its exit codes are 0 for success, 1 for a failure (a store that cannot be reached, a file that cannot be read), 2 for a call that
// makes no sense, and 3 where the answer is no: a token that is refused, a replay that differs, a record that is not there.
package main

import (
	"context"
	"crypto/rand"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	t := &tool{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, terminal: isTerminal(os.Stderr), screen: isTerminal(os.Stdout),
		now: time.Now, entropy: rand.Reader, getenv: os.Getenv,
	}
	os.Exit(int(t.run(ctx, os.Args[1:])))
}

// tool is the program with what it reaches outside.
type tool struct {
	in       io.Reader
	out, err io.Writer
	terminal bool // err is one
	screen   bool // out is a terminal
	now      func() time.Time
	entropy  io.Reader
	getenv   func(string) string
}

func isTerminal(f *os.File) bool {
	stat, err := f.Stat()
	return err == nil && stat.Mode()&os.ModeCharDevice != 0
}
