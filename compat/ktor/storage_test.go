package ktor_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/compat/ktor"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/promises"
	"github.com/satchel-go/satchel/store"
)

// redis is what a Ktor service has over Redis: texts by ID, each for a while, prolonged by reading.
type redis struct {
	mu     sync.Mutex
	now    time.Duration
	kept   map[string]string
	until  map[string]time.Duration
	writes int
	fails  error
}

const ttl = time.Hour

func newRedis() *redis { return &redis{kept: map[string]string{}, until: map[string]time.Duration{}} }

func (r *redis) Write(_ context.Context, id, text string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fails != nil {
		return r.fails
	}
	r.kept[id], r.until[id] = text, r.now+ttl
	r.writes++
	return nil
}

func (r *redis) Read(_ context.Context, id string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now >= r.until[id] {
		delete(r.kept, id)
	}
	if _, there := r.kept[id]; there {
		r.until[id] = r.now + ttl
	}
	return r.kept[id], r.fails
}

func (r *redis) Invalidate(_ context.Context, id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.kept, id)
	return r.fails
}

// WriteUntil is not called: a bare record has no time.
func (*redis) WriteUntil(context.Context, string, string, time.Time) error {
	return errors.New("called")
}

func overStorage(s store.Storage) *satchel.Sessions {
	c := ktor.Config[testUser]{Serializer: ktor.Reflection[testUser](), LostUpdates: true, RiskyIDs: true}
	return satchel.Must(satchel.New(ktor.ByID(testUsers, ktor.SessionStorage(s), c)))
}

// What is kept under the ID is the serialized session and nothing else, and each side has what the other one wrote.
func TestSessionStorage(t *testing.T) {
	r := newRedis()
	if _, err := satchel.New(ktor.ByID(testUsers, ktor.SessionStorage(r), ktor.Config[testUser]{})); err == nil {
		t.Error("a store without compare-and-swap, which nobody has accepted")
	}
	s := overStorage(r)
	id := exchange(t, s, t.Context(), "", set(t, testUser{ID: "id2"})).Token
	if got := r.kept[string(id)]; len(id) != 64 || got != "cart=%23cl&userId=%23sid2" {
		t.Errorf("under an ID of %d characters: %q", len(id), got)
	}
	r.kept[string(id)] = "cart=%23cl%23stea&userId=%23sid3" // as Ktor writes
	exchange(t, s, t.Context(), id, want(t, testUser{ID: "id3", Cart: []string{"tea"}}, true))
	before := r.writes
	exchange(t, s, t.Context(), id, set(t, testUser{ID: "id3", Cart: []string{"tea"}}))
	if r.writes != before {
		t.Error("an equal value was written")
	}
	rotated := exchange(t, s, t.Context(), id, func(ctx context.Context) { _ = testUsers.Rotate(ctx) }).Token
	if _, there := r.kept[string(id)]; there || rotated == id {
		t.Error("the old ID has its session")
	}
	exchange(t, s, t.Context(), rotated, func(ctx context.Context) { _ = testUsers.Clear(ctx) })
	if len(r.kept) > 0 {
		t.Errorf("kept after the end: %d", len(r.kept))
	}
	if adopted := exchange(t, s, t.Context(), "chosen", set(t, testUser{ID: "x"})); adopted.Token == "chosen" {
		t.Error("adopted")
	}
	for _, text := range []string{"garbage", "%zz", "cart=%23cl&userId=%23i1"} {
		r.kept["bad"], r.until["bad"] = text, r.now+ttl
		exchange(t, s, t.Context(), "bad", want(t, testUser{}, false))
		if r.kept["bad"] != text {
			t.Errorf("%q was written over", text)
		}
	}
}

// What expires is the storage's affair. What has expired is no session, and is not adopted.
func TestSessionStorageExpires(t *testing.T) {
	r := newRedis()
	s := overStorage(r)
	id := exchange(t, s, t.Context(), "", set(t, testUser{ID: "id2"})).Token
	for range 3 {
		r.now += ttl - 1
		exchange(t, s, t.Context(), id, want(t, testUser{ID: "id2"}, true))
	}
	r.now += ttl
	exchange(t, s, t.Context(), id, want(t, testUser{}, false))
	if anew := exchange(t, s, t.Context(), id, set(t, testUser{ID: "id3"})); anew.Token == id {
		t.Error("adopted")
	}
}

