// Package faults holds the table of who survives what: 25 faults that session libraries have had, each as a test against
// Satchel and the same test against the peers that it can be asked of, beside the names of the tests of Satchel's rooms that hold it off.
//
// The tests assert what each peer does today, so that a peer that mends a fault breaks the table here. TABLE.md is written by
// go test -update. A peer that a fault cannot concern, because it has no store, no keys or no cache, has a dash.
// A second table asks further Go libraries what can be asked through a site of theirs, and what each alone is known for.
package faults
