package nethttp

import (
	"maps"
	"net/http"
	"strings"
)

// fail turns the response into the answer that the hook gives for err. Its caller holds mu.
func (w *writer) fail(err error) {
	w.err = err
	w.closed.Store(true)
	h := w.inner.Header()
	w.lend(h) // a header that the handler never saw is as it would have found it
	maps.DeleteFunc(h, func(name string, value []string) bool { return ofHandlersAnswer(name, value) })
	if outer := w.encoding.Load(); outer != nil {
		h["Content-Encoding"] = []string{*outer} // an outer writer encodes what passes it, this answer too
	}
	a := &answer{inner: w.inner}
	w.hook.commitFailed(a, err)
	a.status(http.StatusInternalServerError)
}

// ofHandlersAnswer reports whether a field speaks of the answer that is not sent: its representation (RFC 9110, section
// 8), how to keep it (RFC 9111, section 5), where it leads and what it switches to.
//
// The other fields stay. Those of outer middleware (CORS, policies, request ids) cannot be told from the handler's. Nor
// does Set-Cookie go: it may be an outer one, the token of another kind that was committed, or the clearing of a cookie
// at a logout, and to drop any of these is worse than to send a cookie beside an error.
func ofHandlersAnswer(name string, value []string) bool {
	if strings.HasPrefix(name, http.TrailerPrefix) {
		return true
	}
	switch http.CanonicalHeaderKey(name) {
	case "Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Location", "Content-Range",
		"Content-Disposition", "Content-Md5", "Digest", "Content-Digest", "Repr-Digest", "Accept-Ranges", "Etag",
		"Last-Modified", "Transfer-Encoding", "Trailer":
		return true
	case "Cache-Control", "Cdn-Cache-Control", "Surrogate-Control", "Expires", "Pragma", "Age":
		return true
	case "Location", "Refresh", "Retry-After":
		return true
	case "Upgrade", "Sec-Websocket-Accept", "Sec-Websocket-Protocol", "Sec-Websocket-Extensions":
		return true
	case "Connection":
		return len(value) == 1 && strings.EqualFold(value[0], "Upgrade")
	}
	return false
}

// answer writes in place of the handler. It knows whether a status was sent, so that an answer which forgot it, or which
// is empty, is not a 200.
type answer struct {
	inner http.ResponseWriter
	begun bool
}

// Header returns the header map of the response.
func (a *answer) Header() http.Header { return a.inner.Header() }

// WriteHeader sends the status.
func (a *answer) WriteHeader(code int) {
	a.begun = a.begun || !informational(code)
	a.inner.WriteHeader(code)
}

// Write writes p, after a 500 if there was no status.
func (a *answer) Write(p []byte) (int, error) {
	a.status(http.StatusInternalServerError)
	return a.inner.Write(p)
}

func (a *answer) status(code int) {
	if !a.begun {
		a.WriteHeader(code)
	}
}
