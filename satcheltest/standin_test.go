package satcheltest_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// standIn is a test that says what it is told, so that an Example has one, and a test can see another fail. What it does
// not have panics.
type standIn struct {
	testing.TB // nil

	name      string
	artifacts string

	mu       sync.Mutex
	said     []string
	failed   bool
	cleanups []func()
}

func newTestOf(name string) *standIn { return &standIn{name: name} }

func (s *standIn) Helper()                  {}
func (s *standIn) Name() string             { return s.name }
func (s *standIn) Context() context.Context { return context.Background() }
func (s *standIn) ArtifactDir() string      { return s.artifacts }
func (s *standIn) Cleanup(f func())         { s.cleanups = append(s.cleanups, f) }

func (s *standIn) Failed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

func (s *standIn) Errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed, s.said = true, append(s.said, fmt.Sprintf(format, args...))
}

func (s *standIn) Error(args ...any) { s.Errorf("%s", fmt.Sprint(args...)) }

func (s *standIn) Fatalf(format string, args ...any) {
	s.Errorf(format, args...)
	runtime.Goexit()
}

// end does what follows a test's end.
func (s *standIn) end() {
	for _, f := range slices.Backward(s.cleanups) {
		f()
	}
}

// fails runs f as a test of its own and checks that it fails, with a text that has all of the parts, and ends where want
// says so.
func fails(t *testing.T, ends bool, f func(t testing.TB), parts ...string) {
	t.Helper()
	inner := &standIn{name: t.Name() + " inner", artifacts: t.TempDir()}
	ended := true
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(inner)
		ended = false
	}()
	<-done
	inner.end()
	said := strings.Join(inner.said, "\n")
	if !inner.Failed() {
		t.Errorf("the test passes, and should say %q", parts)
	}
	if ended != ends {
		t.Errorf("the test ended: %v, want %v", ended, ends)
	}
	for _, part := range parts {
		if !strings.Contains(said, part) {
			t.Errorf("the test says %q, and nothing of %q", said, part)
		}
	}
}

// tempDir returns a folder for an Example, and what removes it.
func tempDir() (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "satcheltest")
	if err != nil {
		panic(err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }
}
