package satchel

import (
	"context"

	"github.com/satchel-go/satchel/core"
)

type newIDKey string

// newID is an ID in a context, which prints the values that it holds. Nobody can print what a function returns.
type newID func() core.Token

func (newID) String() string { return core.Redacted }

// WithNewID returns a context in which a session of a kind placed with Options.ChosenIDs begins under that ID, 1 to 512
// bytes. One of exactly 32 is visible ASCII, because another could be a key of Satchel's own (core.Bare). With an ID that is none of
// these the commit fails. Whoever knows or guesses an ID has the session: this is for sharing sessions with programs that choose
// theirs, and compat rooms give it a name that says so.
func WithNewID(parent context.Context, kind, id string) context.Context {
	return context.WithValue(parent, newIDKey(kind), newID(func() core.Token { return core.Token(id) }))
}

// silent reports whether the end of a session is not told to the client: programs that read a foreign header do not know an
// empty one.
func (p *placed) silent() bool { return p.config.Format == core.Bare && p.transport.Cookie == nil }
