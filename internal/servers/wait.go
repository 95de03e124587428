//go:build unix

package servers

import (
	"bytes"
	"sync"
	"testing"
	"time"
)

// lookout waits for words in what a program prints.
type lookout struct {
	mu    sync.Mutex
	words []byte
	all   []byte
	found chan struct{}
	once  sync.Once
}

// Write takes what the program prints.
func (l *lookout) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, p...)
	if bytes.Contains(l.all, l.words) {
		l.once.Do(func() { close(l.found) })
	}
	return len(p), nil
}

func (l *lookout) said() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.all)
}

// Eventually waits for a condition that nothing announces.
func Eventually(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(Patience)
	for !is() {
		select {
		case <-tick.C:
		case <-late:
			tb.Fatal("in vain until now:", what)
		}
	}
}
