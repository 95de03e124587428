// Package answer says what becomes of an HTTP answer for which sessions were used, whatever the framework. Adapters share
// it, so that they behave as one; the author of another adapter can, too.
//
// # Rules
//
// An answer that sends or clears a token is no-store, over whatever the handler said to whichever cache (RFC 9111, section
// 5.2.2.5, and RFC 9213). One for which a session was used varies by what the token travels in (RFC 9110, section 12.5.5),
// and is private unless the handler says otherwise. Nothing is added where no session was used.
//
// If a commit fails, the handler's answer is not sent: its body, what speaks of that, and how to keep it. Other fields
// stay, because they cannot be told from those of outer middleware.
package answer