// The answers of a store, whatever the storage says.
func TestSessionStorageAnswers(t *testing.T) {
	promises.Check(t, "compat/ktor.SessionStorage", ktor.SessionStorage(newRedis()))
	ctx, r := t.Context(), newRedis()
	s := ktor.SessionStorage(r)
	rec := core.Record{Revision: 1, Deadline: core.MaxInstant, Body: "v=%23i1"}
	answer := func(step string, got, want error) {
		t.Helper()
		if !errors.Is(got, want) || want == nil && got != nil {
			t.Errorf("%s: %v, want %v", step, got, want)
		}
	}
	_, err := s.Load(ctx, "id1")
	answer("load of nothing", err, store.ErrNotFound)
	answer("replace of nothing", s.Replace(ctx, "id1", 1, rec), store.ErrNotFound)
	answer("touch of nothing", s.Touch(ctx, "id1", 1, 0, 0), store.ErrNotFound)
	answer("delete of nothing", s.Delete(ctx, "id1", 1), store.ErrNotFound)
	answer("create", s.Create(ctx, "id1", rec), nil)
	answer("create again", s.Create(ctx, "id1", rec), store.ErrExists)
	answer("touch", s.Touch(ctx, "id1", 1, 0, 0), nil)
	if err := s.Create(ctx, "id2", core.Record{Revision: 1}); err == nil || r.kept["id2"] != "" {
		t.Error("an empty session")
	}
	for _, down := range []error{errors.New("down"), store.ErrExists, store.ErrConflict} {
		r.fails = down
		_, err = s.Load(ctx, "id1")
		for step, err := range map[string]error{"load": err, "create": s.Create(ctx, "id3", rec), "replace": s.Replace(ctx, "id1", 1, rec), "delete": s.Delete(ctx, "id1", 1)} {
			if err == nil || errors.Is(err, store.ErrNotFound) || strings.Contains(err.Error(), "id1") {
				t.Errorf("%s in an outage: %v", step, err)
			}
		}
	}
	r.fails = nil
	over, cancel := context.WithCancel(ctx)
	cancel()
	_, err = s.Load(over, "id1")
	answer("load, too late", err, context.Canceled)
	answer("delete, too late", s.Delete(over, "id1", 1), context.Canceled)
	answer("delete", s.Delete(ctx, "id1", 1), nil)
	defer func() {
		if recover() == nil {
			t.Error("a store over nothing")
		}
	}()
	ktor.SessionStorage(nil)
}

// Of many who begin a session under one chosen ID one does, in this process.
func TestSessionStorageTakesTurns(t *testing.T) {
	s := ktor.SessionStorage(newRedis())
	var wg sync.WaitGroup
	began := make(chan struct{}, 8)
	for range cap(began) {
		wg.Go(func() {
			if s.Create(t.Context(), "ann", core.Record{Revision: 1, Body: "v"}) == nil {
				began <- struct{}{}
			}
		})
	}
	wg.Wait()
	if len(began) != 1 {
		t.Errorf("%d began", len(began))
	}
}

// streams is a storage as those of Ktor 1 were.
type streams struct{ *redis }

func (s streams) Write(ctx context.Context, id string, write func(io.Writer) error) error {
	var text strings.Builder
	if err := write(&text); err != nil {
		return err
	}
	return s.redis.Write(ctx, id, text.String())
}

func (s streams) Read(ctx context.Context, id string, read func(io.Reader) error) error {
	text, err := s.redis.Read(ctx, id)
	if err != nil || text == "" {
		return err
	}
	return read(strings.NewReader(text))
}

func TestSessionStorageStreamed(t *testing.T) {
	r := newRedis()
	s := overStorage(store.Streamed(streams{r}))
	id := exchange(t, s, t.Context(), "", set(t, testUser{ID: "id2"})).Token
	if got := r.kept[string(id)]; got != "cart=%23cl&userId=%23sid2" {
		t.Errorf("%q", got)
	}
	exchange(t, s, t.Context(), id, want(t, testUser{ID: "id2"}, true))
}

func ExampleSessionStorage() {
	var shared store.Storage = newRedis() // your own, over what Ktor's SessionStorage is over
	type User struct {
		ID string `ktor:"userId"`
	}
	users := satchel.NewKind[User]("SESSION")
	_ = satchel.Must(satchel.New(ktor.ByID(users, ktor.SessionStorage(shared), ktor.Config[User]{LostUpdates: true})))

	_ = shared.Write(context.Background(), "0123456789abcdef", `{"userId":"ann"}`) // as Ktor does
	record, err := ktor.SessionStorage(shared).Load(context.Background(), "0123456789abcdef")
	fmt.Println(record.Body, err)
	// Output: {"userId":"ann"} <nil>
}
