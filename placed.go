package satchel

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/store"
)

// placed is a compiled placement.
type placed struct {
	kind        anyKind
	place       core.Place
	store       store.Store
	transport   Transport
	readable    bool
	undecodable Undecodable
	chosenIDs   bool
	profile     Profile
	config      core.Config // without what the keyring adds to its chain
	ends        *endings    // the log of what ended before its time, or nil
	stamp       Transport   // by what stamps travel, of a client-side kind that has them

	// How its tokens are protected is the one thing that changes as the program runs.
	protect func(*crypto.Keyring) core.Transform
	keys    Keys
	refresh int64 // milliseconds
	current atomic.Pointer[protected]
	reading chan struct{} // holds one while a caller reads the keys again
}

// protected is a policy under the keyring of a moment.
type protected struct {
	policy *core.Policy
	ring   *crypto.Keyring
	readAt int64
}

// compile returns the placement compiled, or everything that is wrong with it.
func (p Placement) compile(c Config) (*placed, []error) {
	var errs []error
	fail := func(faults ...error) {
		for _, err := range faults {
			if err != nil {
				errs = append(errs, err)
			}
		}
	}
	fail(p.kind.check())
	if p.options.Undecodable > SetAside {
		fail(fmt.Errorf("Undecodable: there is no policy %d", p.options.Undecodable))
	}
	if p.refined > 1 {
		fail(errors.New("With was called twice; one Options holds them all"))
	}
	out := &placed{
		kind: p.kind, place: p.place, store: p.store, readable: p.options.Readable, undecodable: p.options.Undecodable, chosenIDs: p.options.ChosenIDs, profile: p.options.Profile,
		keys: p.keys, protect: p.protection, refresh: c.KeyRefresh.Milliseconds(), reading: make(chan struct{}, 1),
	}
	var err error
	out.transport, err = p.transport()
	fail(err)
	revocations, faults := p.revocationsOf(out)
	fail(faults...)
	life, faults := p.lifetime()
	fail(faults...)
	if p.place == core.ServerSide {
		fail(p.checkStore()...)
		out.keys = p.options.SignIDs
	} else {
		fail(p.checkClient()...)
	}
	fail(p.checkForeign())
	out.config = core.Config{
		Kind: p.kind.Name(), Audience: p.options.Audience, Place: p.place, Chain: slices.Clone(p.options.Chain), Lifetime: life,
		MaxPayload: p.options.MaxPayload, MaxToken: p.options.MaxToken,
		MaxSessions: p.options.MaxSessions, RefuseNewest: p.options.RefuseNewest, EndReused: p.options.EndReused && p.place == core.ServerSide,
		Tracked: p.tracked(), Revocable: revocations.logs(), Anchored: revocations.anchored,
	}
	out.config.Window, err = milliseconds(revocations.window, Unlimited)
	fail(err)
	if p.place == core.ClientSide && life.Idle > 0 && !revocations.anchored && !p.options.Foreign {
		out.stamp, err = p.stampTransport()
		fail(err)
	}
	if p.options.Foreign {
		out.config.Format = core.Bare
	}
	fail(p.fitCookie(out))
	// What core finds wrong does not depend on the keys, so a keyring without any stands in for them.
	dry := out.config
	if (out.keys != nil || p.place == core.ClientSide) && !p.options.Foreign {
		dry.Chain = append(slices.Clip(dry.Chain), p.protection(new(crypto.Keyring)))
	}
	_, err = dry.Compile()
	fail(err)
	if len(errs) == 0 {
		_, err := out.read(context.Background(), c.Clock().UnixMilli())
		fail(err)
	}
	return out, errs
}

// revocationsOf gives a kind what ends its sessions before their time, or says what is wrong with that.
func (p Placement) revocationsOf(out *placed) (Revocations, []error) {
	var errs []error
	r := p.revocations
	if p.place == core.ServerSide {
		if r = p.options.Revocations; r.anchored {
			errs = append(errs, errors.New("Revocations: a server-side session needs no anchor"))
		}
	} else {
		out.store = r.store
		if p.options.Revocations != (Revocations{}) {
			errs = append(errs, errors.New("Revocations: a client-side kind has them from its placement"))
		}
	}
	if r != (Revocations{}) {
		errs = append(errs, r.check()...)
	}
	out.ends = r.endings()
	return r, errs
}

// fitCookie limits tokens to what the kind's cookie has room for.
func (p Placement) fitCookie(out *placed) error {
	if out.transport.Cookie == nil {
		return nil
	}
	room := out.transport.Cookie.MaxValue()
	if p.options.MaxToken > room {
		return fmt.Errorf("MaxToken: %d characters, and the cookie has room for %d", p.options.MaxToken, room)
	}
	if p.options.MaxToken == 0 {
		out.config.MaxToken = min(room, core.DefaultMaxToken)
	}
	return nil
}

