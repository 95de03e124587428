package store

import "context"

// Fresh returns a context under which Load is answered by the store that is the truth, and not with a copy of a [Cache],
// however many wrappers are between. What lists and ends sessions on several nodes needs that; what reads one does not.
func Fresh(ctx context.Context) context.Context { return fresh{ctx} }

type fresh struct{ context.Context }

type freshKey struct{}

func (f fresh) Value(key any) any {
	if key == (freshKey{}) {
		return true
	}
	return f.Context.Value(key)
}

func isFresh(ctx context.Context) bool { return ctx.Value(freshKey{}) != nil }
