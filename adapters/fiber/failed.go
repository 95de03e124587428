package satchelfiber

import (
	"cmp"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel/adapters/answer"
)

// StatusOf returns the status that answers a failed commit, which [answer.StatusOf] lists, for handlers and for OnCommitError.
func StatusOf(err error) int { return answer.StatusOf(err) }

// commitError is a failed commit as an ErrorHandler gets it. Its text may go to the client, as fiber's default sends it.
type commitError struct {
	answer *fiber.Error
	cause  error
}

func (e *commitError) Error() string { return e.answer.Message }

// Unwrap gives the *fiber.Error first: it says how to answer.
func (e *commitError) Unwrap() []error { return []error{e.answer, e.cause} }

func failWith(_ fiber.Ctx, err error) error {
	failed := fiber.NewError(StatusOf(err))
	failed.Message = cmp.Or(answer.Reason(err), failed.Message)
	return &commitError{failed, err}
}

// clearAnswer takes the handler's answer back.
func clearAnswer(c fiber.Ctx) {
	if locals := c.RequestCtx(); locals.Hijacked() {
		locals.Hijack(nil)
	}
	response := c.Response()
	response.ResetBody()
	response.SkipBody = false
	drop(&response.Header, func(name, value []byte) bool { return answer.OfHandler(string(name), string(value)) })
}
