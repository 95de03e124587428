package satchel

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

// Placement says where the sessions of one kind live, by what their tokens travel, and how long they last. It is a value
// that a kind's ServerSide or ClientSide gives, for New.
type Placement struct {
	kind        anyKind
	place       core.Place
	store       store.Store
	keys        Keys
	revocations Revocations
	options     Options
	refined     int // how often With was called
}

// With returns the placement with options in place of the defaults. New refuses a placement that was refined twice,
// because the second options replace the first as a whole.
func (p Placement) With(o Options) Placement {
	p.options = o
	p.refined++
	return p
}

// Options refine a placement. The zero value is the safe default, and every weaker choice has a name of its own.
type Options struct {
	// Cookie says how the kind's cookie looks. The zero value is what Config.Cookie says, and where that says nothing it is
	// __Host-<kind>, Secure, HttpOnly, SameSite=Lax, Path=/.
	Cookie cookie.Config
	// Header makes tokens travel by this header field instead, in and out, as they are.
	Header string

	// Idle is how long a session may stay unused: 0 is 30 minutes of a server-side one and Unlimited of a client-side one. The use of
	// a client-side session travels in a second, small cookie or field, its stamp, unless it is Anchored.
	Idle time.Duration
	// Absolute is how long a session may live since it began or its subject signed in, 0 for 24 hours. Who lengthens it, or Longest,
	// of a kind whose sessions are ended by a log reads at LogOptions what else is to be done; and sessions that signed in before are
	// listed, and ended with their subject's others, for as long as they were to live then, and a day.
	Absolute time.Duration
	// Touch is the least time between two notes of a session's use, 0 for a tenth of Idle. A session may end by so much
	// earlier than Idle says.
	Touch time.Duration
	// Skew is how far ahead the clock of another node may be, 0 for one minute.
	Skew time.Duration
	// Longest is the longest Absolute, and LongestIdle the longest Idle, that SignInWith and Last may give one session; 0 is no longer
	// than the kind's. To remember somebody set both, here and there: a session ends by whichever comes first. Keys that protect tokens
	// must be kept for Longest.
	Longest, LongestIdle time.Duration
	// Profile refuses lifetimes, those of single sessions included, that are looser than a level of NIST SP 800-63B-4.
	Profile Profile

	// Renew is how old a server-side session's token may become: then the next answer carries another one, also to a request
	// that only reads. 0 is for ever. Each renewal leaves a record of some hundred bytes until the session's absolute end.
	Renew time.Duration
	// Grace is for how long a renewed token is still good after its successor has come in, for requests that were under way; 0 is
	// one minute, at most ten, and less than Renew. Until the successor comes in the old one is good as well, because its answer may
	// have been lost.
	Grace time.Duration
	// EndReused ends a session when a renewed token is used after its grace. Somebody else may hold a copy, and so may a browser
	// that was restored from a backup. Without it such a token is refused, and the observer is told in both cases.
	EndReused bool

	// Audience is the service or deployment that tokens are for. A token made for another is forged.
	Audience string
	// Chain is applied before a client-side session is protected, or to the ID of a server-side one.
	Chain core.Chain
	// Readable signs a client-side session in place of sealing it: nobody can change it, and whoever holds it can read it.
	Readable bool
	// SignIDs signs the IDs of server-side sessions, so that a forged one costs no store call.
	SignIDs Keys

	// Revocations makes it possible to end everyone's sessions of a server-side kind, by [Revocable]. Its store need not be the kind's.
	// That costs a call of it in half of its Lag, and 12 bytes of a record. A client-side kind has them from its placement.
	Revocations Revocations

	// Foreign is for the compat rooms: tokens and records are another program's, without envelope, times or binding
	// (core.Bare), and of no tenant: whoever has a session's ID has the session, for every tenant. Such a kind has no keys but its
	// Chain's, and no lifetimes: Absolute, 0 for Unlimited, is for transforms of the Chain that note times themselves. A header that
	// carries its tokens is not sent when a session ends. There is no place for a subject, so SignIn is an error.
	Foreign bool
	// ChosenIDs takes the IDs of a Foreign kind's new sessions from WithNewID where it gives one. Whoever guesses such an
	// ID has the session, and a session whose ID is always the same cannot be rotated.
	ChosenIDs bool

	// MaxSessions is how many sessions of this kind a subject may have at once, 0 for 1,000. One more ends the oldest, or is
	// refused with ErrTooMany if RefuseNewest is set. It holds under parallel sign-ins. No store knows that a Revocable client-side session
	// has idled away: such a one counts until it is logged out or its absolute life is over. One whose record is damaged beyond its
	// revision does not count.
	MaxSessions  int
	RefuseNewest bool
	// Untracked keeps no subject records: signing in then costs two calls of the store less, and the sessions of a subject cannot
	// be listed, counted or ended together.
	Untracked bool

	// MaxPayload limits the encoded value, in bytes; 0 is 1 MiB.
	MaxPayload int
	// MaxToken limits the token, in characters; 0 is what the cookie has room for, or 4096 in a header.
	MaxToken int

	// Undecodable says what happens to a session that this program cannot read. It is never overwritten, and nor is one of a
	// newer schema, for which there is one rule (see Undecodable).
	Undecodable Undecodable
	// LostUpdates accepts a store without compare-and-swap: of two concurrent changes one is lost, and an ended session
	// may come back by a late save.
	LostUpdates bool
}

// Unlimited as a lifetime is none. As Absolute it makes sessions that are used often enough live for ever.
const Unlimited time.Duration = math.MaxInt64

