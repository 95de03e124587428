package nethttp

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// abilities is what a ResponseWriter can do besides the three methods that all have. Programs find it by asserting
// interfaces and choose their ways by it, so a writer shows what its inner one shows and nothing else.
type abilities uint8

const (
	canFlush  abilities = 1 << iota // http.Flusher, and FlushError with it
	canHijack                       // http.Hijacker
	canRead                         // io.ReaderFrom
	canPush                         // http.Pusher
	canNotify                       // closeNotifier
)

// closeNotifier is http.CloseNotifier, which is deprecated.
type closeNotifier interface{ CloseNotify() <-chan bool }

// abilitiesOf returns what inner can do. For flushing and hijacking that is what http.ResponseController reaches, be it
// through Unwrap: were they shown only when inner itself has them, the controller would walk past us to them, and the
// header would leave without a commit.
func abilitiesOf(inner http.ResponseWriter) abilities {
	var a abilities
	if _, ok := inner.(io.ReaderFrom); ok {
		a |= canRead
	}
	if _, ok := inner.(http.Pusher); ok {
		a |= canPush
	}
	if _, ok := inner.(closeNotifier); ok {
		a |= canNotify
	}
	const sought = canFlush | canHijack
	for a&sought != sought {
		switch inner.(type) {
		case http.Flusher, interface{ FlushError() error }:
			a |= canFlush
		}
		if _, ok := inner.(http.Hijacker); ok {
			a |= canHijack
		}
		outer, ok := inner.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		inner = outer.Unwrap()
	}
	return a
}

// One type for each set of abilities, named by the letters of the methods it adds. Each is a struct of one pointer, which
// an interface holds without an allocation, and each adds one method to the set that it embeds.
//
// What net/http has is among them: its HTTP/1.1 server is http1, its HTTP/2 server http2, httptest.ResponseRecorder F,
// and the writer of http.TimeoutHandler P.
type (
	bare struct{ *writer }
	wF   struct{ bare }
	wH   struct{ bare }
	wFH  struct{ wF }
	wR   struct{ bare }
	wFR  struct{ wF }
	wHR  struct{ wH }
	wFHR struct{ wFH }

	wP    struct{ bare }
	wFP   struct{ wF }
	wHP   struct{ wH }
	wFHP  struct{ wFH }
	wRP   struct{ wR }
	wFRP  struct{ wFR }
	wHRP  struct{ wHR }
	wFHRP struct{ wFHR }

	// Only these two notify: code old enough to ask for it was written for the servers of net/http, and may assert it
	// without asking.
	http1 struct{ wFHR }
	http2 struct{ wFP }
)

// Flush commits and flushes what was written.
func (w wF) Flush() { _ = w.flush() }

// FlushError is Flush for http.ResponseController.
func (w wF) FlushError() error { return w.flush() }

// Hijack commits and hands over the connection.
func (w wH) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

// Hijack commits and hands over the connection.
func (w wFH) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

// ReadFrom commits and lets the inner writer copy src.
func (w wR) ReadFrom(src io.Reader) (int64, error) { return w.readFrom(src) }

// ReadFrom commits and lets the inner writer copy src.
func (w wFR) ReadFrom(src io.Reader) (int64, error) { return w.readFrom(src) }

// ReadFrom commits and lets the inner writer copy src.
func (w wHR) ReadFrom(src io.Reader) (int64, error) { return w.readFrom(src) }

// ReadFrom commits and lets the inner writer copy src.
func (w wFHR) ReadFrom(src io.Reader) (int64, error) { return w.readFrom(src) }

// Push promises another response; it does not commit this one.
func (w wP) Push(target string, o *http.PushOptions) error { return w.push(target, o) }

// Push promises another response; it does not commit this one.
func (w wFP) Push(target string, o *http.PushOptions) error { return w.push(target, o) }

// Push promises another response; it does not commit this one.
func (w wHP) Push(target string, o *http.PushOptions) error { return w.push(target, o) }

// Push promises another response; it does not commit this one.
func (w wFHP) Push(target string, o *http.PushOptions) error { return w.push(target, o) }

// Push promises another response; it does not commit this one.
func (w wRP) Push(target string, o *http.PushOptions) error { return w.push(target, o) }

// Push promises another response; it does not commit this one.
func (w wFRP) Push(target string, o *http.PushOptions) error { return w.push(target, o) }

// Push promises another response; it does not commit this one.
func (w wHRP) Push(target string, o *http.PushOptions) error { return w.push(target, o) }

// Push promises another response; it does not commit this one.
func (w wFHRP) Push(target string, o *http.PushOptions) error { return w.push(target, o) }

// CloseNotify tells when the client has gone.
func (w http1) CloseNotify() <-chan bool { return w.closeNotify() }

// CloseNotify tells when the client has gone.
func (w http2) CloseNotify() <-chan bool { return w.closeNotify() }

// advertising returns w as the type that shows exactly a.
func (w *writer) advertising(a abilities) http.ResponseWriter {
	b := bare{w}
	switch a {
	case canFlush | canHijack | canRead | canNotify:
		return http1{wFHR{wFH{wF{b}}}}
	case canFlush | canPush | canNotify:
		return http2{wFP{wF{b}}}
	}
	switch a &^ canNotify {
	case canFlush:
		return wF{b}
	case canHijack:
		return wH{b}
	case canFlush | canHijack:
		return wFH{wF{b}}
	case canRead:
		return wR{b}
	case canFlush | canRead:
		return wFR{wF{b}}
	case canHijack | canRead:
		return wHR{wH{b}}
	case canFlush | canHijack | canRead:
		return wFHR{wFH{wF{b}}}
	case canPush:
		return wP{b}
	case canFlush | canPush:
		return wFP{wF{b}}
	case canHijack | canPush:
		return wHP{wH{b}}
	case canFlush | canHijack | canPush:
		return wFHP{wFH{wF{b}}}
	case canRead | canPush:
		return wRP{wR{b}}
	case canFlush | canRead | canPush:
		return wFRP{wFR{wF{b}}}
	case canHijack | canRead | canPush:
		return wHRP{wHR{wH{b}}}
	case canFlush | canHijack | canRead | canPush:
		return wFHRP{wFHR{wFH{wF{b}}}}
	}
	return b
}
