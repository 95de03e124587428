package storetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// within runs a call whose context has ended or is about to end.
func (p *probe) within(ctx context.Context, c call, s store.Store) error {
	p.Helper()
	done := make(chan error, 1)
	go func() { done <- c.do(ctx, s) }()
	patience := time.NewTimer(p.config.Patience)
	defer patience.Stop()
	select {
	case err := <-done:
		return err
	case <-patience.C:
		p.brokenf("%s was still running %v after its context ended.", c.method, p.config.Patience)
		return nil
	}
}

func endedBefore(p *probe) {
	canceled, cancel := context.WithCancel(p.ctx)
	cancel()
	late, cancel := context.WithDeadline(p.ctx, time.UnixMilli(past))
	defer cancel()
	for _, ended := range []struct {
		ctx  context.Context
		want error
	}{{canceled, context.Canceled}, {late, context.DeadlineExceeded}} {
		for _, c := range calls(p.created(live(1, "body")), p.key()) {
			if err := p.within(ended.ctx, c, p.store); !errors.Is(err, ended.want) {
				p.brokenf("%s returned %s, want one that wraps %q.", c.method, spell(err), ended.want)
			}
		}
	}
}

// endedDuring lets a cancellation race each method, and then looks whether an acknowledged write is there.
func endedDuring(p *probe) {
	for range p.config.Rounds {
		for which := range calls("", "") {
			key, fresh := p.created(live(1, "body")), p.key()
			c := calls(key, fresh)[which]
			ctx, cancel := context.WithCancel(p.ctx)
			go cancel()
			err := p.within(ctx, c, p.store)
			cancel()
			if err != nil && !errors.Is(err, context.Canceled) {
				p.brokenf("%s returned %s, want no error or one that wraps %q.", c.method, spell(err), context.Canceled)
			}
			if err != nil {
				continue // what the call left is not known
			}
			switch c.method {
			case "Create":
				p.holds(fresh, live(1, "new"))
			case "Replace":
				p.holds(key, live(2, "next"))
			case "Touch":
				p.holds(key, core.Record{Revision: 1, Seen: present + 1, Deadline: far + 1, Body: "body"})
			case "Delete":
				p.absent(key)
			}
		}
	}
}

func endedStalled(p *probe) {
	if p.config.Stalled == nil {
		p.Skip("Config.Stalled is not set")
	}
	s := p.config.Stalled(p)
	for _, c := range calls(p.key(), p.key()) {
		if lacks(s, c.method) {
			continue
		}
		if slices.Contains(p.config.Unstalled, c.method) {
			ctx, cancel := context.WithTimeout(p.ctx, p.config.Patience/2) // which is not needed
			if err := p.within(ctx, c, s); err != nil && !answered(err) {
				p.brokenf("%s returned %s, want an answer: Config.Unstalled names it.", c.method, spell(err))
			}
			cancel()
			continue
		}
		ctx, cancel := context.WithTimeout(p.ctx, 5*time.Millisecond)
		err := p.within(ctx, c, s)
		<-ctx.Done()
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			p.brokenf("%s returned %s, want one that wraps %q.", c.method, spell(err), context.DeadlineExceeded)
		}
	}
}

func outage(p *probe) {
	if p.config.Down == nil {
		p.Skip("Config.Down is not set")
	}
	s := p.config.Down(p)
	for _, c := range calls(p.key(), p.key()) {
		if lacks(s, c.method) {
			continue
		}
		if err := c.do(p.ctx, s); err == nil || answered(err) {
			p.brokenf("%s returned %s while the engine was down.", c.method, spell(err))
		}
	}
}

// lacks reports whether a store has not that method, which is none of the contract's own.
func lacks(s store.Store, method string) bool {
	has := true
	switch method {
	case "Sweep":
		_, has = s.(store.Sweeper)
	case "List":
		_, has = s.(store.Lister)
	}
	return !has
}
