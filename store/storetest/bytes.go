package storetest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// keysBinary keeps a record under each of many keys that some engine takes for another: by case, by trailing space, by
// a zero byte, by repairing UTF-8, by reading a path or a pattern, or by hashing.
func keysBinary(p *probe) {
	base := string(p.key())
	hashed := sha256.Sum256([]byte(base + "long"))
	keys := []string{
		"", " ", base,
		strings.ToUpper(base) + "K", strings.ToUpper(base) + "k",
		base + " ", base + "\x00", base + "\x00\x00", base + "\n",
		base + "é", base + "e\u0301", base + "\xff", base + "\xfe", base + "\uFFFD", base + "long",
		string(hashed[:]), base[:31], base[1:],
		"../" + base, "./" + base, base + "/..", base + "/",
		base + ":", base + "*", base + "?", base + "%", base + "_", base + "'", base + `\`, "{" + base + "}",
		strings.Repeat("\x00", 31), strings.Repeat("\x00", 32), strings.Repeat("\x00", 33),
		strings.Repeat("k", 1000), strings.Repeat("k", 1001),
	}
	for i, key := range keys {
		if err := p.store.Create(p.ctx, core.Key(key), live(1, fmt.Sprint(i))); err != nil {
			p.brokenf("Create under the new key %q returned %s.", key, spell(err))
		}
	}
	for i, key := range keys {
		p.holds(core.Key(key), live(1, fmt.Sprint(i)))
		p.want("Touch", p.store.Touch(p.ctx, core.Key(key), 1, present, far+1), nil)
		p.want("Replace", p.store.Replace(p.ctx, core.Key(key), 1, live(2, fmt.Sprint(i))), nil)
	}
	for i, key := range keys {
		p.holds(core.Key(key), live(2, fmt.Sprint(i)))
		p.want("Delete", p.store.Delete(p.ctx, core.Key(key), 2), nil)
		p.absent(core.Key(key))
	}
}

func bodiesBinary(p *probe) {
	var all strings.Builder
	for b := range 256 {
		all.WriteByte(byte(b))
	}
	for _, body := range []string{
		all.String(), "\x00", "a\x00b", "\xff\xfe", "\xc3\x28", "\r\n", " trailing ", "'\"`\\;--", "é", "e\u0301",
		"\x1f\x8b\x08", "null", "{}",
	} {
		key := p.created(live(1, body))
		p.holds(key, live(1, body))
		p.want("Replace", p.store.Replace(p.ctx, key, 1, live(2, body+body)), nil)
		p.holds(key, live(2, body+body))
	}
}

func bodiesEmpty(p *probe) {
	key := p.created(live(1, ""))
	p.holds(key, live(1, ""))
	p.want("Replace", p.store.Replace(p.ctx, key, 1, live(2, "body")), nil)
	p.want("Replace", p.store.Replace(p.ctx, key, 2, live(3, "")), nil)
	p.holds(key, live(3, ""))
	p.want("Create", p.store.Create(p.ctx, key, live(1, "")), store.ErrExists)
	p.want("Delete", p.store.Delete(p.ctx, key, 3), nil)
	p.absent(key)
}

func bodiesLarge(p *probe) {
	large := strings.Repeat("\x00\xff0123456789abcd", p.config.LargeBody/16)
	key := p.created(live(1, large))
	p.holds(key, live(1, large))
	larger := large[1:] + "~"
	p.want("Replace", p.store.Replace(p.ctx, key, 1, live(2, larger)), nil)
	p.holds(key, live(2, larger))
}

// numbersWide uses numbers that a float64, an int32 or a count of seconds cannot spell.
func numbersWide(p *probe) {
	for _, revision := range []uint64{1, 1<<31 + 1, 1<<53 + 1, 1<<62 + 1} {
		rec := core.Record{Revision: revision, Seen: present + 1, Deadline: core.MaxInstant - 1, Body: "body"}
		key := p.created(rec)
		p.holds(key, rec)
		for _, at := range []uint64{revision + 1, revision - 1} {
			p.want("Replace at a neighbour", p.store.Replace(p.ctx, key, at, live(revision+2, "lost")), store.ErrConflict)
		}
		p.want("Touch", p.store.Touch(p.ctx, key, revision, present+999, core.MaxInstant), nil)
		rec.Seen, rec.Deadline = present+999, core.MaxInstant
		p.holds(key, rec)
		rec.Revision++
		p.want("Replace", p.store.Replace(p.ctx, key, revision, rec), nil)
		p.holds(key, rec)
	}
}

// deadWhole allows a dead record to be there or not, and nothing between.
func deadWhole(p *probe) {
	dead := core.Record{Revision: 1, Seen: past - 10, Deadline: past, Body: "dead"}
	may := func(method string, err, alternative error) {
		if err != nil && !errors.Is(err, alternative) {
			p.brokenf("%s of a record past its deadline returned %s, want no error or %s.", method, spell(err), spell(alternative))
		}
	}
	for range 8 {
		key := p.created(dead)
		rec, err := p.store.Load(p.ctx, key)
		may("Load", err, store.ErrNotFound)
		if err == nil && rec != dead {
			p.brokenf("Load returned %s, want ErrNotFound or %s.", show(rec), show(dead))
		}
		next := dead
		next.Revision = 2
		may("Replace", p.store.Replace(p.ctx, key, 1, next), store.ErrNotFound)
		p.want("Touch past the deadline", p.store.Touch(p.ctx, key, 2, past, far), store.ErrNotFound)
		may("Delete", p.store.Delete(p.ctx, key, 2), store.ErrNotFound)
		p.absent(key)
		p.create(key, live(1, "new"))
		p.holds(key, live(1, "new"))
	}
}

// liveStay keeps many records, among dead ones and some that were not used for years, and looks for them all.
func liveStay(p *probe) {
	var kept []core.Key
	rec := core.Record{Revision: 1, Seen: past, Deadline: far, Body: "kept"}
	for range 4 * p.config.Rounds {
		kept = append(kept, p.created(rec))
		p.created(core.Record{Revision: 1, Seen: present, Deadline: past, Body: "dead"})
	}
	for _, key := range kept {
		p.holds(key, rec)
	}
}

// aliasing hands in strings whose memory it overwrites afterwards, as a framework does with its request's buffer.
func aliasing(p *probe) {
	buffer := make([]byte, 0, 128)
	lend := func(s string) string {
		buffer = append(buffer[:0], s...)
		return unsafe.String(unsafe.SliceData(buffer), len(s)) //nolint:gosec // to break the rule of strings is the test
	}
	spoil := func() {
		for i := range buffer {
			buffer[i] ^= 0xff
		}
	}
	for _, key := range []core.Key{p.key(), p.key() + " of another length"} {
		p.create(core.Key(lend(string(key))), live(1, "first body"))
		spoil()
		p.holds(key, live(1, "first body"))
		p.want("Replace", p.store.Replace(p.ctx, core.Key(lend(string(key))), 1, live(2, "second body")), nil)
		spoil()
		p.holds(key, live(2, "second body"))
		p.want("Replace", p.store.Replace(p.ctx, key, 2, live(3, lend("third body"))), nil)
		spoil()
		p.holds(key, live(3, "third body"))
		p.want("Delete", p.store.Delete(p.ctx, key, 3), nil)
		p.create(key, live(1, lend("fourth body")))
		spoil()
		p.holds(key, live(1, "fourth body"))
	}
}
