package main

import (
	"errors"
	"net/http"
	"strings"

	"github.com/satchel-go/satchel/adapters/answer"
)

// handler is an HTTP handler that may fail. What it returns goes to fail; until then it has written nothing.
type handler func(w http.ResponseWriter, r *http.Request) error

func (s *shop) handle(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

var (
	errNoPage    = errors.New("shop: no such page")
	errNoProduct = errors.New("shop: no such product")
	errBadJSON   = errors.New("shop: not the JSON that the API takes")
	errForeign   = errors.New("shop: a request from another site")
)

// fail is the one place where an error becomes an answer, whether a handler returned it or sessions could not be
// committed after the handler was done (nethttp.Config.OnCommitError). It asks no store, which may be what failed; the
// preferences came with the request.
func (s *shop) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := statusOf(err)
	if status >= http.StatusInternalServerError {
		s.log.ErrorContext(r.Context(), "a request failed", "path", r.URL.Path, "error", err)
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		s.writeJSON(w, status, map[string]string{"error": failures[status]})
		return
	}
	p := page{name: "error", title: http.StatusText(status), status: status, body: failures[status]}
	chosen, _, _ := prefs.Get(r.Context())
	if err := s.write(w, p, visitor{Prefs: chosen}); err != nil {
		s.log.ErrorContext(r.Context(), "the error page failed", "error", err)
		http.Error(w, http.StatusText(status), status)
	}
}

func statusOf(err error) int {
	var tooLong *http.MaxBytesError
	switch {
	case errors.Is(err, errNoPage), errors.Is(err, errNoProduct):
		return http.StatusNotFound
	case errors.As(err, &tooLong):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errBadJSON):
		return http.StatusBadRequest
	case errors.Is(err, errForeign):
		return http.StatusForbidden
	}
	return answer.StatusOf(err) // 503, 409, 413 or 500
}

// failures are the words for each status.
var failures = map[int]string{
	http.StatusBadRequest:            "The shop did not understand that.",
	http.StatusForbidden:             "That came from another site, so the shop did nothing.",
	http.StatusNotFound:              "The shop has no such thing.",
	http.StatusConflict:              "Your session changed in another tab at that very moment. Nothing was done; please try again.",
	http.StatusRequestEntityTooLarge: "That was more than the shop can hold.",
	http.StatusInternalServerError:   "The shop made a mistake. It has been noted.",
	http.StatusServiceUnavailable:    "The shop cannot reach its sessions for the moment. You are still signed in; please try again soon.",
}
