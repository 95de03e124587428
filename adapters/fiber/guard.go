package satchelfiber

import (
	"context"

	"github.com/gofiber/fiber/v3"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
)

// Guard lets through only requests whose session speaks for somebody, and hands that principal to what comes after it:
//
//	guard := satchelfiber.Guard[Account, User]{Kind: accounts, Validate: user, Challenge: satchelfiber.RedirectTo("/signin")}
//	app.Get("/orders", guard.Middleware(), orders) // where satchel.Principal[User](c) gives the user
//
// It stands behind the middleware in which the kind works. What a handler then gets of the kind was read already, and costs
// nothing.
type Guard[T, P any] struct {
	Kind satchel.Kind[T]
	// Validate says who a session's value speaks for: false is nobody, and an error that it could not find out. It is
	// called once for each request that has a session. [satchel.SignedIn] and [satchel.Anybody] make one. The principal may
	// outlive the request, so it holds no string of fiber's.
	Validate func(ctx context.Context, v T) (P, bool, error)
	// Challenge answers who is not let through; what it returns goes the way of a handler's error. The default is
	// Unauthorized.
	Challenge Challenge
	// OnError answers while nobody knows who is to be let through, as Config.OnCommitError does, with the same default: 503
	// for an outage. An outage is not a logout, so it is never the Challenge that answers.
	OnError func(c fiber.Ctx, err error) error
}

// Challenge answers a request that a guard does not let through. It is told whether no token came, or one that was
// refused, or whether the session was rejected: for a kinder word, a log or a count.
type Challenge func(c fiber.Ctx, why satchel.Authentication) error

// Require returns a guard that lets through whoever has a session of a kind. The principal is its value.
func Require[T any](k satchel.Kind[T]) Guard[T, T] {
	return Guard[T, T]{Kind: k, Validate: satchel.Anybody[T]}
}

// SignedIn returns a guard that lets through whoever has a session of a kind to which somebody has signed in. The principal
// is what is known of that, with the subject.
func SignedIn[T any](k satchel.Kind[T]) Guard[T, satchel.About] {
	return Guard[T, satchel.About]{Kind: k, Validate: satchel.SignedIn(k)}
}

// Unauthorized is the challenge 401, with the field that it has to have (RFC 9110, sections 11.6.1 and 15.5.2), answered by
// the app's ErrorHandler. Its scheme is Session, which no browser knows, so none asks for a password.
func Unauthorized(c fiber.Ctx, _ satchel.Authentication) error {
	c.Set(fiber.HeaderWWWAuthenticate, answer.Challenge)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff") // as http.Error does
	return fiber.ErrUnauthorized
}

// RedirectTo is a challenge that leads to a page for signing in, with a GET whatever the request was (303 See Other). The
// address is sent as it is, so one that is relative is relative to the page that was asked for.
func RedirectTo(address string) Challenge {
	location, note := answer.SeeOther(address)
	return func(c fiber.Ctx, _ satchel.Authentication) error {
		if err := c.Redirect().Status(fiber.StatusSeeOther).To(location); err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
		return c.SendString(note)
	}
}

// Middleware returns a handler for app.Use, group.Use or a route. It panics without a Validate.
func (g Guard[T, P]) Middleware() fiber.Handler {
	if g.Validate == nil {
		panic("satchel: a guard without Validate")
	}
	if g.Challenge == nil {
		g.Challenge = Unauthorized
	}
	if g.OnError == nil {
		g.OnError = failWith
	}
	return func(c fiber.Ctx) error {
		switch principal, what, err := satchel.Authenticate(c.Context(), g.Kind, g.Validate); {
		case err != nil:
			return g.OnError(c, err)
		case what != satchel.Authenticated:
			return g.Challenge(c, what)
		default:
			c.RequestCtx().SetUserValue(satchel.PrincipalKey[P]{}, principal)
			c.SetContext(satchel.WithPrincipal(c.Context(), principal))
			return c.Next()
		}
	}
}
