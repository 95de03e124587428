package main

import (
	"errors"
	"net/http"
	"strings"

	satchelanswer "github.com/satchel-go/satchel/adapters/answer"
)

var (
	errNoPage    = errors.New("shop: no such page")
	errNoProduct = errors.New("shop: no such product")
	errBadJSON   = errors.New("shop: not the JSON that the API takes")
	errTooMuch   = errors.New("shop: a request that is too large")
	errForeign   = errors.New("shop: a request from another site")
)

// fail is the one place where an error becomes an answer, whether a handler returned it or sessions could not be
// committed after the handler was done (OnCommitError of each adapter). It asks no store, which may be what failed; the
// preferences came with the request.
func (s *shop) fail(r request, err error) answer {
	status := statusOf(err)
	if status >= http.StatusInternalServerError {
		s.log.ErrorContext(r, "a request failed", "path", r.path, "error", err)
	}
	a, err := s.failure(r, status)
	if err != nil {
		s.log.ErrorContext(r, "the error page failed", "error", err)
		a = answer{status: status, kind: "text/plain; charset=utf-8", body: []byte(http.StatusText(status))}
	}
	if status == http.StatusServiceUnavailable {
		a.retry = "5"
	}
	return a
}

func (s *shop) failure(r request, status int) (answer, error) {
	if strings.HasPrefix(r.path, "/api/") {
		return inJSON(status, map[string]string{"error": failures[status]})
	}
	chosen, _, _ := prefs.Get(r)
	return s.write(page{name: "error", title: http.StatusText(status), status: status, body: failures[status]}, visitor{Prefs: chosen})
}

func statusOf(err error) int {
	var tooLong *http.MaxBytesError
	switch {
	case errors.Is(err, errNoPage), errors.Is(err, errNoProduct):
		return http.StatusNotFound
	case errors.As(err, &tooLong), errors.Is(err, errTooMuch):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errBadJSON):
		return http.StatusBadRequest
	case errors.Is(err, errForeign):
		return http.StatusForbidden
	}
	return satchelanswer.StatusOf(err) // 503, 409, 413 or 500
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
