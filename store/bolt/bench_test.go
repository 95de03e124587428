package bolt_test

import (
	"sync/atomic"
	"testing"

	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store/bolt"
)

func BenchmarkLoad(b *testing.B) {
	s := open(b, bolt.Config{Path: fresh(b)})
	must(b, s.Create(ctx, key(0), live(1, "body")))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Load(ctx, key(0)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReplaceManyAtOnce(b *testing.B) {
	s := open(b, bolt.Config{Path: fresh(b)})
	var n atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		mine := key(int(n.Add(1)))
		must(b, s.Create(ctx, mine, live(1, "body")))
		for at := uint64(1); pb.Next(); at++ {
			if err := s.Replace(ctx, mine, at, live(at+1, "body")); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestAllocLoad(t *testing.T) {
	need.NoRace(t)
	s := open(t, bolt.Config{Path: fresh(t)})
	must(t, s.Create(ctx, key(0), live(1, "body")))
	if n := testing.AllocsPerRun(100, func() {
		if _, err := s.Load(ctx, key(0)); err != nil {
			t.Fatal(err)
		}
	}); n > 12 {
		t.Errorf("a Load allocates %v times", n)
	}
}
