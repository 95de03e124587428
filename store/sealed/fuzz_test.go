package sealed_test

import (
	"errors"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// FuzzLoad keeps any record inside. It is given only if it is the very one that was sealed for this key and revision, later touched
// perhaps; any other is garbled, and gives its revision and nothing else.
func FuzzLoad(f *testing.F) {
	inner := store.NewMemory()
	f.Cleanup(func() { must(f, inner.Close()) })
	noon := time.UnixMilli(1_794_000_000_000).UnixMilli()
	mine := core.Record{Revision: 7, Seen: noon, Deadline: noon + 1_800_000, Body: "body"}
	s := over(f, inner, "a")
	must(f, s.Create(ctx, "key", mine))
	kept, err := inner.Load(ctx, "key")
	must(f, err)
	must(f, s.Create(ctx, "other", mine))
	other, err := inner.Load(ctx, "other")
	must(f, err)
	// A seal is another one in each process of the fuzzer, so an input says which it begins with, and not its bytes.
	begins := []string{"", kept.Body, other.Body}
	for from := range begins {
		for _, end := range []string{"", "body", "\x00"} {
			for _, revision := range []uint64{7, 8, 0, 7 << 8} {
				f.Add(uint8(from), uint16(0), end, revision, noon, uint16(0))
			}
			f.Add(uint8(from), uint16(1), end, uint64(7), noon+1000, uint16(77))
			f.Add(uint8(from), uint16(0), end, uint64(7), noon+1000, uint16(77))
			f.Add(uint8(from), uint16(0), end, uint64(7), noon-1, uint16(5000))
		}
	}
	f.Fuzz(func(t *testing.T, from uint8, cut uint16, end string, revision uint64, seen int64, bit uint16) {
		body := begins[int(from)%len(begins)]
		body = body[:max(0, len(body)-int(cut))] + end
		rec := core.Record{Revision: max(revision, 1), Seen: seen & core.MaxInstant, Deadline: core.MaxInstant, Body: body}
		load := func(rec core.Record) (core.Record, error) {
			inside := store.NewMemory()
			defer inside.Close()
			must(t, inside.Create(t.Context(), "key", rec))
			return over(t, inside, "a").Load(t.Context(), "key")
		}
		got, err := load(rec)
		genuine := body == kept.Body && rec.Revision == 7 && rec.Seen >= noon
		switch {
		case genuine && (err != nil || got != core.Record{Revision: 7, Seen: rec.Seen, Deadline: rec.Deadline, Body: "body"}):
			t.Fatalf("what was sealed gives %+v, %v", got, err)
		case !genuine && (!errors.Is(err, store.ErrGarbled) || got != core.Record{Revision: rec.Revision}):
			t.Fatalf("what was not sealed for it gives %+v, %v", got, err)
		case !genuine:
			return
		}
		changed := []byte(body)
		changed[int(bit/8)%len(changed)] ^= 1 << (bit % 8)
		rec.Body = string(changed)
		if got, err := load(rec); !errors.Is(err, store.ErrGarbled) {
			t.Fatalf("with bit %d changed it gives %+v, %v", bit, got, err)
		}
	})
}
