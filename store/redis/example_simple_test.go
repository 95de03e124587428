//go:build unix

package redis_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/store"
)

// simple keeps texts in Redis as anybody would: a SET, a GET and a DEL. It knows no revisions, so of two changes at once the last one
// wins; package redis itself has a store that loses none.
type simple struct {
	client rueidis.Client
	prefix string
}

func (s simple) Write(ctx context.Context, id, text string) error {
	return s.client.Do(ctx, s.client.B().Set().Key(s.prefix+id).Value(text).Build()).Error()
}

func (s simple) Read(ctx context.Context, id string) (string, error) {
	text, err := s.client.Do(ctx, s.client.B().Get().Key(s.prefix+id).Build()).ToString()
	if rueidis.IsRedisNil(err) {
		return "", store.ErrNotFound
	}
	return text, err
}

func (s simple) Invalidate(ctx context.Context, id string) error {
	return s.client.Do(ctx, s.client.B().Del().Key(s.prefix+id).Build()).Error()
}

// WriteUntil lets Redis drop the text by itself. Ten minutes more are for a clock that is ahead.
func (s simple) WriteUntil(ctx context.Context, id, text string, until time.Time) error {
	if until.IsZero() {
		return s.Write(ctx, id, text)
	}
	set := s.client.B().Set().Key(s.prefix + id).Value(text).PxatMillisecondsTimestamp(until.Add(10 * time.Minute).UnixMilli())
	return s.client.Do(ctx, set.Build()).Error()
}

// Sessions in Redis by a storage of one's own. TestExampleSimple runs it against a server.
func Example_simple() { //nolint:testableexamples // it needs a server
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{"localhost:6379"}, DisableCache: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	fmt.Println(visits(client))
}

// visits counts two visits of one client.
func visits(client rueidis.Client) (int, error) {
	counts := satchel.NewKind[int]("visits")
	records := store.LastWriteWins(simple{client, "session:"})
	sessions, err := satchel.New(counts.ServerSide(records).With(satchel.Options{LostUpdates: true}))
	if err != nil {
		return 0, err
	}
	ctx := context.Background()
	n, arrived := 0, satchel.Arrived{}
	for range 2 {
		exchange := sessions.Open(arrived)
		if n, err = counts.Update(exchange.Context(ctx), func(n int) int { return n + 1 }); err != nil {
			return 0, err
		}
		outcomes, err := exchange.Commit(ctx)
		if err != nil {
			return 0, err
		}
		if outcomes[0].Token != "" {
			arrived["visits"] = outcomes[0].Token
		}
	}
	return n, nil
}

func TestExampleSimple(t *testing.T) {
	client := start(t).client()
	if n, err := visits(client); n != 2 || err != nil {
		t.Errorf("%d visits, %v", n, err)
	}
	keys, err := do(t, client, "KEYS", "session:*").AsStrSlice()
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	if left, err := do(t, client, "PTTL", keys[0]).AsInt64(); err != nil || left <= 0 || left > (41*time.Minute).Milliseconds() {
		t.Errorf("Redis drops it in %d ms, %v", left, err)
	}
}
