package satchelfiber

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// StatusOf returns the status that answers a failed commit: 503 for an outage, 409 for a change that met another one, 413
// for a session that is too large, else 500.
func StatusOf(err error) int {
	var size *core.TooLargeError
	switch {
	case errors.Is(err, satchel.ErrUnavailable):
		return fiber.StatusServiceUnavailable
	case errors.Is(err, satchel.ErrConflict), errors.Is(err, satchel.ErrEnded), errors.Is(err, satchel.ErrAmbiguous):
		return fiber.StatusConflict
	case errors.As(err, &size):
		return fiber.StatusRequestEntityTooLarge
	}
	return fiber.StatusInternalServerError
}

// commitError is a failed commit as an ErrorHandler gets it. Its text may go to the client, as fiber's default sends it.
type commitError struct {
	answer *fiber.Error
	cause  error
}

func (e *commitError) Error() string { return e.answer.Message }

// Unwrap gives the *fiber.Error first: it says how to answer.
func (e *commitError) Unwrap() []error { return []error{e.answer, e.cause} }

func failWith(_ fiber.Ctx, err error) error {
	return &commitError{fiber.NewError(StatusOf(err)), err}
}

// clearAnswer takes the handler's answer back.
//
// The fields that speak of it go. The other fields stay: those of outer middleware (CORS, policies, request ids) cannot be
// told from the handler's. Nor does Set-Cookie go: it may be an outer one, the token of another kind that was committed, or
// the clearing of a cookie at a logout, and to drop any of these is worse than to send a cookie beside an error.
func clearAnswer(c fiber.Ctx) {
	if locals := c.RequestCtx(); locals.Hijacked() {
		locals.Hijack(nil)
	}
	response := c.Response()
	response.ResetBody()
	response.SkipBody = false
	h := &response.Header
	var gone []string
	for name, value := range h.All() {
		if ofHandlersAnswer(string(name), string(value)) {
			gone = append(gone, string(name))
		}
	}
	for _, name := range gone {
		h.Del(name)
	}
}

// ofHandlersAnswer reports whether a field speaks of the answer that is not sent: its representation (RFC 9110, section
// 8), how to keep it (RFC 9111, section 5), where it leads and what it switches to.
func ofHandlersAnswer(name, value string) bool {
	switch strings.ToLower(name) {
	case "content-type", "content-length", "content-encoding", "content-language", "content-location", "content-range",
		"content-disposition", "content-md5", "digest", "content-digest", "repr-digest", "accept-ranges", "etag",
		"last-modified", "transfer-encoding", "trailer":
		return true
	case "cache-control", "cdn-cache-control", "surrogate-control", "expires", "pragma", "age":
		return true
	case "location", "refresh", "retry-after":
		return true
	case "upgrade", "sec-websocket-accept", "sec-websocket-protocol", "sec-websocket-extensions":
		return true
	case "connection":
		return strings.EqualFold(value, "Upgrade")
	}
	return false
}