func (p Placement) checkStore() []error {
	if v := reflect.ValueOf(p.store); p.store == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return []error{errors.New("no store")}
	}
	var errs []error
	if p.options.Readable {
		errs = append(errs, errors.New("Readable: the value of a server-side session does not travel"))
	}
	if !p.store.Guarantees().CompareAndSwap && !p.options.LostUpdates {
		errs = append(errs, errors.New("the store has no compare-and-swap; LostUpdates accepts what follows from that"))
	}
	return errs
}

// checkForeign refuses what a foreign format has no place for.
func (p Placement) checkForeign() error {
	o := p.options
	switch {
	case !o.Foreign && o.ChosenIDs:
		return errors.New("ChosenIDs: for a Foreign kind only")
	case !o.Foreign:
		return nil
	case p.keys != nil || o.SignIDs != nil:
		return errors.New("Foreign: its protection is its Chain, so it takes no keys")
	case o.Idle != 0 || o.Touch != 0:
		return errors.New("Foreign: it notes no times, so it has neither Idle nor Touch")
	}
	return nil
}

func (p Placement) checkClient() []error {
	var errs []error
	if p.keys == nil && !p.options.Foreign {
		errs = append(errs, errors.New("no keys"))
	}
	if p.revocations == (Revocations{}) {
		errs = append(errs, p.revocations.check()...)
	}
	if p.options.SignIDs != nil {
		errs = append(errs, errors.New("SignIDs: a client-side session has no ID"))
	}
	if p.options.LostUpdates {
		errs = append(errs, errors.New("LostUpdates: a client-side session has no store"))
	}
	return errs
}

// read asks the key source and compiles the policy anew if the keyring changed. Lost says that the new keyring is taken and
// lacks a key which live tokens need: it may lack it on purpose, but not in silence.
func (p *placed) read(ctx context.Context, now int64) (lost, err error) {
	last := p.current.Load()
	var ring *crypto.Keyring
	if p.keys != nil {
		if ring, err = p.keys(ctx); err != nil {
			return nil, err
		}
		// Without a key the chain would protect nothing, and still be a chain.
		if ring == nil || len(ring.Keys()) == 0 {
			return nil, errors.New("keys: the source gave no key")
		}
	}
	if last != nil && last.ring == ring {
		p.current.Store(&protected{last.policy, ring, now})
		return nil, nil
	}
	config := p.config
	if t := p.protect(ring); t != nil {
		config.Chain = append(slices.Clip(config.Chain), t)
	}
	policy, err := config.Compile()
	if err != nil {
		return nil, err
	}
	p.current.Store(&protected{policy, ring, now})
	if last == nil || ring == nil {
		return nil, nil
	}
	// How far nodes lag does not matter here: only what is needed still is asked for.
	schedule := crypto.Schedule{Lag: 2 * p.refresh, Life: p.life()}
	if needed, found := errors.AsType[*crypto.NeededError](schedule.CheckStep(last.ring, ring, now)); found {
		lost = needed
	}
	return lost, nil
}

// life returns how long keys must be kept for what they protect, in milliseconds; 0 is for ever.
func (p *placed) life() int64 {
	if longest := p.longest(); longest < core.MaxInstant {
		return longest
	}
	return 0
}

// policy returns the policy of the moment. When its keyring is due to be read again one caller does so; if that fails the
// last one serves on, because a key source that is out of reach must not log anybody out.
func (p *placed) policy(ctx context.Context, now int64) (*core.Policy, error) {
	current := p.current.Load()
	if p.keys == nil || current.age(now) < p.refresh {
		return current.policy, nil
	}
	// Others go on meanwhile, unless nobody has asked for so long that a key may have been revoked long ago.
	if current.age(now) >= 2*p.refresh {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		select {
		case p.reading <- struct{}{}:
		case <-ctx.Done():
			return current.policy, errors.New("keys: the source does not answer")
		}
	} else {
		select {
		case p.reading <- struct{}{}:
		default:
			return current.policy, nil
		}
	}
	defer func() { <-p.reading }()
	if current = p.current.Load(); current.age(now) < p.refresh {
		return current.policy, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	lost, err := p.read(ctx, now)
	if err != nil {
		p.current.Store(&protected{current.policy, current.ring, now})
		return current.policy, err
	}
	return p.current.Load().policy, lost
}

// age returns for how long the keyring has not been read. A clock that was set back makes none young.
func (p *protected) age(now int64) int64 {
	if now < p.readAt {
		return math.MaxInt64
	}
	return now - p.readAt
}
