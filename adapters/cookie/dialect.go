package cookie

import "errors"

// Dialect spells a cookie as a program of another make does, so that both read each other's. It is for the compat rooms:
// such a cookie has none of this package's defaults and is held to none of its rules but the dialect's own.
//
// It is immutable and serves many goroutines at once.
type Dialect interface {
	// Check returns everything that is wrong with the dialect. The other methods are called only if it returns nil.
	Check() error
	// Name is the cookie's name.
	Name() string
	// MaxValue is the length in octets of the longest value that may fit, for a limit at set-up; Set has the last word.
	MaxValue() int
	// Find is [Cookie.Find], and it decodes: a value that cannot be decoded counts, and is "". It takes time and memory in
	// proportion to the fields, whatever they hold.
	Find(fields []string) (first, second string, count int)
	// Set returns the line that gives the client a value at now, Unix milliseconds; or a [*SizeError], or [ErrValue] if
	// the value would not come back as it is.
	Set(value string, now int64) (line string, err error)
	// Clear returns the line that takes the cookie away.
	Clear() string
	// String describes the cookie without its value.
	String() string
}

// compileDialect returns the cookie of a dialect, which takes the place of all other fields.
func (c Config) compileDialect() (*Cookie, error) {
	if c.Name+c.Domain+c.Path != "" || c.SameSite != Lax || c.InsecureLoopback || c.ScriptReadable || c.Partitioned ||
		c.BrowserSession || c.Budget != 0 || len(c.Extensions) > 0 {
		return nil, errors.New("cookie: a Dialect leaves no room for other fields")
	}
	if err := c.Dialect.Check(); err != nil {
		return nil, err
	}
	c.Name = c.Dialect.Name()
	return &Cookie{config: c, dialect: c.Dialect, clear: c.Dialect.Clear(), maxValue: c.Dialect.MaxValue()}, nil
}

// Send returns the line that gives the client a value at now and until then, both Unix milliseconds: [Cookie.Set] with
// [MaxAge], or what the dialect makes of it, whose cookies have a life of their own.
func (c *Cookie) Send(value string, until, now int64) (line string, err error) {
	if c.dialect != nil {
		return c.dialect.Set(value, now)
	}
	return c.Set(value, MaxAge(until, now))
}
