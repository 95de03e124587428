package nethttp

import (
	"net/http"

	"github.com/satchel-go/satchel/adapters/answer"
)

// ClearSiteData makes the browser forget all that it keeps of the origin, with the answer to a logout, and marks that no-store:
//
//	if err := accounts.Clear(r.Context()); err == nil {
//		nethttp.ClearSiteData(w)
//	}
//
// It goes with the answer if the session has been ended, and not if that failed. What it takes away, and where browsers
// follow it, stands at [answer.ClearSiteData].
func ClearSiteData(w http.ResponseWriter) { answer.ClearsSite(w.Header().Set) }
