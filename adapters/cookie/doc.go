// Package cookie spells cookies: it finds ours in Cookie header fields and writes Set-Cookie lines, after RFC 6265bis
// (draft 22, whose sections the comments name).
//
// It is pure. It moves text in and out, and knows neither a framework, nor a clock, nor what a token means:
//
//	c, err := cookie.Config{}.Compile("cart")                        // __Host-cart; everything wrong, listed at once
//	first, second, count := c.Find(r.Header["Cookie"])               // in: never an error, whatever bytes arrive
//	line, err := c.Set(token, cookie.MaxAge(until, now))             // out: a whole line, or nothing
//	h["Set-Cookie"] = append(cookie.Without(h["Set-Cookie"], c.Name()), line)
//
// # Rules
//
// The zero [Config] is the safe one: __Host- prefix, Secure, HttpOnly, SameSite=Lax, Path=/. Each weaker choice has a
// name of its own, and a cookie that a browser would refuse or drop is refused when it is compiled, not when it is lost.
//
// Names are compared octet by octet. Only SP and HTAB are trimmed, because only those are whitespace in the grammar
// (BWS and OWS of RFC 9110, section 5.6.3); trimming more would let "\u2000__Host-cart", which a browser takes for an
// unprefixed name, pass for ours. There is no $Version, no quoted-string and no comma: the syntax of RFC 2109 and RFC 2965
// is not read.
//
// The order of cookies proves nothing (section 4.2.2): where one name comes twice, both values are handed out and the
// count says so. Whoever knows what a token is tries them.
//
// Reading a field takes time linear in its length and no memory, whatever it holds. Values are slices of the field.
//
// A line is written whole or not at all. Whether a value fits depends on its length alone, never on the time left.
//
// Values never show in an error.
package cookie
