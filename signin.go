package satchel

import (
	"context"
	"fmt"
	"time"

	"github.com/satchel-go/satchel/core"
)

// SignIn is what an application knows when somebody signs in.
type SignIn struct {
	Subject string // whose the session becomes, 1 to 255 bytes
	Level   uint8  // how sure that is, as the application ranks it: 1 to 3 for NIST's AAL1 to AAL3; 0 says nothing
	Methods string // how it was found out, such as the names of RFC 8176, at most 255 bytes
	Hint    string // what a list of the subject's sessions shows of this one, at most 255 bytes

	// Idle and Absolute are lifetimes of this session alone, as of a visitor who wants to be remembered; 0 is the kind's. They may
	// be shorter than the kind's, or longer: Idle up to Options.LongestIdle, and Absolute up to Options.Longest. To remember somebody for a
	// month set both, for a session ends by whichever comes first: with Absolute alone it is over after the kind's Idle unused.
	Idle, Absolute time.Duration
}

// SignIn makes the session subject's (1 to 255 bytes), with v as its whole value, and rotates it. Once the exchange is committed
// a server-side session's token from before opens nothing, so that nobody who planted or saw it is signed in as well; a
// client-side one opens the earlier value until its life is over. SignIn begins a session where there is none, and the
// absolute lifetime anew. For the rest of the exchange Get, About and SignedIn see v and subject; if the commit then fails, the
// answer is that of a failed commit. The commit is under Set's condition. Of a kind with [Options].Foreign it is an error: such a session has no
// place for a subject.
func (k Kind[T]) SignIn(ctx context.Context, subject string, v T) error {
	return k.SignInWith(ctx, SignIn{Subject: subject}, v)
}

// SignInWith is SignIn for who has more to say than a name. Nothing of an earlier sign-in stays: neither its level nor the
// session's own lifetimes.
func (k Kind[T]) SignInWith(ctx context.Context, in SignIn, v T) error {
	if in.Subject == "" {
		return errNoSubject
	}
	idle, absolute, err := ownLifetimes(in.Idle, in.Absolute)
	if err != nil {
		return err
	}
	s, c, err := k.slot(ctx)
	if err != nil {
		return err
	}
	r, err := read(ctx, s, c)
	if err == nil && !r.whole && !r.ok {
		err = ErrNewerSchema
	}
	if err != nil {
		return err
	}
	payload, err := encode(c, v)
	if err != nil {
		return err
	}
	wanted := core.SignIn{Subject: in.Subject, Payload: payload, Level: in.Level, Methods: in.Methods, Hint: in.Hint}
	session, err := s.look(ctx)
	if err == nil {
		wanted.Epoch, err = s.epoch(ctx, &session, in.Subject)
	}
	if err != nil {
		return err
	}
	return s.want(ctx, func(t *core.Transcript, session *core.Session) {
		t.SignedIn(session, wanted)
		if idle != 0 || absolute != 0 {
			t.Lasting(session, idle, absolute)
		}
	})
}

// Last gives the session lifetimes of its own with the exchange's commit, from when it began or its subject signed in; 0 is the
// kind's. A session that is there is rotated, because its client's copy names the earlier end. A subject's session can be
// shortened so; who lengthens it signs in (SignInWith). Without a session, and with nothing set, it does nothing.
func (k Kind[T]) Last(ctx context.Context, idle, absolute time.Duration) error {
	idleMS, absoluteMS, err := ownLifetimes(idle, absolute)
	if err != nil {
		return err
	}
	s, _, err := k.slot(ctx)
	if err != nil {
		return err
	}
	return s.want(ctx, func(t *core.Transcript, session *core.Session) { t.Lasting(session, idleMS, absoluteMS) })
}

// ownLifetimes gives a session's own lifetimes in core's unit, in which 0 is the kind's.
func ownLifetimes(idle, absolute time.Duration) (idleMS, absoluteMS int64, err error) {
	if idleMS, err = longestOf(idle); err != nil {
		return 0, 0, fmt.Errorf("satchel: idle: %w", err)
	}
	if absoluteMS, err = longestOf(absolute); err != nil {
		return 0, 0, fmt.Errorf("satchel: absolute: %w", err)
	}
	return idleMS, absoluteMS, nil
}

// LowerLevel makes the session's level of assurance no higher than the given one, with the exchange's commit. It is raised by
// signing in and by nothing else (NIST SP 800-63B-4, section 5.1).
func (k Kind[T]) LowerLevel(ctx context.Context, level uint8) error {
	s, _, err := k.slot(ctx)
	if err != nil {
		return err
	}
	return s.want(ctx, func(t *core.Transcript, session *core.Session) { t.Lowered(session, level) })
}

// RequireFresh returns ErrNotFresh unless the session's subject signed in no longer than d ago: for what asks for another
// proof of who is there, such as a change of the password (ASVS 7.5.1). A sign-in counts from its commit: in the exchange
// that signs in it is ErrNotFresh before that, whether there was a session or not.
func (k Kind[T]) RequireFresh(ctx context.Context, d time.Duration) error {
	s, _, err := k.slot(ctx)
	if err != nil {
		return err
	}
	session, err := s.look(ctx)
	if err != nil {
		return err
	}
	at := session.Authenticated()
	if session.Subject() == "" || at == 0 || s.exchange.sessions.now()-at > d.Milliseconds() {
		return ErrNotFresh
	}
	return nil
}

// About says whose session it is and since when, or gives the zero value where there is none. Like Get it tells what this exchange
// has made of it: who signs in is its Subject at once, also where the session is only to begin with the commit. There is
// nothing but the Subject to tell of such a one: it has no handle and no times yet. Level, Methods and Authenticated are of a
// sign-in that was committed.
func (k Kind[T]) About(ctx context.Context) (About, error) {
	s, _, err := k.slot(ctx)
	if err != nil {
		return About{}, err
	}
	session, err := s.look(ctx)
	_, ok := session.Payload()
	switch {
	case err != nil || !ok || session.Standing() == core.Lost && !session.Clears():
		return About{}, err
	case session.Standing() != core.Live || session.Clears(): // it is to begin: all else that is known is of the one that came
		return About{Subject: session.Subject()}, nil
	}
	used, unused := session.Until()
	return About{
		Handle: session.Handle(), Subject: session.Subject(), Level: session.Level(), Methods: session.Methods(),
		Created: instant(session.Created()), Authenticated: instant(session.Authenticated()),
		Expires: expiry(used), IdleUntil: expiry(unused),
	}, nil
}

// About is what is known of a session beside its value. Of one that begins with the exchange's commit that is its Subject alone.
type About struct {
	Handle        core.Handle // its public name; useless as a token, so a page may show it
	Subject       string      // who signed in, or ""
	Level         uint8       // how sure the sign-in was
	Methods       string      // how it was done
	Created       time.Time
	Authenticated time.Time // when Subject signed in, or zero
	Expires       time.Time // when it is over however much it is used, or zero if never
	IdleUntil     time.Time // when it is over if it is not used again, or zero if never; a foreign one says nothing of either
}

func instant(t int64) time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMilli(t)
}