// Undecodable says what happens to a session that this program cannot read.
//
// A session of a newer schema is neither begun anew nor set aside, whatever the policy, so that a rolling deploy loses none.
// Where a newer version of the program wrote its payload (codec.ErrNewer), reading gives none and a write is ErrNewerSchema;
// with FailOnUndecodable reading is ErrUndecodable, and a write one or the other. Where the payload holds more than the
// kind's type, reading gives what that can hold, and a write is ErrNewerSchema, but for SignIn. Clear ends either.
type Undecodable uint8

// The policies. With each the observer is told.
const (
	StartFresh        Undecodable = iota // as if there were no session; a write begins a new one
	FailOnUndecodable                    // every access is ErrUndecodable; only Clear works
	SetAside                             // as StartFresh, and its record is kept for 30 days, to be looked into
)

// Transport is by what the tokens of a kind travel: a cookie or a header field. A protocol that has neither goes by the
// kind's name.
type Transport struct {
	Kind   string
	Cookie *cookie.Cookie
	Header string
}

// tracked reports whether the kind is to keep subject records: they need compare-and-swap, and a place for a subject.
func (p Placement) tracked() bool {
	if p.place == core.ClientSide && p.revocations.store == nil {
		return false
	}
	return !p.options.Untracked && !p.options.Foreign && !p.options.LostUpdates
}

// milliseconds gives a duration in core's unit, with 0 replaced by its default and Unlimited by 0.
func milliseconds(d, byDefault time.Duration) (int64, error) {
	switch {
	case d == Unlimited, d == 0 && byDefault == Unlimited:
		return 0, nil
	case d < 0:
		return 0, fmt.Errorf("%v is negative", d)
	case d == 0:
		d = byDefault
	case d < time.Millisecond:
		return 0, fmt.Errorf("%v is under a millisecond", d)
	}
	return d.Milliseconds(), nil
}

// longestOf gives a duration in core's unit, with 0 left as it is and Unlimited as core.MaxInstant.
func longestOf(d time.Duration) (int64, error) {
	if d == 0 || d == Unlimited {
		return int64(min(d, core.MaxInstant)), nil
	}
	ms, err := milliseconds(d, 0)
	return min(ms, core.MaxInstant), err
}

// duration gives back what milliseconds was given, with defaults replaced.
func duration(ms int64) time.Duration {
	if ms == 0 {
		return Unlimited
	}
	return time.Duration(ms) * time.Millisecond
}

// The defaults of Options. The lifetimes are within NIST SP 800-63B-4's AAL2: 24 hours over all, 1 hour idle.
const (
	defaultIdle     = 30 * time.Minute
	defaultAbsolute = 24 * time.Hour
	defaultSkew     = time.Minute
	defaultGrace    = time.Minute
)

func (p Placement) lifetime() (core.Lifetime, []error) {
	var l core.Lifetime
	var errs []error
	set := func(name string, to *int64, d, byDefault time.Duration) {
		var err error
		if *to, err = milliseconds(d, byDefault); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	o := p.options
	if o.Foreign {
		if o.renews() || o.Longest != 0 || o.LongestIdle != 0 || o.Profile != NoProfile {
			errs = append(errs, errors.New("Foreign: it notes no times, so it is not renewed and has neither lifetimes of its own nor a Profile"))
		}
		set("Absolute", &l.Absolute, o.Absolute, Unlimited)
		set("Skew", &l.Skew, o.Skew, defaultSkew)
		return l, errs
	}
	set("Absolute", &l.Absolute, o.Absolute, defaultAbsolute)
	set("Skew", &l.Skew, o.Skew, defaultSkew)
	p.ownBounds(&l, &errs)
	if p.place == core.ServerSide || o.Idle != 0 {
		set("Idle", &l.Idle, o.Idle, defaultIdle)
		set("Touch", &l.Touch, o.Touch, time.Duration(l.Idle/10)*time.Millisecond)
	} else {
		if o.Touch != 0 {
			errs = append(errs, errors.New("Touch: of a kind without an Idle time"))
		}
		if o.LongestIdle != 0 {
			errs = append(errs, errors.New("LongestIdle: of a kind without an Idle time"))
		}
	}
	if p.place == core.ServerSide {
		set("Renew", &l.Renew, o.Renew, Unlimited)
		set("Grace", &l.Grace, o.Grace, defaultGrace)
	} else if o.renews() {
		errs = append(errs, errors.New("Renew, Grace, EndReused: only a session in a store is renewed"))
	}
	if o.Touch == Unlimited || o.Skew == Unlimited || o.Renew == Unlimited || o.Grace == Unlimited {
		errs = append(errs, errors.New("Touch, Skew, Renew, Grace: cannot be unlimited"))
	}
	if err := o.Profile.check(l); err != nil {
		errs = append(errs, err)
	}
	return l, errs
}

// renews reports whether the options say anything about renewal.
func (o Options) renews() bool { return o.Renew != 0 || o.Grace != 0 || o.EndReused }

// ownBounds sets the longest lifetimes that one session may be given.
func (p Placement) ownBounds(l *core.Lifetime, errs *[]error) {
	for _, b := range [...]struct {
		name string
		to   *int64
		d    time.Duration
	}{{"Longest", &l.Longest, p.options.Longest}, {"LongestIdle", &l.LongestIdle, p.options.LongestIdle}} {
		ms, err := longestOf(b.d)
		if err != nil {
			*errs = append(*errs, fmt.Errorf("%s: %w", b.name, err))
		}
		if p.place == core.ServerSide || p.options.Idle != 0 || b.name == "Longest" {
			*b.to = ms
		}
	}
}

// protection returns the transform that the keyring of the moment adds to the chain, or nil.
func (p Placement) protection(ring *crypto.Keyring) core.Transform {
	switch {
	case ring == nil || p.options.Foreign:
		return nil
	case p.place == core.ServerSide || p.options.Readable:
		return crypto.Sign(ring)
	}
	return crypto.Seal(ring)
}
