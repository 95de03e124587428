package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

var storeEnd = command{
	name: "store end", args: "URL [NAME…]", short: "End sessions: whoever has their tokens is logged out",
	long: `
A session is ended wherever rotations have taken it, and stays ended: a request on its way does not bring it back. Sessions are named
by the names of their records (satchel store list), of which the first 8 characters suffice if no other name begins so; or by a
token in a file, with the -kind that it is of; or all of them, with -all -yes. If any of those named is not there, the exit code is 3. A
session that is rotated or begun while -all runs may stay; run it again.

What is no session is kept: logs of what ended, subject records, and what rotations leave. Without them what has ended would come
back. What cannot be read is kept by -all, because it may be one of these; whoever knows what it is names it. Records that are
sealed at rest (store/sealed) are ended with -sealed only, for the same reason. A session that lives in its client is ended here if it is
Anchored. All others of a Revocable kind its program ends, with EndEveryone.
` + aboutURLs,
	examples: []string{
		"satchel store end dir:/var/lib/shop/sessions 4e73915e",
		"satchel store end -kind cart -token token.txt redis://localhost",
		"satchel store end -all -yes sqlite:sessions.db",
		"satchel store end -all -yes -sealed record-keys postgres://localhost/shop",
	},
	begin: func(t *tool, flags *flag.FlagSet) func(context.Context, []string) error {
		b := bindingFlags(flags)
		token := flags.String("token", "", "end the session of the token in `FILE`, or - for standard input")
		all := flags.Bool("all", false, "end every session in the store")
		yes := flags.Bool("yes", false, "be sure, for -all")
		atRest := flags.String("sealed", "", "the keyring `FILE` under which store/sealed keeps the records")
		asJSON := jsonFlag(flags)
		return func(ctx context.Context, args []string) error {
			if *all && !*yes {
				return misused("-all ends every session in the store; say -yes if that is meant")
			}
			o, names, err := t.openStore(ctx, args)
			if err != nil {
				return err
			}
			defer o.close()
			e := ender{tool: t, store: o.Store, unseals: *atRest != ""}
			if e.unseals {
				if e.store, err = unsealed(ctx, o.Store, *atRest); err != nil {
					return err
				}
			}
			switch ways := btoi(*all) + btoi(*token != "") + btoi(len(names) > 0); {
			case ways != 1:
				return misused("name the sessions by records, by a token or by -all, in one of these ways")
			case *token != "":
				err = e.byToken(ctx, b, *token)
			case *all:
				err = e.listed(ctx, nil)
			default:
				err = e.byName(ctx, names)
			}
			if err != nil {
				return err
			}
			if err := t.show(*asJSON, []field{{"ended", e.ended}, {"missing", e.missing}, {"kept", e.kept}}); err != nil {
				return err
			}
			if e.missing > 0 {
				return errNo
			}
			return nil
		}
	},
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// ender ends sessions of one store.
type ender struct {
	*tool
	store   store.Store
	unseals bool // the store opens what is sealed at rest

	ended, missing, kept int

	over map[string]bool // the records that this call has ended, by name, where sessions are named
}

// errGone is what is there no more, and was not ended by this call.
var errGone = errors.New("it is over already")

const minName, maxName = 8, 64

// byName ends the sessions of records by the beginnings of their names.
func (e *ender) byName(ctx context.Context, names []string) error {
	for n, name := range names { // of which an error says nothing: it may be a token, or a URL with its password
		if len(name) < minName || len(name) > maxName || strings.Trim(name, "0123456789abcdef") != "" {
			return misused("number %d of the names is not the beginning of one: %d to %d of 0-9 and a-f", n+1, minName, maxName)
		}
	}
	return e.listed(ctx, names)
}

// listed goes through the store and ends the sessions whose names begin as asked, or all. Nothing is ended before it is known that each
// beginning is of one record only.
func (e *ender) listed(ctx context.Context, names []string) error {
	lister, ok := e.store.(store.Lister)
	if !ok {
		return errors.New("this store cannot list what it has, so sessions are ended by their tokens only")
	}
	found := map[string]store.Listed{}
	p := e.progress("records looked at")
	defer p.end()
	for l, err := range lister.List(ctx) {
		if err != nil {
			return err
		}
		p.add(1)
		if names == nil {
			if err := e.oneOfAll(ctx, l); err != nil {
				return fmt.Errorf("after %d sessions: %w", e.ended, err)
			}
			continue
		}
		for _, beginning := range names {
			if !strings.HasPrefix(l.Name, beginning) {
				continue
			}
			if other, twice := found[beginning]; twice && other.Name != l.Name {
				return misused("more than one record's name begins with %s", beginning)
			}
			found[beginning] = l
		}
	}
	return e.named(ctx, names, found)
}

// named ends the sessions of the records that were found for the beginnings of their names.
func (e *ender) named(ctx context.Context, names []string, found map[string]store.Listed) error {
	e.over = map[string]bool{}
	for _, name := range names {
		l, ok := found[name]
		if !ok {
			fmt.Fprintf(e.err, "satchel: no record %s\n", name)
			e.missing++
			continue
		}
		switch err := e.end(ctx, l.Name, l.Load, l.Delete); {
		case errors.Is(err, errGone):
			fmt.Fprintf(e.err, "satchel: the session of %s is over already\n", name[:minName])
			e.missing++
		case errors.Is(err, errNoSession):
			fmt.Fprintf(e.err, "satchel: %s is no session: %v\n", name[:minName], err)
			e.missing, e.kept = e.missing+1, e.kept+1
		case err != nil:
			return err
		}
	}
	return nil
}

// oneOfAll ends the session of a record, if it is one. What cannot be read may be what keeps others ended.
func (e *ender) oneOfAll(ctx context.Context, l store.Listed) error {
	record, err := l.Load(ctx)
	if errors.Is(err, store.ErrGarbled) {
		fmt.Fprintf(e.err, "satchel: %s cannot be read, so it stays\n", l.Name)
		e.missing++
		return nil
	}
	if _, dead := core.Successor(record); err == nil && dead {
		e.kept++
	}
	switch err = e.end(ctx, l.Name, l.Load, l.Delete); {
	case errors.Is(err, errNoSession):
		e.kept++
		return nil
	case errors.Is(err, errGone):
		return nil
	}
	return err
}

// byToken ends the session of a token.
func (e *ender) byToken(ctx context.Context, b binding, path string) error {
	if *b.kind == "" {
		return misused("-token needs the -kind that it is of")
	}
	if err := b.check(); err != nil {
		return err
	}
	token, err := e.token([]string{path})
	if err != nil {
		return err
	}
	ring, err := b.ring()
	if err != nil {
		return err
	}
	var x core.Transform
	if ring != nil {
		x = crypto.Sign(ring)
	}
	key, refusal, err := b.key(e.now(), token, x)
	if err != nil {
		return err
	}
	if refusal != core.NotRefused {
		fmt.Fprintf(e.err, "satchel: the token is refused: %v\n", refusal)
		e.missing++
		return nil
	}
	err = e.endUnder(ctx, key)
	if errors.Is(err, errGone) {
		fmt.Fprintln(e.err, "satchel: the token has no session")
		e.missing++
		return nil
	}
	return err
}

// maxSteps bounds how far rotations are followed, and how often one record is tried that others change.
const maxSteps = 10_000

func (e *ender) endUnder(ctx context.Context, key core.Key) error {
	return e.end(ctx, store.Name(key), func(ctx context.Context) (core.Record, error) { return e.store.Load(ctx, key) },
		func(ctx context.Context, at uint64) error { return e.store.Delete(ctx, key, at) })
}

// end deletes a record, or what a rotation has made of its session: a tombstone stays, and its successor ends. One that is gone, or
// that another ends meanwhile, is errGone, unless this call has ended it. One that is no session is errNoSession.
func (e *ender) end(
	ctx context.Context, name string, load func(context.Context) (core.Record, error), remove func(context.Context, uint64) error,
) error {
	for range maxSteps {
		record, err := load(ctx)
		if errors.Is(err, store.ErrNotFound) {
			return e.gone(name)
		}
		if errors.Is(err, store.ErrGarbled) && (e.unseals || record.Revision == 0) {
			return fmt.Errorf("it cannot be read, so it stays: %w", err)
		}
		if err != nil && !errors.Is(err, store.ErrGarbled) {
			return err
		}
		if successor, dead := core.Successor(record); dead {
			name = store.Name(successor)
			load = func(ctx context.Context) (core.Record, error) { return e.store.Load(ctx, successor) }
			remove = func(ctx context.Context, at uint64) error { return e.store.Delete(ctx, successor, at) }
			continue
		}
		if err := refused(record, e.unseals); err != nil {
			return err
		}
		switch err := remove(ctx, record.Revision); {
		case err == nil:
			e.ended++
			if e.over != nil {
				e.over[name] = true
			}
			return nil
		case errors.Is(err, store.ErrNotFound):
			return e.gone(name)
		case !errors.Is(err, store.ErrConflict):
			return err
		}
	}
	return errors.New("the session is changed again and again")
}

func (e *ender) gone(name string) error {
	if e.over[name] {
		return nil
	}
	return errGone
}
