package satchel

import "errors"

// The errors that an application acts on, found with errors.Is. A session that is larger than its kind allows is a
// [*core.TooLargeError].
var (
	// ErrUnavailable: the store could not be asked, or did not confirm a write. No session was granted, none was ended for
	// the client, and the same call may succeed later. An outage is sticky for its exchange.
	ErrUnavailable = errors.New("satchel: sessions are unavailable")
	// ErrConflict: another exchange changed the session since this one read it. Nothing was written. Update replays instead.
	ErrConflict = errors.New("satchel: the session was changed elsewhere")
	// ErrEnded: the session ended, or was rotated away, while this exchange used it or just before. What was to be saved does
	// not come back.
	ErrEnded = errors.New("satchel: the session has ended")
	// ErrAmbiguous: two tokens of one name both give a session, so neither is changed.
	ErrAmbiguous = errors.New("satchel: two tokens of one name")
	// ErrTooLate: the change needs a token to be sent and the exchange's answer has begun, or it is a rotation and the
	// context of the commit is over, so that the client may never hear of its new token. Nothing was done, but for a late
	// Clear: the session has ended on the server, and only the client's copy remains.
	ErrTooLate = errors.New("satchel: too late to send a token")
	// ErrUndecodable: the stored session cannot be read by this program, and its kind says that this is an error.
	ErrUndecodable = errors.New("satchel: the session cannot be decoded")
	// ErrNewerSchema: the stored session has fields that this program's type does not know, or values that it cannot hold;
	// writing would lose them.
	ErrNewerSchema = errors.New("satchel: the session is of a newer schema")

	// ErrNotFresh: the session's subject signed in longer ago than RequireFresh allows, or nobody did.
	ErrNotFresh = errors.New("satchel: the last sign-in is too long ago")
	// ErrTooMany: the subject has as many sessions as its kind allows, and the kind refuses the newest. Nobody was signed in.
	ErrTooMany = errors.New("satchel: the subject has too many sessions")
	// ErrUnrevocable: nothing is kept by which sessions of the kind could be ended before their time, or be seen to end.
	ErrUnrevocable = errors.New("satchel: the kind has no revocations")
	// ErrUntracked: the kind keeps no subject records, so its sessions cannot be listed or ended by subject.
	ErrUntracked = errors.New("satchel: the kind keeps no subject records")

	// ErrNoExchange: the context belongs to no exchange; most often the middleware is missing.
	ErrNoExchange = errors.New("satchel: no exchange in this context")
	// ErrUnplaced: the kind was not handed to New, or another kind of its name was.
	ErrUnplaced = errors.New("satchel: the kind is not placed")
	// ErrTenant: a middleware stands within another of the same sessions and names another tenant. Nothing was served.
	ErrTenant = errors.New("satchel: a middleware within another of the same sessions names another tenant")
	// ErrClosed: the exchange is over.
	ErrClosed = errors.New("satchel: the exchange is over")

	errNoSubject = errors.New("satchel: signing in without a subject")
)
