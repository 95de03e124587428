package satchel_test

import (
	"context"
	"fmt"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// A visitor who wants to be remembered signs in for a month. What needs a fresh proof of who is there asks for one.
func ExampleKind_SignInWith() {
	type account struct{ Name string }
	accounts := satchel.NewKind[account]("account")
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	sessions := satchel.Must(satchel.Config{Clock: func() time.Time { return now }}.New(
		accounts.ServerSide(store.NewMemory()).With(satchel.Options{Longest: 30 * 24 * time.Hour, LongestIdle: 30 * 24 * time.Hour}),
	))

	ex := sessions.Open(satchel.Arrived{})
	month := 30 * 24 * time.Hour
	err := accounts.SignInWith(ex.Context(context.Background()), satchel.SignIn{
		Subject: "ann", Level: 2, Methods: "pwd otp", Idle: month, Absolute: month,
	}, account{"Ann"})
	if err != nil {
		panic(err)
	}
	out, err := ex.Commit(context.Background())
	if err != nil {
		panic(err)
	}

	now = now.Add(20 * 24 * time.Hour)
	ctx := sessions.Open(satchel.Arrived{"account": out[0].Token}).Context(context.Background())
	about, err := accounts.About(ctx)
	fmt.Println(about.Subject, about.Level, about.Methods, about.Expires.UTC().Format(time.DateOnly), err)
	fmt.Println(accounts.RequireFresh(ctx, 10*time.Minute))
	// Output:
	// ann 2 pwd otp 2026-12-23 <nil>
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
