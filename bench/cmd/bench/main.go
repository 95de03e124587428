// Command bench measures Satchel beside its peers, and writes what it found under results/. The script bench/run starts it.
//
//	run     builds, measures round by round, and writes tables and plots
//	report  writes tables and plots anew from the raw measurements of a run
//	serve   serves one contender, for run
//
// Each round measures everything once, so that what is compared was measured within minutes of each other, whatever else
// the machine did in the hour; what is reported is the median over rounds, of a ratio the median of the rounds' ratios.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/satchel-go/satchel/bench/load"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: bench run|report|serve, see its documentation")

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	flags := flag.NewFlagSet("bench "+args[0], flag.ContinueOnError)
	switch args[0] {
	case "run":
		var c campaign
		flags.StringVar(&c.label, "label", "", "what the machine is called in results/, without names of hosts (default from its processor)")
		flags.IntVar(&c.rounds, "count", 10, "rounds")
		flags.StringVar(&c.benchTime, "benchtime", "5000x", "how long each benchmark runs in a round, or how often: a number is fair where others use the machine")
		flags.DurationVar(&c.loadTime, "loadtime", 0, "how long each load runs in a round (default 1s)")
		flags.StringVar(&c.only, "only", "", "parts to measure, by commas: process,memory,engines,load (default all)")
		flags.BoolVar(&c.add, "add", false, "add to the measurements of an earlier run on this machine")
		flags.StringVar(&c.note, "note", "", "what a reader has to know of this run")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return c.run(ctx)
	case "report":
		if len(args) != 2 {
			return errUsage
		}
		return report(args[1])
	case "serve":
		if len(args) != 3 {
			return errUsage
		}
		return load.Serve(ctx, args[1], args[2], os.Stdout)
	}
	return errUsage
}
