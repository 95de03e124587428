package answer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/core"
)

// ErrInsecure: a cookie for plain http on loopback was to be sent to another host.
var ErrInsecure = errors.New("satchel: the cookie is for plain http on loopback only (InsecureLoopback), and this is another host")

// StatusOf returns the HTTP status that answers a failed commit: 503 for an outage or a token that came too late, 409 for a change
// that met another one (an end, an ambiguous token and too many sessions of one subject among them), 413 for a session that is
// too large, 421 for a host that an insecure cookie must not go to, else 500.
func StatusOf(err error) int {
	var size *core.TooLargeError
	var long *cookie.SizeError
	switch {
	case errors.Is(err, satchel.ErrUnavailable), errors.Is(err, satchel.ErrTooLate):
		return 503
	case errors.Is(err, satchel.ErrConflict), errors.Is(err, satchel.ErrEnded), errors.Is(err, satchel.ErrAmbiguous),
		errors.Is(err, satchel.ErrTooMany):
		return 409
	case errors.As(err, &size), errors.As(err, &long):
		return 413
	case errors.Is(err, ErrInsecure):
		return 421
	}
	return 500
}

// Reason returns what the answer to a failed commit says in place of its status's text, or "" if it says that: of an insecure cookie
// ErrInsecure's text, and of middlewares that differ in their tenants that of satchel.ErrTenant. They hold no secret and tell whoever
// develops what is wrong with the set-up.
func Reason(err error) string {
	for _, fault := range []error{ErrInsecure, satchel.ErrTenant} {
		if errors.Is(err, fault) {
			return fault.Error()
		}
	}
	return ""
}

// Trusts reports whether a transport's tokens may travel with a request to host at all, in or out: an insecure cookie
// stays on this machine.
func Trusts(t satchel.Transport, host string) bool {
	return t.Cookie == nil || !t.Cookie.InsecureLoopback() || cookie.LoopbackHost(host)
}

// MaySend is Trusts for a [satchel.Sender]: it returns an error that is ErrInsecure, or nil.
func MaySend(t satchel.Transport, host string) error {
	if Trusts(t, host) {
		return nil
	}
	return fmt.Errorf("%w: kind %q", ErrInsecure, t.Kind)
}

// SetCookie returns the Set-Cookie line of an outcome that sends or clears a token by cookie.
func SetCookie(o *satchel.Outcome) (string, error) {
	if o.Action == core.SendClear {
		return o.Transport.Cookie.Clear(), nil
	}
	return o.Transport.Cookie.Send(string(o.Token), o.Until, o.Now)
}

// Varies returns the name of the field that an answer varies by when a session of this transport was used.
func Varies(t satchel.Transport) string {
	if t.Cookie != nil {
		return "Cookie"
	}
	return t.Header
}

// CacheControl returns what the field is to be set to, or "" if it stays as it is. Sent says whether a token is sent or
// cleared, has whether the handler's answer has the field.
func CacheControl(sent, has bool) string {
	switch {
	case sent:
		return "no-store"
	case !has:
		return "private"
	}
	return ""
}

// Targeted reports whether a field tells some caches what to do, over the head of Cache-Control (RFC 9213, section 2.1, and
// its forerunner). An answer that sends or clears a token must not have such a field.
func Targeted(name string) bool {
	const suffix = "-Cache-Control"
	return len(name) > len(suffix) && strings.EqualFold(name[len(name)-len(suffix):], suffix) ||
		strings.EqualFold(name, "Surrogate-Control")
}

// Lists reports whether the lines of a field that is a comma-separated list (RFC 9110, section 5.6.1) name an element, in
// any case, or are "*".
func Lists(lines []string, element string) bool {
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			part = strings.Trim(part, " \t")
			// Of equal length, because in Unicode the Kelvin sign is a k as well.
			if part == "*" || len(part) == len(element) && strings.EqualFold(part, element) {
				return true
			}
		}
	}
	return false
}
