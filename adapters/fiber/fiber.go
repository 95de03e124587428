package satchelfiber

import (
	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
)

// Config describes a middleware. The zero value is usable, and Middleware and Wrap use it.
//
// A middleware within another of the same sessions joins its exchange: the outer one reads, commits and tells the client, with its own
// Config, and its PassErrors says where errors go. Of the inner one's Tenant alone counts, if it has one: where it names another tenant
// than the outer one's exchange has, nothing within is served, and its OnCommitError answers satchel.ErrTenant. For a commit it is not called.
type Config struct {
	// OnCommitError answers a request whose sessions could not be committed, in place of its handler. What it returns goes
	// the way of a handler's error. The default returns an error that is, by errors.As, a *fiber.Error with StatusOf(err)
	// and [answer.Reason], or else the text of that status, and by errors.Is what err is. The status is set already, and the answer will be no-store.
	OnCommitError func(c fiber.Ctx, err error) error
	// Tenant names the tenant that a request belongs to; a token made for another is refused. It is asked once for each
	// request. The default is "", and within another middleware of the same sessions the tenant of that.
	Tenant func(c fiber.Ctx) string
	// PassErrors returns a handler's error to the middleware outside, and so to the app's ErrorHandler, after the commit.
	// An ErrorHandler can then read sessions, but a change that needs a token to be sent is satchel.ErrTooLate; and every
	// answer to an error varies by all kinds and is private, because it may show any of them.
	PassErrors bool
}

// Middleware returns a handler for app.Use, group.Use or a route: the kinds of s work in what comes after it.
func Middleware(s *satchel.Sessions) fiber.Handler { return Config{}.Middleware(s) }

// Wrap returns a handler in which the kinds of s work, and which does not call c.Next by itself.
func Wrap(h fiber.Handler, s *satchel.Sessions) fiber.Handler { return Config{}.Wrap(h, s) }

// Middleware returns a handler for app.Use, group.Use or a route: the kinds of s work in what comes after it.
func (c Config) Middleware(s *satchel.Sessions) fiber.Handler { return c.Wrap(fiber.Ctx.Next, s) }

// Wrap returns a handler in which the kinds of s work, and which does not call c.Next by itself.
func (c Config) Wrap(h fiber.Handler, s *satchel.Sessions) fiber.Handler {
	if c.OnCommitError == nil {
		c.OnCommitError = failWith
	}
	d := newDoor(c, s)
	return func(ctx fiber.Ctx) error { return d.serve(ctx, h) }
}

// Commit commits the sessions of a request now and writes what the client is to be told into c's header, for a handler
// that sends its answer by itself, as c.End does. Where it does not, what it sets afterwards (another cookie of the name,
// Cache-Control, Vary) does not stand in the place of that; after a panic it does not either, but what an ErrorHandler behind a
// recover middleware sets comes later and does, as with PassErrors. After an error nothing of the handler's answer is to be sent: the handler
// returns the error, and whatever it does, the client gets the answer to it. Without a middleware Commit does nothing.
func Commit(c fiber.Ctx) error {
	q, _ := c.Value(stateKey{}).(*state)
	for ; q != nil; q = q.outer {
		if err := q.commit(&c.Response().Header, false); err != nil {
			return failWith(c, err)
		}
	}
	return nil
}

// stateKey is the key of the innermost state among a request's locals.
type stateKey struct{}

// serve handles one request.
func (d *door) serve(c fiber.Ctx, handle fiber.Handler) error {
	if d.sessions.In(c.Context()) { // wrapped twice, as by an app and by a group: two exchanges would not know of each other
		return d.join(c, handle)
	}
	q := d.enter(c)
	returned := false
	defer func() {
		if !returned { // a panic goes on, and commits nothing
			q.exchange.Close()
			_ = q.tell(&c.Response().Header, false) // what was committed by hand
			q.leave(c)
		}
	}()
	err := handle(c)
	if timedOut(c) {
		q.abandon()
	} else {
		err = q.answer(c, err)
		q.end(c, err)
	}
	returned = true
	return err
}

// join handles a request within an exchange of the same sessions, if that is of the tenant that d names.
func (d *door) join(c fiber.Ctx, handle fiber.Handler) error {
	if d.Tenant == nil {
		return handle(c)
	}
	failure := d.sessions.OfTenant(c.Context(), d.Tenant(c))
	if failure == nil {
		return handle(c)
	}
	c.Status(StatusOf(failure))
	err := d.OnCommitError(c, failure)
	set(&c.Response().Header, fiber.HeaderCacheControl, answer.CacheControl(true, false))
	return err
}

// timedOut reports whether fiber's timeout middleware, inside of this one or outside, has told the client that the request
// failed. If it is inside, c belongs to its handler, which may still be running.
func timedOut(c fiber.Ctx) bool {
	return c.IsAbandoned() && c.RequestCtx().LastTimeoutErrorResponse() != nil
}
