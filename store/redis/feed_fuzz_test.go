package redis

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/redis/rueidis"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
)

// FuzzChanged lets a server announce anything: names as texts, and as what is none. Each name under the prefix is announced once and in its
// order, others are not ours, and what is no name ends the listening, never in silence; no name at all means that everything went.
func FuzzChanged(f *testing.F) {
	for _, names := range []string{"", "satchel:k", "satchel:", "satchel", "satchel:k\nother:k\nsatchel:k", "satchel:a\nsatchel:b", "\xff\nSatchel:k", "satchel:satchel:k\n\nsatchel:\x00"} {
		for _, types := range []string{"$", "+", "$:", "_", "#", "$*$", "-", "!", ",=(", "%~>", "\x00"} {
			f.Add(names, types)
		}
	}
	f.Fuzz(func(t *testing.T, names, types string) {
		if len(types) == 0 || strings.Count(names, "\n") >= 100 {
			return
		}
		var said []rueidis.RedisMessage
		var want []store.Announcement
		texts := true
		for i, name := range strings.Split(names, "\n") {
			kind := types[i%len(types)]
			said = append(said, message(t, kind, name))
			if kind != '$' && kind != '+' {
				texts = false
			} else if strings.HasPrefix(name, "satchel:") {
				want = append(want, store.Announcement{Key: core.Key(name[len("satchel:"):])})
			}
		}
		var l *listener
		need.Proportion(t, len(names), func() {
			l = &listener{store: &Store{prefix: DefaultPrefix}, said: make(chan store.Announcement, 200)}
			l.ctx, l.end = context.WithCancelCause(t.Context())
			l.changed(said)
		})
		defer l.end(nil)
		l.changed(nil)
		l.changed([]rueidis.RedisMessage{})
		if broken := l.ctx.Err() != nil; broken == texts {
			t.Fatalf("%q, as %q: that the listening has ended is %v", names, types, broken)
		}
		if !texts {
			if err := l.broke(); !errors.Is(err, errNoName) {
				t.Errorf("%q, as %q: the listening ended with %v", names, types, err)
			}
			if _, err := l.Next(t.Context()); err == nil {
				t.Errorf("%q, as %q: it goes on", names, types)
			}
			return
		}
		var got []store.Announcement
		for range len(l.said) {
			a, err := l.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, a)
		}
		if want = append(want, store.Announcement{All: true}, store.Announcement{All: true}); !slices.Equal(got, want) {
			t.Errorf("%q, as %q: announced are %+v, want %+v", names, types, got, want)
		}
	})
}

// message is an answer of a server of that type, made by the client's own reader of what it keeps: its numbers and lists are empty.
func message(t *testing.T, kind byte, text string) (m rueidis.RedisMessage) {
	t.Helper()
	b := append(make([]byte, 7), kind)
	if strings.IndexByte(":_#*%~", kind) >= 0 {
		text = ""
	}
	b = append(binary.BigEndian.AppendUint64(b, uint64(len(text))), text...)
	if err := m.CacheUnmarshalView(b); err != nil {
		t.Fatal(err)
	}
	return m
}
