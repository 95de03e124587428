package satchelgrpc

import (
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// CodeOf returns the code that answers an error of a session: Unavailable for an outage, which is worth another try; Aborted for a change
// that met another one, after which the client reads again; FailedPrecondition for one that needed a token to be sent when the header had
// gone; ResourceExhausted for a session that is too large; else Internal.
func CodeOf(err error) codes.Code {
	var size *core.TooLargeError
	switch {
	case errors.Is(err, satchel.ErrUnavailable):
		return codes.Unavailable
	case errors.Is(err, satchel.ErrTooLate):
		return codes.FailedPrecondition
	case errors.Is(err, satchel.ErrConflict), errors.Is(err, satchel.ErrEnded), errors.Is(err, satchel.ErrAmbiguous):
		return codes.Aborted
	case errors.As(err, &size):
		return codes.ResourceExhausted
	}
	return codes.Internal
}

var texts = map[codes.Code]string{
	codes.Unavailable:        "sessions are unavailable",
	codes.Aborted:            "the session was changed elsewhere",
	codes.FailedPrecondition: "the session cannot change so late in a call",
	codes.ResourceExhausted:  "the session is too large",
	codes.Internal:           "the session could not be kept",
	codes.Unauthenticated:    "a session is needed",
}

// Status returns an error of a session as one that gRPC answers with CodeOf's code, and a text that tells clients nothing of its cause.
// The cause is found in it by errors.Is.
func Status(err error) error {
	if err == nil {
		return nil
	}
	return &statusError{CodeOf(err), err}
}

type statusError struct {
	code  codes.Code
	cause error
}

// Error returns the text for the client.
func (e *statusError) Error() string { return texts[e.code] }

// Unwrap returns the cause.
func (e *statusError) Unwrap() error { return e.cause }

// GRPCStatus returns what the client is told.
func (e *statusError) GRPCStatus() *status.Status { return status.New(e.code, texts[e.code]) }

// told returns a handler's error as the client is told it: one of a session by its code, and every other as it is.
func told(err error) error {
	if err == nil {
		return nil
	}
	if _, said := status.FromError(err); said {
		return err
	}
	if CodeOf(err) == codes.Internal {
		return err
	}
	return Status(err)
}
