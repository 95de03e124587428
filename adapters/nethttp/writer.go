package nethttp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// committer is what a writer serves: the state of one request, which has something to say in the header of its response.
// Its methods are called with the writer locked, so they use inner and never the writer.
type committer interface {
	// commitHeaders is called at most once, before anything of the final response has left, and not at all if the handler
	// panics first. It adds its fields to inner.Header(), which it leaves alone if it has none: net/http copies the header
	// of a response whose Header was called. After an error nothing of the handler's answer is sent.
	commitHeaders(inner http.ResponseWriter) error

	// commitFailed writes the answer that the client gets in place of the handler's, after commitHeaders returned err.
	// The fields that described the handler's body are gone from the header. What it leaves without a status is a 500.
	commitFailed(answer http.ResponseWriter, err error)

	// tell writes the fields of commitHeaders once more, over what commitFailed has set. What it returns was returned before.
	tell(h http.Header) error
}

var (
	errSealed      = errors.New("nethttp: write after the handler has returned")
	errInterrupted = errors.New("nethttp: the commit did not end")
)

// writer is the ResponseWriter that a handler gets. It commits at the true header moment: before the first of the final
// WriteHeader, Write, WriteString, ReadFrom, Flush, FlushError or Hijack, or when the handler has returned without any.
// It is a value inside the state of its request, so that it costs no allocation; it must not be copied after begin.
//
// What leaves through a writer does so under its lock, so that a goroutine which outlives its handler either comes before
// the end of the request, and the end waits for it, or is refused. Outside the lock are ReadFrom's copy, because it runs
// the source's code, which may write or never end, and a header map that was handed out: there, as with a bare
// ResponseWriter, a goroutine that outlives its handler is the application's own race.
type writer struct {
	inner http.ResponseWriter
	hook  committer

	closed   atomic.Bool            // nothing of the handler's goes out any more
	lent     atomic.Bool            // the handler has had the header map
	encoding atomic.Pointer[string] // Content-Encoding as it found it, nil if there was none

	mu        sync.Mutex
	committed bool  // the hook was called
	err       error // of the commit
	answered  bool  // the client was told of it
}

// begin readies the writer and returns the ResponseWriter for the handler, which advertises what inner can do.
func (w *writer) begin(inner http.ResponseWriter, hook committer) http.ResponseWriter {
	w.inner, w.hook = inner, hook
	return w.advertising(abilitiesOf(inner))
}

// finish is called when the handler has returned. It commits if nothing has yet, and from then on the writer is sealed:
// later calls are errors and do not reach the inner writer.
func (w *writer) finish() {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.commit() // an error was answered by the hook
	if w.err != nil && !w.answered {
		w.fail(w.err) // the hook panicked and the handler recovered: to say nothing would be an empty 200
	}
	w.closed.Store(true)
}

// abandon is called instead of finish when the handler has panicked. It seals without a commit, and without waiting for
// a write that is under way: the connection is about to be cut, and a client that does not read must not delay that.
func (w *writer) abandon() { w.closed.Store(true) }

// commit calls the hook if it was not called yet, and returns why nothing may be sent. Its caller holds mu.
func (w *writer) commit() error {
	if err := w.refusal(); err != nil || w.committed {
		return err
	}
	w.committed = true
	ended := false
	defer func() {
		if !ended { // the hook panicked: what it would have said is lost, so nothing is sent without it
			w.err = errInterrupted
			w.closed.Store(true)
		}
	}()
	err := w.hook.commitHeaders(w.inner)
	ended = true
	if err != nil {
		w.fail(err)
	}
	return err
}

// refusal returns why the handler's calls no longer reach the inner writer, or nil if they do. Its caller holds mu.
func (w *writer) refusal() error {
	if w.err != nil {
		return w.err
	}
	if w.closed.Load() {
		return errSealed
	}
	return nil
}

// Header returns the header map of the response. Once the writer is closed it returns a map that nobody sends, so that
// the fields which a handler sets for its lost answer do not reach another.
func (w *writer) Header() http.Header {
	if w.closed.Load() {
		return http.Header{}
	}
	h := w.inner.Header()
	w.lend(h)
	return h
}

// lend remembers, once, what an outer writer says of the bytes that pass it. It does so when the handler asks for the
// header and not in begin, because asking costs a copy of the header later.
func (w *writer) lend(h http.Header) {
	if w.lent.Load() || !w.lent.CompareAndSwap(false, true) {
		return
	}
	if v := h["Content-Encoding"]; len(v) > 0 {
		w.encoding.Store(&v[0])
	}
}

// WriteHeader commits and sends the status. Informational ones pass without a commit, but for 101, which is final (RFC
// 9110, section 15.2).
func (w *writer) WriteHeader(code int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refusal() != nil {
		return
	}
	if informational(code) {
		w.inner.WriteHeader(code)
		return
	}
	if code < 100 || code > 999 {
		panic(fmt.Sprintf("nethttp: invalid WriteHeader code %d", code)) // as net/http does, but before the commit
	}
	if w.commit() == nil {
		w.inner.WriteHeader(code) // a second one too: the server logs it with its caller
	}
}

// Write commits and writes p.
func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.commit(); err != nil {
		return 0, err
	}
	return w.inner.Write(p)
}

// WriteString commits and writes s. It is there for every inner writer, for it means the same whether that has one or
// not.
func (w *writer) WriteString(s string) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.commit(); err != nil {
		return 0, err
	}
	return io.WriteString(w.inner, s)
}

// Unwrap returns the inner writer to http.ResponseController, for deadlines and full duplex. It finds no way around the
// commit there, because abilitiesOf looks along the same way.
func (w *writer) Unwrap() http.ResponseWriter { return w.inner }

// flush commits and flushes.
func (w *writer) flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.commit(); err != nil {
		return err
	}
	return http.NewResponseController(w.inner).Flush()
}

// hijack commits and hands over the connection. It commits first, because a failure can still be answered then; a
// protocol that writes its own 101 does not send the header that the commit filled.
func (w *writer) hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.commit(); err != nil {
		return nil, nil, err
	}
	return http.NewResponseController(w.inner).Hijack()
}

// readFrom commits and hands src as it is to the inner writer, which knows a file when it sees one.
func (w *writer) readFrom(src io.Reader) (int64, error) {
	if err := w.commitNow(); err != nil {
		return 0, err
	}
	return w.inner.(io.ReaderFrom).ReadFrom(src)
}

func (w *writer) commitNow() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.commit()
}

// push passes a promise on. It is a request of its own and no part of the response, so nothing is committed.
func (w *writer) push(target string, opts *http.PushOptions) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.refusal(); err != nil {
		return err
	}
	return w.inner.(http.Pusher).Push(target, opts)
}

// closeNotify returns the inner writer's channel, or one that never tells anything once the writer is closed: net/http
// panics then.
func (w *writer) closeNotify() <-chan bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refusal() != nil {
		return nil
	}
	return w.inner.(closeNotifier).CloseNotify()
}

// informational reports whether code announces a response that is still to come.
func informational(code int) bool {
	return code >= 100 && code <= 199 && code != http.StatusSwitchingProtocols
}
