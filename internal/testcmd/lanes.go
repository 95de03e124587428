package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/satchel-go/satchel/internal/tree"
)

// lanes is how many modules are tested at once: one that waits for its servers leaves the CPUs to another.
const lanes = 2

// early are the modules that begin beside the root: those whose tests wait for servers and a browser more than they compute, and behind
// them the one that takes longest of the others. A module that is missing here only comes later.
var early = []string{"store/sql/sqltest", "store/postgres", "e2e", "store/redis", "bench"}

// inLanes does the same with each module, two at a time: the root, which computes the longest, beside those that wait, then the others.
// What is printed about a module stands together, and comes when its last step has ended; its rows come in the order of the modules.
func (h *house) inLanes(ctx context.Context, name string, do func(h *house, m tree.Module)) {
	parts := make([]*house, len(h.modules))
	free := make(chan struct{}, lanes)
	var printing sync.Mutex
	var running sync.WaitGroup
	for _, i := range laneOrder(h.modules) {
		free <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		out := &page{}
		part := *h
		part.out, part.rows, part.count = out, nil, count{}
		parts[i] = &part
		printing.Lock()
		fmt.Fprintf(h.out, "\nbegun: %s %s\n", name, h.modules[i].Dir)
		printing.Unlock()
		running.Go(func() {
			defer func() { <-free }()
			do(&part, h.modules[i])
			printing.Lock()
			defer printing.Unlock()
			fmt.Fprint(h.out, out.String())
		})
	}
	running.Wait()
	for _, part := range parts {
		if part != nil {
			h.rows = append(h.rows, part.rows...)
			h.count = h.count.plus(part.count)
		}
	}
}

// page collects what a module's steps print. A command's two streams are written by two goroutines.
type page struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *page) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// laneOrder returns the places of the modules in the order in which they begin.
func laneOrder(modules []tree.Module) []int {
	turn := func(i int) int {
		if modules[i].Dir == "." {
			return -1
		}
		if at := slices.Index(early, modules[i].Dir); at >= 0 {
			return at
		}
		return len(early)
	}
	order := make([]int, len(modules))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return turn(a) - turn(b) })
	return order
}
