package main

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/satchel-go/satchel/internal/tree"
)

// Of modules that are tested side by side nothing is mixed: what is printed about one stands together, and the rows come in the order of
// the modules. The root begins beside one that waits.
func TestLanes(t *testing.T) {
	var out strings.Builder
	h := &house{out: &out, modules: []tree.Module{{Dir: "."}, {Dir: "bench"}, {Dir: "e2e"}, {Dir: "store/redis"}}}
	meet := map[string]chan struct{}{".": make(chan struct{}), "e2e": make(chan struct{})}
	h.inLanes(t.Context(), "try", func(h *house, m tree.Module) {
		h.step(t.Context(), "one "+m.Dir, func() (string, error) { return "", nil })
		switch m.Dir { // these two wait for each other
		case ".":
			close(meet["."])
			<-meet["e2e"]
		case "e2e":
			close(meet["e2e"])
			<-meet["."]
		}
		h.step(t.Context(), "two "+m.Dir, func() (string, error) {
			h.count.passed++
			return "", nil
		})
	})
	var names, want []string
	for _, m := range h.modules {
		want = append(want, "one "+m.Dir, "two "+m.Dir)
		if whole := "\n== one " + m.Dir + "\n\n== two " + m.Dir + "\n"; !strings.Contains(out.String(), whole) {
			t.Errorf("%q is not in\n%s", whole, &out)
		}
	}
	for _, r := range h.rows {
		names = append(names, r.name)
	}
	if !slices.Equal(names, want) || h.count.passed != len(h.modules) {
		t.Errorf("rows %q, want %q; counted %v", names, want, h.count)
	}
}

// After an interrupt no further module begins.
func TestLanesStop(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	h := &house{out: io.Discard, modules: []tree.Module{{Dir: "."}, {Dir: "a"}, {Dir: "b"}, {Dir: "c"}}}
	begun := make(chan string, len(h.modules))
	h.inLanes(ctx, "try", func(_ *house, m tree.Module) {
		begun <- m.Dir
		stop()
	})
	if len(begun) > lanes {
		t.Errorf("%d began, of %d lanes", len(begun), lanes)
	}
}

// Both streams of a command reach the page, whoever copies them.
func TestPageOfTwoWriters(t *testing.T) {
	var p page
	var writing sync.WaitGroup
	for _, word := range []string{"a", "b"} {
		writing.Go(func() {
			for range 1000 {
				_, _ = io.Copy(&p, strings.NewReader(word))
			}
		})
	}
	writing.Wait()
	if got := p.String(); strings.Count(got, "a") != 1000 || strings.Count(got, "b") != 1000 {
		t.Errorf("%d bytes of 2000", len(got))
	}
}
