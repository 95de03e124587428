// Package observed tells how long each call of a store took and what it answered.
//
//	records := observed.New(inner, func(ctx context.Context, c observed.Call) {
//		latency.WithLabelValues(c.Method, c.Answer.String()).Observe(c.Took.Seconds())
//	})
//
// # Rules
//
// The rules of package store hold as they do inside, because every call goes there as it is and every answer comes back as it is. What the
// inner store can do beside the contract the outer one can as well.
//
// A call tells no key, no body and no instant: what it tells may go to a log or a counter.
//
// An observer that is nil costs nothing: then New returns the inner store itself.
package observed
