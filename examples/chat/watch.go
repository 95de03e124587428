package main

import (
	"context"

	"github.com/satchel-go/satchel"
)

// watchSession ends the connection when its session is over: at once where this server ends it, and within a second where another
// one does.
func (c *conn) watchSession(ctx context.Context) error {
	w, err := visits.Watch(ctx)
	if err != nil {
		return err
	}
	c.unwatch()
	c.watch = w
	c.server.watching.Go(func() {
		<-w.Done() // which Stop closes too
		if reason := w.Reason(); reason != satchel.Unwatched && !c.leaving.Load() {
			c.finish(reason)
		}
	})
	return nil
}

// finish tells the client why its session is over, once, and ends the connection.
func (c *conn) finish(reason satchel.Over) {
	c.told.Do(func() {
		c.say("over " + reason.String())
		c.end()
	})
}

// unwatch ends the watch of the session that the connection had.
func (c *conn) unwatch() {
	if c.watch != nil {
		c.watch.Stop()
		c.watch = nil
	}
}
