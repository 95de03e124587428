package satchelfiber

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/core"
)

// ErrInsecure: a cookie for plain http on loopback was to be sent to another host.
var ErrInsecure = errors.New("satchelfiber: the cookie is for loopback only")

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
	c.Response().Header.Set(fiber.HeaderCacheControl, noStore)
	return err
}

// handleError does what fiber does with an error that no middleware takes.
func handleError(c fiber.Ctx, err error) {
	if c.App().ErrorHandler(c, err) != nil {
		_ = c.SendStatus(fiber.StatusInternalServerError) // its error is always nil
	}
}

const (
	noStore = "no-store"
	private = "private"
)

// commit commits the exchange, once, and writes what the client is to be told. An answer that is still to be made may yet
// read any session. A commit that failed stays failed.
func (q *state) commit(h *fasthttp.ResponseHeader, unfinished bool) error {
	ctx := q.around
	if ctx.Done() != nil {
		ctx = context.WithoutCancel(ctx) // its end says nothing of the client, who waits for this answer
	}
	outcomes, err := q.exchange.Commit(ctx)
	sent := false
	for i := range outcomes {
		o := &outcomes[i]
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
	switch {
	case sent:
		h.Set(fiber.HeaderCacheControl, noStore)
	case (unfinished || len(outcomes) > 0) && len(h.Peek(fiber.HeaderCacheControl)) == 0:
		h.Set(fiber.HeaderCacheControl, private)
	}
	if q.failed == nil {
		q.failed = err
	}
	return q.failed
}

// send writes one outcome. The cookie's line takes the place of any other of its name (RFC 6265bis, section 4.1.1).
func (q *state) send(h *fasthttp.ResponseHeader, o *satchel.Outcome) error {
	if o.Transport.Cookie == nil {
		h.Set(o.Transport.Header, string(o.Token)) // empty when cleared
		return nil
	}
	c := o.Transport.Cookie
	if !q.trusts(c) {
		return fmt.Errorf("%w: kind %q", ErrInsecure, o.Transport.Kind)
	}
	line := c.Clear()
	if o.Action == core.SendToken {
		var err error
		if line, err = c.Set(string(o.Token), cookie.MaxAge(o.Until, o.Now)); err != nil {
			return err
		}
	}
	h.DelCookie(c.Name())
	h.Add(fiber.HeaderSetCookie, line)
	return nil
}

// vary says that the answer depends on what the transport's tokens travel in (RFC 9110, section 12.5.5).
func vary(h *fasthttp.ResponseHeader, t satchel.Transport) {
	name := t.Header
	if t.Cookie != nil {
		name = fiber.HeaderCookie
	}
	if !listed(h.PeekAll(fiber.HeaderVary), name) {
		h.Add(fiber.HeaderVary, name)
	}
}

// listed reports whether a field that is a comma-separated list (RFC 9110, section 5.6.1) names an element, in any case, or
// is "*".
func listed(lines [][]byte, element string) bool {
	for _, line := range lines {
		for part := range bytes.SplitSeq(line, []byte{','}) {
			part = bytes.Trim(part, " \t")
			if string(part) == "*" || len(part) == len(element) && bytes.EqualFold(part, []byte(element)) {
				return true
			}
		}
	}
	return false
}
