package satchel_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// teller takes one function of an observer.
type teller func(satchel.Observer) func(context.Context, satchel.Event)

var logged = []struct {
	log teller
	e   satchel.Event
}{
	{func(o satchel.Observer) func(context.Context, satchel.Event) { return o.Created }, satchel.Event{Kind: "cart", Handle: "h1", Subject: "ann"}},
	{func(o satchel.Observer) func(context.Context, satchel.Event) { return o.Saved }, satchel.Event{Kind: "cart", Handle: "h1"}},
	{func(o satchel.Observer) func(context.Context, satchel.Event) { return o.Rotated }, satchel.Event{Kind: "cart", Handle: "h1", Subject: "ann"}},
	{func(o satchel.Observer) func(context.Context, satchel.Event) { return o.Ended }, satchel.Event{Kind: "cart", Handle: "h1"}},
	{func(o satchel.Observer) func(context.Context, satchel.Event) { return o.Expired }, satchel.Event{Kind: "cart", Handle: "h1", Reason: core.Idle}},
	{func(o satchel.Observer) func(context.Context, satchel.Event) { return o.Refused }, satchel.Event{Kind: "cart", Reason: core.Malformed}},
	{func(o satchel.Observer) func(context.Context, satchel.Event) { return o.Refused }, satchel.Event{Kind: "cart", Reason: core.Forged}},
	{func(o satchel.Observer) func(context.Context, satchel.Event) { return o.Refused }, satchel.Event{Kind: "cart", Reason: core.Ambiguous}},
	{func(o satchel.Observer) func(context.Context, satchel.Event) { return o.Conflicted }, satchel.Event{Kind: "cart", Handle: "h1", Err: satchel.ErrConflict}},
	{func(o satchel.Observer) func(context.Context, satchel.Event) { return o.Unavailable }, satchel.Event{Kind: "cart", Err: satchel.ErrUnavailable}},
	{func(o satchel.Observer) func(context.Context, satchel.Event) { return o.KeysFailed }, satchel.Event{Kind: "cart", Err: errors.New("no such file")}},
}

// untimed leaves the time out of a log.
func untimed(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func logs(handler func(*bytes.Buffer) slog.Handler) string {
	var text bytes.Buffer
	observer := satchel.LogTo(slog.New(handler(&text)))
	for _, l := range logged {
		l.log(observer)(context.Background(), l.e)
	}
	return text.String()
}

func TestLogToText(t *testing.T) {
	got := logs(func(w *bytes.Buffer) slog.Handler {
		return slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: untimed})
	})
	want := `level=INFO msg="session created" kind=cart handle=h1
level=DEBUG msg="session saved" kind=cart handle=h1
level=INFO msg="session rotated" kind=cart handle=h1
level=INFO msg="session ended" kind=cart handle=h1
level=DEBUG msg="session expired" kind=cart handle=h1 reason=idle
level=DEBUG msg="session token refused" kind=cart reason=malformed
level=WARN msg="session token refused" kind=cart reason=forged
level=WARN msg="session token refused" kind=cart reason=ambiguous
level=DEBUG msg="session changed elsewhere" kind=cart handle=h1 error="satchel: the session was changed elsewhere"
level=WARN msg="sessions unavailable" kind=cart error="satchel: sessions are unavailable"
level=WARN msg="session keys not re-read" kind=cart error="no such file"
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLogToJSON(t *testing.T) {
	got := logs(func(w *bytes.Buffer) slog.Handler {
		return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: untimed})
	})
	want := `{"level":"INFO","msg":"session created","kind":"cart","handle":"h1"}
{"level":"INFO","msg":"session rotated","kind":"cart","handle":"h1"}
{"level":"INFO","msg":"session ended","kind":"cart","handle":"h1"}
{"level":"WARN","msg":"session token refused","kind":"cart","reason":"forged"}
{"level":"WARN","msg":"session token refused","kind":"cart","reason":"ambiguous"}
{"level":"WARN","msg":"sessions unavailable","kind":"cart","error":"satchel: sessions are unavailable"}
{"level":"WARN","msg":"session keys not re-read","kind":"cart","error":"no such file"}
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
