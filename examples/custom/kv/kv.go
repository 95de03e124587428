// Package kv is a store of a user's own, over an engine of the kind that many companies have: values under keys, each with a version,
// and a write that names the version which it replaces (etcd, Consul, NATS JetStream and DynamoDB are such).
package kv

import (
	"context"
	"errors"
	"strings"
	"sync"
)

// Engine is what the store asks of such an engine.
type Engine interface {
	// Get returns a value and its version, or version 0 where there is none.
	Get(ctx context.Context, key string) (value string, version uint64, err error)
	// Put writes a value if the key's version is still the one named, 0 for a key that has none, and reports whether it did.
	Put(ctx context.Context, key, value string, version uint64) (bool, error)
	// Delete removes a key if its version is still the one named, and reports whether it did.
	Delete(ctx context.Context, key string, version uint64) (bool, error)
}

// InMemory is an Engine for tests.
type InMemory struct {
	mu     sync.Mutex
	values map[string]versioned
	last   uint64
	closed bool
}

type versioned struct {
	value   string
	version uint64
}

var errClosed = errors.New("kv: closed")

// Close makes every call fail, as that of an engine which is away.
func (e *InMemory) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	return nil
}

// begin takes the lock, or says why it does not.
func (e *InMemory) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return errClosed
	}
	if e.values == nil {
		e.values = map[string]versioned{}
	}
	return nil
}

// Get returns a value and its version.
func (e *InMemory) Get(ctx context.Context, key string) (string, uint64, error) {
	if err := e.begin(ctx); err != nil {
		return "", 0, err
	}
	defer e.mu.Unlock()
	v := e.values[key]
	return v.value, v.version, nil
}

// Put writes a value.
func (e *InMemory) Put(ctx context.Context, key, value string, version uint64) (bool, error) {
	if err := e.begin(ctx); err != nil {
		return false, err
	}
	defer e.mu.Unlock()
	if e.values[key].version != version {
		return false, nil
	}
	e.last++
	e.values[strings.Clone(key)] = versioned{value, e.last} // the caller's key may be part of a large buffer
	return true, nil
}

// Delete removes a key.
func (e *InMemory) Delete(ctx context.Context, key string, version uint64) (bool, error) {
	if err := e.begin(ctx); err != nil {
		return false, err
	}
	defer e.mu.Unlock()
	if v, ok := e.values[key]; !ok || v.version != version {
		return false, nil
	}
	delete(e.values, key)
	return true, nil
}
