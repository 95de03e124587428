package bolt_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/bolt"
)

const pageSize = 4096

// crashed are the files that a loss of power may leave between two states of one file. bbolt writes the pages of a transaction, flushes, writes
// the page that names them, and flushes: so any of the first may be there while the last is not, and the last may be torn.
func crashed(before, after []byte) (images [][]byte, names []string) {
	var pages, metas []int
	whole := slices.Concat(before, make([]byte, max(0, len(after)-len(before))))
	for at := 0; at < len(after); at += pageSize {
		if bytes.Equal(whole[at:at+pageSize], after[at:at+pageSize]) {
			continue
		}
		if at < 2*pageSize {
			metas = append(metas, at)
		} else {
			pages = append(pages, at)
		}
	}
	add := func(name string, image []byte, pages ...int) []byte {
		image = slices.Clone(image)
		for _, at := range pages {
			copy(image[at:at+pageSize], after[at:at+pageSize])
		}
		images, names = append(images, image), append(names, name)
		return image
	}
	add("nothing was written", before)
	for i, at := range pages {
		add(fmt.Sprint("one page ", i), whole, at)
		torn := add(fmt.Sprint("all before, and half of page ", i), whole, pages[:i]...)
		copy(torn[at:at+pageSize/2], after[at:at+pageSize/2])
		add(fmt.Sprint("all but page ", i), whole, slices.Delete(slices.Clone(pages), i, i+1)...)
	}
	for range 8 {
		some := slices.Clone(pages)
		rand.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
		add("some pages", whole, some[:rand.IntN(len(some)+1)]...)
	}
	for _, at := range metas {
		for _, size := range []int{16, 24, 48, 72} { // the page that names the others has 80 bytes
			torn := add(fmt.Sprint("all pages, and a name of ", size, " bytes"), whole, pages...)
			copy(torn[at:at+size], after[at:at+size])
		}
	}
	return images, names
}

// From whatever a loss of power leaves the store opens as it was before the write or, if nothing else is possible, after it. Once a write
// was acknowledged it is there.
func TestCrashed(t *testing.T) {
	path := fresh(t)
	s := open(t, bolt.Config{Path: path})
	filled(t, s, 150, "body")
	snapshot := func() []byte {
		t.Helper()
		all, err := os.ReadFile(path)
		must(t, err)
		return all
	}
	kept := func(s *bolt.Store, key core.Key) string {
		t.Helper()
		rec, err := s.Load(ctx, key)
		if errors.Is(err, store.ErrNotFound) {
			return "none"
		}
		must(t, err)
		return fmt.Sprint(rec.Revision, rec.Seen, rec.Body)
	}
	tried := 0
	for i, step := range []struct {
		key core.Key
		do  func() error
	}{
		{"new", func() error { return s.Create(ctx, "new", live(1, string(make([]byte, 10_000)))) }},
		{key(3), func() error { return s.Replace(ctx, key(3), 1, live(2, "next")) }},
		{key(4), func() error { return s.Touch(ctx, key(4), 1, 11, far+1) }},
		{key(5), func() error { return s.Delete(ctx, key(5), 1) }},
		{"new", func() error { return s.Delete(ctx, "new", 1) }},
	} {
		old, before := kept(s, step.key), snapshot()
		must(t, step.do())
		next, after := kept(s, step.key), snapshot()
		if old == next {
			t.Fatal("the step changes nothing")
		}
		images, names := crashed(before, after)
		for n, image := range append(images, after) {
			path := fresh(t)
			must(t, os.WriteFile(path, image, 0o600))
			s := open(t, bolt.Config{Path: path})
			got, want := kept(s, step.key), old
			if n == len(images) {
				names, want = append(names, "all was written"), next
			}
			if got != want {
				t.Errorf("step %d, %s: %.20q, want %.20q", i, names[n], got, want)
			}
			for other := range 150 {
				if k := key(other); k != step.key {
					if _, err := s.Load(ctx, k); err != nil && other > 5 {
						t.Errorf("step %d, %s: record %d: %v", i, names[n], other, err)
					}
				}
			}
			must(t, s.Create(ctx, "after", live(1, "body")))
			must(t, s.Close())
			tried++
		}
	}
	t.Log(tried, "crashes")
}
