package satchel

import (
	"context"
	"log/slog"
	"time"

	"github.com/satchel-go/satchel/core"
)

// Observer is told what happens to sessions. A nil function is free. A function is called by the goroutine that caused
// the event, outside every lock, and should return soon.
type Observer struct {
	Created func(context.Context, Event) // a session began
	Saved   func(context.Context, Event) // its payload was replaced
	Rotated func(context.Context, Event) // it has another token; with a Subject someone may have signed in
	Renewed func(context.Context, Event) // it has another token, because the earlier one was old
	Ended   func(context.Context, Event) // the application ended it
	Expired func(context.Context, Event) // a token of a session came that is past a lifetime; Reason says which
	Refused func(context.Context, Event) // a token gave no session; Reason says why: forged, unknown, undecodable, …
	Reused  func(context.Context, Event) // a renewed token came after its grace: a copy of it may be in other hands

	Conflicted  func(context.Context, Event) // a change met a concurrent one; Err is the store's
	Unavailable func(context.Context, Event) // a store could not be asked, or a commit not confirmed; Err says why
	KeysFailed  func(context.Context, Event) // a keyring could not be re-read and the last one serves on, or lacks a key that is needed; Err says
}

// Event is one thing that happened to one session. It never holds a token, a key or a payload.
type Event struct {
	Kind    string
	At      time.Time
	Handle  core.Handle  // the session's public name, where it is known
	Subject string       // whose session it is, where it is known
	Reason  core.Refusal // with Expired, Refused and Reused
	Err     error        // with Conflicted, Unavailable and KeysFailed
}

// LogTo returns an observer that writes each event to l: tampering (forged, ambiguous, reused) and outages as warnings, what is
// ordinary at debug level. It leaves the subject out, which is personal data; the handle tells sessions apart.
func LogTo(l *slog.Logger) Observer {
	log := func(level slog.Level, message string) func(context.Context, Event) {
		return func(ctx context.Context, e Event) {
			attrs := []slog.Attr{slog.String("kind", e.Kind)}
			if e.Handle != "" {
				attrs = append(attrs, slog.String("handle", string(e.Handle)))
			}
			if e.Reason != core.NotRefused {
				attrs = append(attrs, slog.String("reason", e.Reason.String()))
			}
			if e.Err != nil {
				attrs = append(attrs, slog.String("error", e.Err.Error()))
			}
			at := level
			if e.Reason == core.Forged || e.Reason == core.Ambiguous {
				at = slog.LevelWarn
			}
			l.LogAttrs(ctx, at, message, attrs...)
		}
	}
	return Observer{
		Created:     log(slog.LevelInfo, "session created"),
		Saved:       log(slog.LevelDebug, "session saved"),
		Rotated:     log(slog.LevelInfo, "session rotated"),
		Renewed:     log(slog.LevelDebug, "session renewed"),
		Ended:       log(slog.LevelInfo, "session ended"),
		Expired:     log(slog.LevelDebug, "session expired"),
		Refused:     log(slog.LevelDebug, "session token refused"),
		Reused:      log(slog.LevelWarn, "renewed session token reused"),
		Conflicted:  log(slog.LevelDebug, "session changed elsewhere"),
		Unavailable: log(slog.LevelWarn, "sessions unavailable"),
		KeysFailed:  log(slog.LevelWarn, "session keys not re-read"),
	}
}
