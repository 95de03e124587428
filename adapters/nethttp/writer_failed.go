package nethttp

import (
	"maps"
	"net/http"
	"strings"

	"github.com/satchel-go/satchel/adapters/answer"
)

// fail turns the response into the answer that the hook gives for err. Its caller holds mu.
func (w *writer) fail(err error) {
	w.err = err
	w.closed.Store(true)
	h := w.inner.Header()
	w.lend(h) // a header that the handler never saw is as it would have found it
	maps.DeleteFunc(h, ofHandler)
	if outer := w.encoding.Load(); outer != nil {
		h["Content-Encoding"] = []string{*outer} // an outer writer encodes what passes it, this answer too
	}
	a := &answering{inner: w.inner, hook: w.hook}
	defer func() { w.answered = a.begun }() // also where the hook panics
	w.hook.commitFailed(a, err)
	a.status(http.StatusInternalServerError)
}

// ofHandler is answer.OfHandler for net/http's headers, which spell trailers as fields as well.
func ofHandler(name string, value []string) bool {
	return strings.HasPrefix(name, http.TrailerPrefix) || answer.OfHandler(name, strings.Join(value, ","))
}

// answering writes in place of the handler. It knows whether a status was sent, so that an answer which forgot it, or which
// is empty, is not a 200. The tokens of what was committed go along, whatever that answer sets in their place, and nobody may keep
// it, because of them.
type answering struct {
	inner http.ResponseWriter
	hook  committer // or nil, of a middleware that joins another one's exchange, which will tell
	begun bool
}

// Header returns the header map of the response.
func (a *answering) Header() http.Header { return a.inner.Header() }

// WriteHeader sends the status.
func (a *answering) WriteHeader(code int) {
	if !a.begun && !informational(code) {
		a.begun = true
		h := a.inner.Header()
		if a.hook != nil {
			_ = a.hook.tell(h) // an error is one of those that are being answered
		}
		dropTargeted(h)
		h.Set("Cache-Control", "no-store")
	}
	a.inner.WriteHeader(code)
}

// Write writes p, after a 500 if there was no status.
func (a *answering) Write(p []byte) (int, error) {
	a.status(http.StatusInternalServerError)
	return a.inner.Write(p)
}

func (a *answering) status(code int) {
	if !a.begun {
		a.WriteHeader(code)
	}
}
