package main

// loop runs steps one after another, on the goroutine of its run. Whatever the steps share needs no lock. A step does not
// wait: what takes long runs beside the loop and posts a step when it is done.
type loop struct {
	steps chan func()
	open  int // things under way that will post a step
}

func newLoop() *loop { return &loop{steps: make(chan func())} }

// post hands the loop a step, from another goroutine.
func (l *loop) post(step func()) { l.steps <- step }

// begin and end frame what is under way. They are called by steps, and begin also before run.
func (l *loop) begin() { l.open++ }
func (l *loop) end()   { l.open-- }

// run runs steps until nothing is under way.
func (l *loop) run() {
	for l.open > 0 {
		step := <-l.steps
		step()
	}
}
