package storetest

import (
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// Run runs every case against the stores that open gives. It is Run of the zero [Config].
func Run(t *testing.T, open func(t testing.TB) store.Store) {
	t.Helper()
	Config{}.Run(t, open)
}

// Config suits the cases to an engine. The zero value suits one that is fast and cannot be made to fail.
type Config struct {
	// Rounds is how often a case repeats what must be searched for: races, models, histories. 0 is 50. Below 10 it is also how many
	// tenths of the traces are replayed, which are some 15,000 calls.
	Rounds int

	// LargeBody is the length of a large body, in bytes. 0 is 1 MiB.
	LargeBody int

	// Patience is how long a call may go on after its context has ended before it counts as hanging. It is waited for only
	// by a store that breaks the rule. 0 is 10 s.
	Patience time.Duration

	// Small opens a bounded store that is full with at least 2 and at most 1000 records with bodies of a few bytes.
	Small func(t testing.TB) store.Store

	// Down opens a store whose engine refuses to be asked.
	Down func(t testing.TB) store.Store

	// Stalled opens a store whose engine takes every request and answers none.
	Stalled func(t testing.TB) store.Store

	// Unstalled names the methods, such as "Load", that need nothing of what Stalled holds up: readers that take no lock. They are held to
	// answer as ever. None is usual.
	Unstalled []string

	// Garble puts under key, which has no record, what s cannot read: such of which the revision can be read, or for revision 0 such of
	// which not even that can. It returns false where the engine has no such thing.
	Garble func(t testing.TB, s store.Store, key core.Key, revision uint64) bool

	// Peer opens another store on the records of s, by another connection or file, as another process would.
	Peer func(t testing.TB, s store.Store) store.Store

	// Sweeping opens a store that sweeps by itself, with a pause of that length between sweeps, less what it takes to go apart from others. It asks
	// now for the instant at the beginning of each sweep, and rests for less than a second between batches. The store ends with its Close or
	// with t, and runs in a bubble of [testing/synctest]: what it waits for must be timers and channels, and files at most. A store that is swept by
	// others, most often through [store.Sweeping], has no such. By that instant the records of the cases are past their deadline: a store that reads
	// now in Load too, and hides them, is judged by its List, and if it has none not judged.
	Sweeping func(t testing.TB, pause time.Duration, now func() time.Time) store.Store

	// Batch is the most records that such a store removes without a rest, or about that. 0 is 1000.
	Batch int

	// Skip names cases that the store is known to break, each with the reason, which the test's output shows.
	Skip map[string]string
}

// Run runs every case against the stores that open gives, each as a subtest with the case's name.
func (c Config) Run(t *testing.T, open func(t testing.TB) store.Store) {
	t.Helper()
	known := map[string]bool{}
	for _, one := range cases {
		known[one.name] = true
	}
	for name := range c.Skip {
		if !known[name] {
			t.Errorf("storetest: Config.Skip names %q, which is no case", name)
		}
	}
	for _, one := range cases {
		t.Run(one.name, func(t *testing.T) { c.check(t, one, open) })
	}
}

// check runs one case. The tests of the kit itself call it with a TB that records.
func (c Config) check(t testing.TB, one ruleCase, open func(t testing.TB) store.Store) {
	t.Helper()
	if reason, ok := c.Skip[one.name]; ok {
		t.Skipf("known to be broken: %s", reason)
	}
	if c.Rounds == 0 {
		c.Rounds = 50
	}
	if c.LargeBody == 0 {
		c.LargeBody = 1 << 20
	}
	if c.Batch == 0 {
		c.Batch = 1000
	}
	if c.Patience == 0 {
		c.Patience = 10 * time.Second
	}
	one.check(newProbe(t, c, one.rule, open))
}

// ruleCase is one rule and its check. The name is for good: it stands in tables of what a store guarantees.
type ruleCase struct {
	name  string
	rule  string
	check func(p *probe)
}

var cases = []ruleCase{
	{"load-absent", "Load returns ErrNotFound for a key that has no record.", loadAbsent},
	{"create-load", "Create keeps the record, and Load returns every field of what the last completed write left.", createLoad},
	{"create-exists", "Create under a key that has a record changes nothing and returns ErrExists.", createExists},
	{"create-again", "A key whose record was deleted has none, so Create keeps a new one under it.", createAgain},
	{"replace-load", "Replace keeps a record in place of one that has the revision.", replaceLoad},
	{"replace-as-given", "Replace keeps the record as it is given: only Touch is kept from moving an instant back.", replaceAsGiven},
	{"replace-conflict", "Replace at another revision, older or newer, changes nothing and returns ErrConflict.", replaceConflict},
	{"replace-absent", "Replace where there is no record returns ErrNotFound and creates none.", replaceAbsent},
	{"replace-deleted", "Deletion wins: a Replace that finds its record gone does not bring it back.", replaceDeleted},
	{"touch-moves", "Touch moves Seen and Deadline, each to the instant given.", touchMoves},
	{"touch-keeps", "Touch changes neither revision nor body.", touchKeeps},
	{"touch-monotone", "Touch never moves Seen or Deadline back, each by itself.", touchMonotone},
	{"touch-dead", "Touch at or after the kept deadline changes nothing and returns ErrNotFound, whatever the revision.", touchDead},
	{"touch-last", "Touch in the last instant before the kept deadline is in time.", touchLast},
	{"touch-conflict", "Touch at another revision changes nothing and returns ErrConflict.", touchConflict},
	{"touch-absent", "Touch where there is no record returns ErrNotFound and creates none.", touchAbsent},
	{"delete-load", "Delete removes the record that has the revision.", deleteLoad},
	{"delete-conflict", "Delete at another revision changes nothing and returns ErrConflict.", deleteConflict},
	{"delete-absent", "Delete where there is no record returns ErrNotFound.", deleteAbsent},
	{"keys-binary", "Keys are binary and may be empty: those that differ in any byte are different keys.", keysBinary},
	{"bodies-binary", "Bodies are binary.", bodiesBinary},
	{"bodies-empty", "A body may be empty, and its record is one as any other.", bodiesEmpty},
	{"bodies-large", "A large body is kept whole.", bodiesLarge},
	{"numbers-wide", "Revisions and instants are kept to the last bit.", numbersWide},
	{"dead-whole", "From its deadline on a record may vanish, and until then it is a record as any other.", deadWhole},
	{"live-stay", "A record before its deadline is never dropped, not to make room either.", liveStay},
	{"aliasing", "A store keeps no memory of a key or body that it was handed.", aliasing},
	{"garbled-load", "With ErrGarbled Load returns a record that has its Revision only, 0 where not even that can be read.", garbledLoad},
	{"garbled-kept", "What is garbled is never overwritten: Create returns ErrExists for it, Replace and Touch ErrGarbled.", garbledKept},
	{"garbled-delete", "Delete removes what is garbled at its revision, and returns ErrGarbled where that cannot be read.", garbledDelete},
	{"ended-before", "A method whose context has ended returns at once, with an error that wraps the context's.", endedBefore},
	{"ended-during", "A method returns soon after its context ends, with its result or an error that wraps the context's.", endedDuring},
	{"ended-stalled", "A method returns soon after its context ends, even if its engine never answers.", endedStalled},
	{"outage", "An outage is no answer about a record: its error is none of the package's.", outage},
	{"race-create", "Each method is one atomic step: of many Creates under one key exactly one wins.", raceCreate},
	{"race-replace", "Each method is one atomic step: of many Replaces at one revision exactly one wins.", raceReplace},
	{"race-delete", "Each method is one atomic step: of many Deletes at one revision exactly one wins.", raceDelete},
	{"race-delete-replace", "Of a Delete and a Replace at one revision exactly one wins, and its outcome stays.", raceDeleteReplace},
	{"race-touch", "A Touch beside a Replace or Delete neither fails it nor undoes it.", raceTouch},
	{"peer-load", "What Load returns is what the last completed write left, on every node that shares the store.", peerLoad},
	{"peer-race", "A method is one atomic step on every node: of Replaces by two of them exactly one wins.", peerRace},
	{"sweep-limit", "Sweep removes at most limit records, and refuses a limit below 1.", sweepLimit},
	{"sweep-deadline", "Sweep removes the records whose Deadline is not after now, and no other.", sweepDeadline},
	{"sweep-count", "Sweep returns how many records it removed.", sweepCount},
	{"sweep-more", "When Sweep says that it may find no more, nothing past its deadline is left.", sweepMore},
	{"sweep-beside", "Sweeps beside each other remove each record once, and none that a Touch has moved past now.", sweepBeside},
	{"sweep-apart", "Stores that sweep by themselves do so apart: the rests before their sweeps differ, also before the first, and none is longer than was said.", sweepApart},
	{"sweep-batches", "Of the records that expire at one instant a store that sweeps by itself removes some at once, and rests between, for times that differ.", sweepBatches},
	{"list-whole", "List lists each record, and nothing else, with its name, revision, times and the size of its body.", listWhole},
	{"list-gone", "A record that was deleted is not listed.", listGone},
	{"list-reaches", "What is listed can be loaded, and deleted at its revision.", listReaches},
	{"list-stops", "A listing ends where its caller does, and leaves the store as it was.", listStops},
	{"list-beside", "Each record that stays as it is from the beginning to the end is listed, whatever becomes of others meanwhile.", listBeside},
	{"full", "A bounded store that is full refuses the new with ErrFull, changes nothing, and has room again after a Delete.", full},
	{"guarantees", "Guarantees never change during the store's life.", guarantees},
	{"close-twice", "Close may be called again.", closeTwice},
	{"close-leak", "Close ends every goroutine that the store started.", closeLeak},
	{"model", "A store behaves as a map of records, whatever the order of calls.", model},
	{"traces", "Each history of a session has the results that the searches of package core count on, call by call and in the end.", traces},
	{"histories", "Concurrent calls have the results of some order of atomic steps (linearizability).", histories},
}
