package main

import (
	"fmt"
	"time"
)

// progress says how far long work has come, on standard error: on a terminal a line that is written over, five times a second;
// elsewhere a line every five seconds, so that short work says nothing.
type progress struct {
	tool  *tool
	what  string // "records listed"
	begun time.Time
	last  time.Time
	wrote bool
	n     int
}

const (
	terminalStep = 200 * time.Millisecond
	lineStep     = 5 * time.Second
)

func (t *tool) progress(what string) *progress {
	now := t.now()
	return &progress{tool: t, what: what, begun: now, last: now}
}

// add counts more that is done.
func (p *progress) add(n int) {
	p.n += n
	now := p.tool.now()
	step := lineStep
	if p.tool.terminal {
		step = terminalStep
	}
	if now.Sub(p.last) < step {
		return
	}
	p.last = now
	passed := now.Sub(p.begun)
	line := fmt.Sprintf("%d %s in %v, %.0f a second", p.n, p.what, passed.Round(time.Second), float64(p.n)/passed.Seconds())
	if p.tool.terminal {
		fmt.Fprintf(p.tool.err, "\r\x1b[K%s", line)
		p.wrote = true
		return
	}
	fmt.Fprintln(p.tool.err, line)
}

// end takes the line away, until more is said.
func (p *progress) end() {
	if p.wrote {
		p.wrote = false
		fmt.Fprint(p.tool.err, "\r\x1b[K")
	}
}
