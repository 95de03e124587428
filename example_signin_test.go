package satchel_test

import (
	"context"
	"fmt"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// A session ends after half an hour unused and after a day in all, unless its visitor has ticked the box "remember me": then both are a
// month. What needs a fresh proof of who is there asks for one all the same.
func ExampleKind_SignInWith() {
	type account struct{ Name string }
	const month = 30 * 24 * time.Hour
	accounts := satchel.NewKind[account]("account")
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	sessions := satchel.Must(satchel.Config{Clock: func() time.Time { return now }}.New(
		accounts.ServerSide(store.NewMemory()).With(satchel.Options{
			Idle: 30 * time.Minute, Absolute: 24 * time.Hour, // for everybody
			LongestIdle: month, Longest: month, // the most that a sign-in may ask for
		}),
	))
	signIn := func(remember bool) core.Token {
		ex := sessions.Open(satchel.Arrived{})
		in := satchel.SignIn{Subject: "ann", Level: 2, Methods: "pwd otp"}
		if remember {
			in.Idle, in.Absolute = month, month // both: a session ends by whichever comes first
		}
		if err := accounts.SignInWith(ex.Context(context.Background()), in, account{"Ann"}); err != nil {
			panic(err)
		}
		out, err := ex.Commit(context.Background())
		if err != nil {
			panic(err)
		}
		return out[0].Token
	}

	tokens := map[string]core.Token{"brief": signIn(false), "remembered": signIn(true)}
	for _, pause := range []time.Duration{29 * time.Minute, time.Hour, 20 * 24 * time.Hour} {
		now = now.Add(pause)
		for _, name := range []string{"brief", "remembered"} {
			ctx := sessions.Open(satchel.Arrived{"account": tokens[name]}).Context(context.Background())
			about, err := accounts.About(ctx)
			if err != nil {
				panic(err)
			}
			fmt.Printf("after %v more, %s: %q until %s\n", pause, name, about.Subject, about.Expires.UTC().Format(time.DateOnly))
		}
	}
	ctx := sessions.Open(satchel.Arrived{"account": tokens["remembered"]}).Context(context.Background())
	fmt.Println(accounts.RequireFresh(ctx, 10*time.Minute))
	// Output:
	// after 29m0s more, brief: "ann" until 2026-11-24
	// after 29m0s more, remembered: "ann" until 2026-12-23
	// after 1h0m0s more, brief: "" until 0001-01-01
	// after 1h0m0s more, remembered: "ann" until 2026-12-23
	// after 480h0m0s more, brief: "" until 0001-01-01
	// after 480h0m0s more, remembered: "ann" until 2026-12-23
	// satchel: the last sign-in is too long ago
}

// A token that is an hour old is renewed by whatever request comes, and every request that comes with it is handed the one
// successor.
func ExampleOptions_renew() {
	visits := satchel.NewKind[int]("visits")
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	sessions := satchel.Must(satchel.Config{Clock: func() time.Time { return now }}.New(
		visits.ServerSide(store.NewMemory()).With(satchel.Options{Idle: 12 * time.Hour, Renew: time.Hour}),
	))
	request := func(token core.Token, f func(ctx context.Context) error) core.Token {
		ex := sessions.Open(satchel.Arrived{"visits": token})
		if err := f(ex.Context(context.Background())); err != nil {
			panic(err)
		}
		out, err := ex.Commit(context.Background())
		if err != nil {
			panic(err)
		}
		if out[0].Action == core.SendToken {
			return out[0].Token
		}
		return token
	}
	read := func(ctx context.Context) error { _, _, err := visits.Get(ctx); return err }

	first := request("", func(ctx context.Context) error { return visits.Set(ctx, 1) })
	fmt.Println("at once:", request(first, read) == first)
	now = now.Add(time.Hour)
	second := request(first, read)
	fmt.Println("an hour later:", second == first)
	fmt.Println("who races:", request(first, read) == second)
	// Output:
	// at once: true
	// an hour later: false
	// who races: true
}
