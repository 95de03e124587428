package adaptertest

import (
	"context"
	"io"
	"io/fs"
	"net"
	"testing"

	"github.com/satchel-go/satchel"
)

// Adapter is what the kit must know of an adapter.
type Adapter struct {
	// Serve serves site on l, which speaks TLS already, and returns at once. When the test ends the server ends. What is
	// served is as a program would have it: a panic ends in a 500 or a cut connection.
	Serve func(t testing.TB, l net.Listener, site Site)
	// HTTP2 says that the framework's server speaks HTTP/2 as well.
	HTTP2 bool
	// Upgrades says that the framework hands over connections, and that a Visit by HTTP/1.1 is an Upgrader.
	Upgrades bool
	// Deaf says that the framework does not notice when its client hangs up. Then all is done that a handler has wanted, a
	// rotation too, whose token reaches nobody.
	Deaf bool
}

// Site is what an adapter is to serve.
type Site struct {
	// Sessions are around every request. A request's tenant is what its header field X-Tenant says.
	Sessions *satchel.Sessions
	// Inside, unless it is nil, is around requests to paths under /inside/ as well, within Sessions. To it a request's tenant is
	// what X-Inside-Tenant says, where that was sent, and else what X-Tenant does: see InsideTenant.
	Inside *satchel.Sessions
	// Before, unless it is nil, is called for requests that Inside is around before that is entered, within Sessions.
	Before func(v Visit)
	// Gates are guards, within Sessions, each around what Handle answers under its path, such as /mine/.
	Gates map[string]Gate
	// Handle answers each request, whatever its method and path. A result that is not nil is to be answered as the
	// framework answers an error of a handler's that says its status and text.
	Handle func(v Visit) *HandlerError
}

// Gate is a guard, as the adapter's own type for it.
type Gate struct {
	Kind     satchel.Kind[Words]
	Validate func(ctx context.Context, w Words) (Principal, bool, error)
	// Redirect is where the challenge leads to, and Tell is what it answers. Without both it is the adapter's default.
	Redirect string
	Tell     func(why satchel.Authentication) *HandlerError
}

// Principal is whom a gate lets through.
type Principal struct{ Name string }

// HandlerError is an error that a handler returns, and how it is to be answered.
type HandlerError struct {
	Status int
	Text   string
}

// Error returns the text.
func (f *HandlerError) Error() string { return f.Text }

// Visit is a request as a framework's handler has it. Its methods are called one after the other.
type Visit interface {
	// Context is what the handler would hand to kinds.
	Context() context.Context
	// Sent returns a field of the request's header, or "".
	Sent(name string) string
	// Hint sends 103 Early Hints with this value of Link, at once.
	Hint(link string) error
	// Set sets a field of the answer's header, Add adds a line.
	Set(name, value string)
	Add(name, value string)
	// Status sets the status.
	Status(code int)
	// Commit commits the sessions before the answer is whole, in the framework's own way. The header may leave with that, or
	// later, and what is set after it then does or does not go along.
	Commit() error
	// Body sets the whole body. It is called once at the most, after what is above.
	Body(text string) error
	// Stream sends the header and then what body says, in the framework's own way to stream. Body runs when the header has
	// gone and the sessions are committed, also after Stream has returned; ctx is what the framework lets it use. It is the
	// last call.
	Stream(body func(ctx context.Context, say func(text string) error)) error
}

// Upgrader is a Visit of a framework that hands over connections.
type Upgrader interface {
	Visit
	// Upgrade answers 101 Switching Protocols, with what was set and the tokens, and hands over the connection. Serve runs when
	// that answer was sent, also after Upgrade has returned; ctx is what the framework lets it use. When it returns the
	// connection is closed. It is the last call.
	Upgrade(serve func(ctx context.Context, conn io.ReadWriter)) error
}

// Run runs all scenarios and cases of the kit through an adapter, and those of the folders more (*.txt).
func Run(t *testing.T, a Adapter, more ...fs.FS) {
	t.Helper()
	runScenarios(t, a, more)
	runCases(t, a)
}
