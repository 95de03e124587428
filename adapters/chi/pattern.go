package satchelchi

import (
	"context"

	"github.com/go-chi/chi/v5"
)

// Pattern returns the pattern of the route that a request took, such as /orders/{id}, or "" if it is not known (yet). It
// is a label for metrics that does not grow with what clients ask for. An observer's function can ask for it with the
// context that it is handed:
//
//	satchel.Observer{Refused: func(ctx context.Context, e satchel.Event) {
//		refused.WithLabelValues(e.Kind, e.Reason.String(), satchelchi.Pattern(ctx)).Inc()
//	}}
//
// It must do so before it returns, because chi uses its own state of a request again for another.
func Pattern(ctx context.Context) string {
	route := chi.RouteContext(ctx)
	if route == nil {
		return ""
	}
	return route.RoutePattern()
}
