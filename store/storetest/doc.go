// Package storetest holds a store to the rules of [store.Store]. Each rule is one case with a name, and a failure quotes
// the sentence that was broken.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t testing.TB) store.Store {
//			s := mine.Open(t.TempDir())
//			t.Cleanup(func() { s.Close() })
//			return s
//		})
//	}
//
// # Rules
//
// Every case opens a store of its own, which must hold no records and share none with another: a sweep removes all that
// it finds.
//
// The cases judge by the instants that they hand in, and by no clock. What must stay has a deadline after the year 2100,
// and what may go one in 2001, so that an engine which drops records by its own clock passes. The present is always
// given as some instant of 2020. What sweeps by itself needs a clock: it has that of a bubble of testing/synctest, which costs no time, and
// the instant that its sweeps are handed is in the future too, at which what they are to remove is past its deadline. Load may hide that.
//
// A store that does not declare compare-and-swap is held to every rule but those about concurrent calls. A case that
// needs what the store or the [Config] does not give is skipped and says so.
package storetest
