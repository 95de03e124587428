package adaptertest

import (
	"slices"
	"strings"
	"time"

	"github.com/satchel-go/satchel/adapters/cookie"
)

// scenario is a file that was read.
type scenario struct {
	file   string
	title  string
	faults []int
	only   only
	kinds  []kind
	lives  []line          // idle, absolute and touch
	gates  map[string]gate // by path
	cookie cookie.Config
	steps  []step
}

// kind is a kind of a scenario.
type kind struct {
	name    string
	pinned  only
	inside  bool
	stamped bool // it idles in the client too
	stamp   bool // it is no kind, but what the stamps of one travel by
}

// stampOf is what a kind's stamps travel by is called.
func stampOf(name string) string { return name + "-seen" }

// gate is a guard of a scenario: its kind, and the words that say how it challenges.
type gate struct {
	kind      string
	challenge []string
}

// step is what stands at the margin, with the lines under it.
type step struct {
	line

	who, method, path string // asks; goes on has no method
	sends             []line
	handler           []line
	wants             []line
}

// waits reports whether the step's handler is continued by a later one.
func (s *step) waits() bool {
	return slices.ContainsFunc(s.handler, func(l line) bool { return l.word == "wait" })
}

// line is one line: a word and what follows it.
type line struct {
	no   int
	word string
	args []string // words; quotes keep blanks together
	rest string   // the same as it stands
	only only
	want string // behind ->
	says bool   // there is a ->
}

// only says in which runs a line counts, by the words in its brackets.
type only []string

// ways are the four ways in which a scenario is run.
var ways = []way{{"client", "cookie"}, {"client", "header"}, {"server", "cookie"}, {"server", "header"}}

// way is one of them.
type way struct{ placement, transport string }

func (w way) String() string { return w.placement + "-side by " + w.transport }

// has reports whether something counts in a run.
func (o only) has(w way) bool {
	for _, word := range o {
		if word != w.placement && word != w.transport {
			return false
		}
	}
	return true
}

// of returns the way in which a kind lives when a scenario is run in way w.
func (k kind) of(w way) way {
	for _, word := range k.pinned {
		switch word {
		case "client", "server":
			w.placement = word
		default:
			w.transport = word
		}
	}
	return w
}

// kind returns a kind by its name.
func (s *scenario) kind(name string) (kind, bool) {
	for _, k := range s.kinds {
		if k.name == name {
			return k, true
		}
	}
	return kind{}, false
}

// words spells out the words of a handler's line: tea*5 is teate.
func words(args []string) ([]string, error) {
	all := make([]string, len(args))
	for i, arg := range args {
		word, times, repeated := strings.Cut(arg, "*")
		all[i] = word
		if !repeated {
			continue
		}
		n, err := number(times)
		if err != nil || word == "" || n > 1<<20 {
			return nil, errNumber
		}
		all[i] = strings.Repeat(word, n/len(word)+1)[:n]
	}
	return all, nil
}

// duration reads a time.
func duration(text string) (time.Duration, error) { return time.ParseDuration(text) }
