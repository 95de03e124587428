package nethttp_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/satchel-go/satchel"
)

// Whatever sends the header first sends the cookie, and after a failed commit nothing of the handler's answer is sent.
// TestLateChanges and TestHijackCommits have flushes and takeovers in full, TestCommitFailure the failures.
func TestFault08_HeadersLeaveWithoutTheCookie(t *testing.T) {
	for name, first := range map[string]func(http.ResponseWriter){
		"Flush":       func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
		"FlushError":  func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() },
		"103":         func(w http.ResponseWriter) { w.WriteHeader(103); w.(http.Flusher).Flush() },
		"WriteHeader": func(w http.ResponseWriter) { w.WriteHeader(200) },
		"Write":       func(w http.ResponseWriter) { _, _ = w.Write(nil) },
		"nothing":     func(http.ResponseWriter) {},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, start func(http.Handler) *site) {
				w := newWorld()
				p := start(w.shop(t, satchel.Options{}, pages{
					"/": func(rw http.ResponseWriter, r *http.Request) (string, error) {
						err := put(r, "tea")
						first(rw)
						return "", err
					},
					"/down": func(rw http.ResponseWriter, r *http.Request) (string, error) {
						err := put(r, "new")
						w.Down.Store(true)
						first(rw)
						_, _ = io.WriteString(rw, "the page")
						return "", err
					},
				})).person()
				p.Get("/").Says(t, 200, "").Sets(t, "__Host-cart")
				p.Get("/down").Says(t, 503, "Service Unavailable").Has(t, "Set-Cookie")
				w.Down.Store(false)
				p.Get("/show").Says(t, 200, "tea")
			})
		})
	}
}
