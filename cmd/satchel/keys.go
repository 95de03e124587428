package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/internal/folders"
)

const aboutSchedule = `
A key goes from pending to primary to retiring, and no step logs anybody out. The command is to be called by one machine, more often
than every lag; mostly nothing is due. Lag is how long after you have put a new file in place the last node may still use the
old one: when in doubt an hour. Life is the longest Absolute or Longest of the kinds that use the keys: where sessions may
be remembered for 30 days it is -life 720h, and with less they end when their key is dropped. docs/keys.md says more.

The file is replaced as a whole, with mode 0600. Comments at its head are kept. While it is changed FILE.lock stands beside it, so that
a timer and an operator do not undo each other.`

var keyNew = command{
	name: "key new", args: "FILE", short: "Make a keyring with one new key",
	long: `
The file must not exist. Only its owner can read it, and it has its name only once it is whole.`,
	examples: []string{"satchel key new keys"},
	begin: func(t *tool, flags *flag.FlagSet) func(context.Context, []string) error {
		asJSON := jsonFlag(flags)
		return func(_ context.Context, args []string) error {
			path, err := one(args, "file")
			if err != nil {
				return err
			}
			secret, err := t.secret()
			if err != nil {
				return err
			}
			ring, err := crypto.Generate(t.now().UnixMilli(), secret)
			if err != nil {
				return err
			}
			if err := create(path, keyHead+ring.RevealText()); err != nil {
				return err
			}
			return t.showRing(*asJSON, ring, []crypto.Change{{ID: "k1", To: crypto.Primary}})
		}
	},
}

const keyHead = "# Satchel keys. Whoever has them can read and make every session that they protect.\n"

var keyRotate = command{
	name: "key rotate", args: "FILE", short: "Take the step of a keyring that is due now",
	long: aboutSchedule,
	examples: []string{
		"satchel key rotate keys                      # from a timer, every minute",
		"satchel key rotate -rotate 2160h -dry-run keys",
	},
	begin: func(t *tool, flags *flag.FlagSet) func(context.Context, []string) error {
		change := scheduled(t, flags)
		return func(_ context.Context, args []string) error {
			path, err := one(args, "file")
			if err != nil {
				return err
			}
			return change(path, func(s crypto.Schedule, ring *crypto.Keyring, secret []byte) (*crypto.Keyring, []crypto.Change, error) {
				return s.Next(ring, t.now().UnixMilli(), secret)
			})
		}
	},
}

var keyRevoke = command{
	name: "key revoke", args: "FILE ID", short: "Withdraw a key whose secret may be known to others",
	long: `
All that it sealed or signed is refused by each node that has read the new file: those sessions end. If it was the primary key
another one takes its place.
` + aboutSchedule,
	examples: []string{"satchel key revoke keys k1"},
	begin: func(t *tool, flags *flag.FlagSet) func(context.Context, []string) error {
		change := scheduled(t, flags)
		return func(_ context.Context, args []string) error {
			if len(args) != 2 {
				return misused("it takes a file and a key's id")
			}
			return change(args[0], func(s crypto.Schedule, ring *crypto.Keyring, secret []byte) (*crypto.Keyring, []crypto.Change, error) {
				return s.Revoke(ring, args[1], t.now().UnixMilli(), secret)
			})
		}
	},
}

type changing func(crypto.Schedule, *crypto.Keyring, []byte) (*crypto.Keyring, []crypto.Change, error)

// scheduled registers the flags of a schedule and returns how a file is changed under it.
func scheduled(t *tool, flags *flag.FlagSet) func(path string, f changing) error {
	rotate := flags.Duration("rotate", 30*24*time.Hour, "how `LONG` a key is primary (default 720h)")
	lag := flags.Duration("lag", time.Hour, "how `LONG` until every node has read a new file (default 1h)")
	life := flags.Duration("life", 24*time.Hour, "how `LONG` a session may live at most, by Absolute or Longest; 0 for no limit (default 24h)")
	dry := flags.Bool("dry-run", false, "say what would be done, and do nothing")
	asJSON := jsonFlag(flags)
	return func(path string, f changing) (err error) {
		schedule := crypto.Schedule{Rotate: rotate.Milliseconds(), Lag: lag.Milliseconds(), Life: life.Milliseconds()}
		if err := schedule.Check(); err != nil {
			return misuseError{err}
		}
		path, err = filepath.EvalSymlinks(path) // so that a link stays one
		if err != nil {
			return err
		}
		if !*dry {
			unlock, failed := lock(path)
			if failed != nil {
				return failed
			}
			defer func() { err = errors.Join(err, unlock()) }()
		}
		before, ring, err := readRing(path)
		if err != nil {
			return err
		}
		secret, err := t.secret()
		if err != nil {
			return err
		}
		next, changes, err := f(schedule, ring, secret)
		if err != nil {
			return err
		}
		if len(changes) > 0 && !*dry {
			if err := replace(path, before, comments(before)+next.RevealText()); err != nil {
				return err
			}
		}
		return t.showRing(*asJSON, next, changes)
	}
}

func jsonFlag(flags *flag.FlagSet) *bool { return flags.Bool("json", false, "print JSON") }

// secret draws what a new key is made of.
func (t *tool) secret() ([]byte, error) {
	secret := make([]byte, 32)
	_, err := io.ReadFull(t.entropy, secret)
	return secret, err
}

// readRing reads a keyring's file. Its errors quote nothing of it.
func readRing(path string) (text string, ring *crypto.Keyring, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	ring, err = crypto.ParseKeyring(string(b))
	return string(b), ring, err
}

// comments returns the comments and blank lines that a file begins with.
func comments(text string) string {
	n := 0
	for line := range strings.Lines(text) {
		if trimmed := strings.TrimSpace(line); trimmed != "" && trimmed[0] != '#' {
			break
		}
		n += len(line)
	}
	return text[:n]
}

func (t *tool) showRing(asJSON bool, ring *crypto.Keyring, changes []crypto.Change) error {
	if !asJSON {
		if len(changes) == 0 {
			fmt.Fprintln(t.out, "nothing is due")
		}
		for _, c := range changes {
			fmt.Fprintln(t.out, c)
		}
		return nil
	}
	said := []string{}
	for _, c := range changes {
		said = append(said, c.String())
	}
	type key struct {
		ID    string  `json:"id"`
		State string  `json:"state"`
		Since instant `json:"since"`
	}
	keys := []key{}
	for _, k := range ring.Keys() {
		keys = append(keys, key{k.ID(), k.State().String(), instant(k.Since())})
	}
	return t.show(true, []field{{"changes", said}, {"keys", keys}})
}

// create makes a file that must not exist, for its owner alone. It has its name only once it is whole.
func create(path, text string) error {
	err := folders.Create(path, text)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and is left as it is", path)
	}
	return err
}

// replace puts a text in a file's place, unless somebody else has done so since it was read. Another of these commands has not, for the
// lock; an editor may have.
func replace(path, before, text string) error {
	whole, err := folders.WriteBeside(path, text)
	if err != nil {
		return err
	}
	now, err := os.ReadFile(path)
	if err == nil && string(now) != before {
		err = fmt.Errorf("%s was changed by another at this moment, and is left as it is", path)
	}
	if err == nil {
		err = os.Rename(whole, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(whole))
	}
	return folders.Flush(filepath.Dir(path))
}
