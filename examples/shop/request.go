package main

import "context"

// request is what a page needs of a request, whichever framework it came through. It is the context in which kinds work,
// so pages write carts.Get(r).
type request struct {
	context.Context

	path, host string
	form       func(name string) string // a field of the form or of the query
	field      func(name string) string // of the header
	cookie     func(name string) string
	body       func() ([]byte, error)
}

// answer is what a page answers.
type answer struct {
	status   int    // 0 is 200
	kind     string // Content-Type
	cache    string // Cache-Control
	location string
	retry    string // Retry-After
	body     []byte
}

// fields are the header fields of an answer that it has something in.
func (a answer) fields(set func(name, value string)) {
	for name, value := range map[string]string{
		"Content-Type": a.kind, "Cache-Control": a.cache, "Location": a.location, "Retry-After": a.retry,
	} {
		if value != "" {
			set(name, value)
		}
	}
}

// handler answers a request, or fails. What it returns then goes to fail.
type handler func(r request) (answer, error)

// answer asks a handler.
func (s *shop) answer(r request, h handler) answer {
	a, err := h(r)
	if err != nil {
		return s.fail(r, err)
	}
	return a
}
