// Package faulty is a store for tests that fails as they say: before a call takes effect or after it, late, or never at all.
//
//	records := faulty.New(store.NewMemory(), faulty.Only("Replace", faulty.Sequence(
//		faulty.Fault{After: faulty.ErrFault}, // the first Replace takes effect, and its answer is lost
//	)))
//
// # Rules
//
// A script decides for each call, in the order in which calls begin, what befalls it. What befalls no call is as it is inside.
//
// A delay ends with the call's context, and then the call returns the context's error. One before the effect leaves no effect. In a
// bubble of testing/synctest delays cost no time.
//
// The faulty store has the abilities of the inner one. A script is asked about Sweep and List as well; listening goes through as it is.
package faulty
