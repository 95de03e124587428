package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/satchel-go/satchel/internal/mutants"
	"github.com/satchel-go/satchel/internal/walls"
)

// seen is what became of one test under one mutant.
type seen struct {
	mutant  mutants.Mutant
	test    walls.Func
	verdict verdict
}

func (s seen) String() string {
	return fmt.Sprintf("%4d  %-17s %-44s %-8s %s", s.mutant.Rule, s.test.Room, s.test.Name, s.verdict, s.mutant.Title)
}

var errSurvived = errors.New("a rule was taken out, and a test of it did not fail")

// mutants takes each rule out of the code, one way at a time, and sees that the tests fail which internal/mutants names for it. The table of
// all goes to a dated file of results/. With only, it is one rule's mutants, and no file.
func (h *house) mutants(ctx context.Context, only int) {
	h.step(ctx, "mutants", func() (string, error) {
		began := time.Now().UTC()
		book, err := mutants.Read(h.top)
		if err != nil {
			return "", err
		}
		if faults := book.Check(h.source); len(faults) > 0 {
			return "", errors.Join(faults...)
		}
		chosen := slices.DeleteFunc(slices.Clone(book.Mutants), func(m mutants.Mutant) bool { return only != 0 && m.Rule != only })
		all, err := h.tryAll(ctx, chosen)
		if len(all) == 0 {
			return "", err
		}
		survived := slices.DeleteFunc(slices.Clone(all), func(s seen) bool { return s.verdict.failed() })
		note := noteOf(chosen, all, len(survived))
		table := tableOf(book, all) + "\n" + note + "\n"
		if len(survived) > 0 {
			h.count.failed += len(survived)
			table += "\nNOT SEEN TO FAIL:\n" + lines(survived)
			err = errors.Join(err, errSurvived)
		}
		if ctx.Err() != nil {
			table += "stopped before the end\n"
		}
		fmt.Fprint(h.out, table)
		if only == 0 {
			h.write("results/mutants-"+began.Format(time.DateOnly)+".txt", h.heading(ctx, began)+table)
		}
		return note, err
	})
}

// tryAll sees first that all tests pass as the code is, then tries the mutants, as many at once as there are CPUs.
func (h *house) tryAll(ctx context.Context, all []mutants.Mutant) ([]seen, error) {
	dir, err := os.MkdirTemp("", "satchel-mutants-")
	if err != nil {
		return nil, fmt.Errorf("make room for mutants: %w", err)
	}
	defer os.RemoveAll(dir)
	l := &lab{house: h, dir: dir, bins: map[string]string{}, limit: map[string]time.Duration{}, alone: map[string]bool{}, wrong: map[string]error{}}
	if err := l.weave(ctx, all); err != nil {
		return nil, err
	}
	if err := l.soundAll(ctx, all); err != nil {
		return nil, err
	}
	type tried struct {
		mutant mutants.Mutant
		seen   []seen
		err    error
		took   time.Duration
	}
	results := make(chan tried)
	free := make(chan struct{}, runtime.NumCPU())
	go func() {
		for i, m := range all {
			free <- struct{}{}
			go func() {
				defer func() { <-free }()
				began := time.Now()
				s, err := l.try(ctx, i+1, m)
				results <- tried{m, s, err, time.Since(began)}
			}()
		}
	}()
	var table []seen
	var errs []error
	for range all {
		r := <-results
		if ctx.Err() != nil {
			continue
		}
		table, errs = append(table, r.seen...), append(errs, r.err)
		fmt.Fprintf(h.out, "rule %2d  %7s  %s  %s\n", r.mutant.Rule, r.took.Round(100*time.Millisecond), summary(r.seen), r.mutant.Title)
		if r.err != nil {
			fmt.Fprintln(h.out, r.err)
		}
	}
	return table, errors.Join(errs...)
}

// summary counts the verdicts of one mutant.
func summary(all []seen) string {
	n := 0
	for _, s := range all {
		if s.verdict.failed() {
			n++
		}
	}
	text := fmt.Sprintf("%d of %d tests fail", n, len(all))
	if n < len(all) || n == 0 {
		text = strings.ToUpper(text)
	}
	return text
}

// tableOf lists rule by rule each test with the mutants under which it was run.
func tableOf(book *mutants.Book, all []seen) string {
	slices.SortStableFunc(all, func(a, b seen) int {
		return cmp.Or(cmp.Compare(a.mutant.Rule, b.mutant.Rule), cmp.Compare(a.test.Room, b.test.Room),
			cmp.Compare(a.test.Name, b.test.Name), cmp.Compare(a.mutant.At, b.mutant.At))
	})
	var b strings.Builder
	b.WriteString("A rule was taken out of the code as the last column says; the third is what became of a test that passes without that.\n")
	rule := 0
	for _, s := range all {
		if s.mutant.Rule != rule {
			rule = s.mutant.Rule
			fmt.Fprintf(&b, "\nrule %d, %s\n", rule, book.Names[rule])
		}
		fmt.Fprintln(&b, s)
	}
	return b.String()
}

func lines(all []seen) string {
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintln(&b, s)
	}
	return b.String()
}

// noteOf sums all up.
func noteOf(chosen []mutants.Mutant, all []seen, survived int) string {
	tests, hung := map[walls.Func]bool{}, 0
	for _, s := range all {
		if s.verdict.failed() {
			tests[s.test] = true
		}
		if s.verdict == hangs {
			hung++
		}
	}
	return fmt.Sprintf("%d mutants, %d tests seen to fail, %d by hanging, %d survived", len(chosen), len(tests), hung, survived)
}

// write puts a text in place of a file of results; that it could not is a failed step.
func (h *house) write(name, text string) {
	_ = os.Remove(h.path(name)) // of an earlier run of the same day; note says what else is wrong
	h.note(name, text)
}
