package satchelfiber

import (
	"context"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
	"github.com/satchel-go/satchel/core"
)

// answer completes the answer of a handler that returned err. It returns an error that is left to the app's ErrorHandler.
func (q *state) answer(c fiber.Ctx, err error) error {
	if err != nil && !q.door.PassErrors && q.failed == nil {
		handleError(c, err)
		err = nil
	}
	failure := q.commit(&c.Response().Header, err != nil)
	if failure == nil {
		return err
	}
	clearAnswer(c)
	c.Status(StatusOf(failure))
	err = q.door.OnCommitError(c, failure)
	if err != nil && !q.door.PassErrors {
		handleError(c, err)
		err = nil
	}
	_ = q.tell(&c.Response().Header, err != nil) // whose error was answered just now
	dropTargeted(&c.Response().Header)
	set(&c.Response().Header, fiber.HeaderCacheControl, answer.CacheControl(true, false))
	return err
}

// handleError does what fiber does with an error that no middleware takes.
func handleError(c fiber.Ctx, err error) {
	if c.App().ErrorHandler(c, err) != nil {
		_ = c.SendStatus(fiber.StatusInternalServerError) // its error is always nil
	}
}

// commit commits the exchange, once, and writes what the client is to be told, each time: what a handler has set since may
// stand in its place. An answer that is still to be made may yet read any session. A commit that failed stays failed.
func (q *state) commit(h *fasthttp.ResponseHeader, unfinished bool) error {
	ctx := q.around
	if ctx.Done() != nil {
		ctx = context.WithoutCancel(ctx) // its end says nothing of the client, who waits for this answer
	}
	outcomes, err := q.exchange.Commit(ctx)
	if q.outcomes == nil {
		q.outcomes = outcomes
	} else {
		q.outcomes = append(q.outcomes, outcomes...)
	}
	err = errors.Join(err, q.tell(h, unfinished))
	if q.failed == nil {
		q.failed = err
	}
	return q.failed
}

// tell writes what the client is to be told of all that was committed.
func (q *state) tell(h *fasthttp.ResponseHeader, unfinished bool) (err error) {
	sent := false
	for i := range q.outcomes {
		o := &q.outcomes[i]
		vary(h, o.Transport)
		if o.Action != core.SendNothing {
			sent = true
			err = errors.Join(err, q.send(h, o))
		}
	}
	if unfinished {
		for _, t := range q.door.transports {
			vary(h, t)
		}
	}
	if sent {
		dropTargeted(h)
	}
	if unfinished || len(q.outcomes) > 0 {
		if say := answer.CacheControl(sent, len(lines(h, fiber.HeaderCacheControl)) > 0); say != "" {
			set(h, fiber.HeaderCacheControl, say)
		}
	}
	return err
}

// send writes one outcome. The cookie's line takes the place of any other of its name (RFC 6265bis, section 4.1.1).
func (q *state) send(h *fasthttp.ResponseHeader, o *satchel.Outcome) error {
	if o.Transport.Cookie == nil {
		set(h, o.Transport.Header, string(o.Token)) // empty when cleared
		return nil
	}
	line, err := answer.SetCookie(o)
	if err != nil {
		return err
	}
	h.DelCookie(o.Transport.Cookie.Name())
	h.Add(fiber.HeaderSetCookie, line)
	return nil
}

// vary says what the answer depends on.
func vary(h *fasthttp.ResponseHeader, t satchel.Transport) {
	field := answer.Varies(t)
	if !answer.Lists(lines(h, fiber.HeaderVary), field) {
		h.Add(fiber.HeaderVary, field)
	}
}

// drop removes the fields that are to go.
func drop(h *fasthttp.ResponseHeader, goes func(name, value []byte) bool) {
	var gone []string
	for name, value := range h.All() {
		if goes(name, value) {
			gone = append(gone, string(name))
		}
	}
	for _, name := range gone {
		h.Del(name)
	}
}

func dropTargeted(h *fasthttp.ResponseHeader) {
	drop(h, func(name, _ []byte) bool { return answer.Targeted(string(name)) })
}

// lines returns those of a field. An app may leave names as its handlers write them (DisableHeaderNormalizing).
func lines(h *fasthttp.ResponseHeader, name string) (all []string) {
	for spelled, value := range h.All() {
		if isName(spelled, name) {
			all = append(all, string(value))
		}
	}
	return all
}

// set puts one line in the place of all that a field has.
func set(h *fasthttp.ResponseHeader, name, value string) {
	h.Del(name)
	if len(lines(h, name)) > 0 { // spelled otherwise
		drop(h, func(spelled, _ []byte) bool { return isName(spelled, name) })
	}
	h.Set(name, value)
}

// isName compares names of fields, which are ASCII: in Unicode the Kelvin sign is a k as well.
func isName(spelled []byte, name string) bool {
	return len(spelled) == len(name) && strings.EqualFold(string(spelled), name)
}
