// Package faults holds the table of who survives what: 25 faults that session libraries have had, each as a test against
// Satchel and the same test against the peers that it can be asked of, beside the names of the tests of Satchel's rooms that hold it off.
//
// The tests assert what each peer does today, so that a peer that mends a fault breaks the table here. TABLE.md is written by
// go test -update. A peer that a fault cannot concern, because it has no store, no keys or no cache, has a dash.
// A second table asks further Go libraries what can be asked through a site of theirs, and what each alone is known for. A third asks the parts that
// some faults have besides, of a few peers each. Of these two need another process, which is the test's own binary again: readers of files that
// another writes, and races, which the detector tells of by the process's exit.
package faults
