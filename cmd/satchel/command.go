package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// code is an exit code. The package's comment says what they mean.
type code int

const (
	done    code = 0
	failure code = 1
	misuse  code = 2
	no      code = 3
)

// errNo is the answer no: it was asked well, and said.
var errNo = errors.New("no")

// misuseError is a call that makes no sense.
type misuseError struct{ error }

func misused(format string, args ...any) error { return misuseError{fmt.Errorf(format, args...)} }

// command is one verb of the tool.
type command struct {
	name     string // "key new"
	args     string // "FILE"
	short    string // one line
	long     string // paragraphs
	examples []string
	// begin registers the command's flags and returns what it does.
	begin func(t *tool, flags *flag.FlagSet) func(ctx context.Context, args []string) error
}

// commands are in the order of the help.
var commands = []command{keyNew, keyRotate, keyRevoke, tokenInspect, replayCommand, storeList, storeStats, storeSweep, storeEnd}

// run is the whole program.
func (t *tool) run(ctx context.Context, args []string) code {
	if len(args) == 0 {
		t.usage(t.err)
		return misuse
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		return t.help(args[1:])
	}
	c, rest, err := find(args)
	if err == nil {
		err = t.call(ctx, c, rest)
	}
	_, wrong := errors.AsType[misuseError](err)
	switch {
	case err == nil:
		return done
	case errors.Is(err, flag.ErrHelp):
		return t.help(strings.Fields(c.name))
	case errors.Is(err, errNo):
		return no
	case wrong:
		fmt.Fprintln(t.err, "satchel:", err)
		return misuse
	}
	fmt.Fprintln(t.err, "satchel:", err)
	return failure
}

// find returns the command that args name, and what follows it.
func find(args []string) (command, []string, error) {
	for n := min(2, len(args)); n > 0; n-- {
		name := strings.Join(args[:n], " ")
		if i := slices.IndexFunc(commands, func(c command) bool { return c.name == name }); i >= 0 {
			return commands[i], args[n:], nil
		}
	}
	if among := beginning(args[0]); among != "" {
		return command{}, nil, misused("there is no command %q; there are %s", shown(args[:min(2, len(args))]), among)
	}
	return command{}, nil, misused("there is no command %q; see satchel help", shown(args[:min(2, len(args))]))
}

// beginning lists the commands whose first word that is.
func beginning(word string) string {
	var all []string
	for _, c := range commands {
		if strings.HasPrefix(c.name, word+" ") {
			all = append(all, c.name)
		}
	}
	return strings.Join(all, ", ")
}

// call parses the flags, which may stand before and behind the arguments, and does the command.
func (t *tool) call(ctx context.Context, c command, args []string) error {
	flags := newFlags(c)
	do := c.begin(t, flags)
	var words []string
	for {
		if err := flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return err
			}
			return misused("%w; see satchel help %s", err, c.name)
		}
		if args = flags.Args(); len(args) == 0 {
			return do(ctx, words)
		}
		words, args = append(words, args[0]), args[1:]
	}
}

func newFlags(c command) *flag.FlagSet {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}

// one returns the one argument that a command takes.
func one(args []string, what string) (string, error) {
	if len(args) != 1 {
		return "", misused("it takes one %s, and was given %d arguments", what, len(args))
	}
	return args[0], nil
}

func (t *tool) usage(w io.Writer) {
	fmt.Fprint(w, "satchel makes and rotates keys, looks into tokens, does recorded exchanges over, and goes through stores.\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  satchel %-14s %s\n", c.name, c.short)
	}
	fmt.Fprint(w, "\nsatchel help COMMAND says more.\n\n", exitCodes)
}

const exitCodes = `Exit codes: 0 success; 1 failure, such as a store out of reach; 2 a call that makes no sense; 3 the answer is no (a
token refused, a replay that differs, a record that is not there).
`

func (t *tool) help(args []string) code {
	if len(args) == 0 {
		t.usage(t.out)
		return done
	}
	c, rest, err := find(args)
	if err == nil && len(rest) > 0 {
		err = misused("there is no command %q; see satchel help", shown(args))
	}
	if err != nil {
		fmt.Fprintln(t.err, "satchel:", err)
		return misuse
	}
	fmt.Fprintf(t.out, "satchel %s [flags] %s\n\n%s.\n\n%s\n", c.name, c.args, c.short, strings.TrimSpace(c.long))
	flags := newFlags(c)
	c.begin(t, flags)
	some := false
	flags.VisitAll(func(f *flag.Flag) {
		if !some {
			fmt.Fprint(t.out, "\nFlags:\n")
			some = true
		}
		kind, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(t.out, "  -%-18s %s\n", strings.TrimSpace(f.Name+" "+kind), usage)
	})
	fmt.Fprint(t.out, "\nExamples:\n")
	for _, e := range c.examples {
		fmt.Fprintf(t.out, "  %s\n", e)
	}
	return done
}

// shown joins words for an error. One that is long may be a token that was typed in a command's place.
func shown(words []string) string {
	out := slices.Clone(words)
	for i, word := range out {
		if len(word) > 20 {
			out[i] = "…"
		}
	}
	return strings.Join(out, " ")
}
