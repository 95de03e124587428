package answer

import (
	"fmt"
	"html"
	"strings"
)

// Challenge is the WWW-Authenticate of a 401 that asks for a session (RFC 9110, section 11.6.1).
const Challenge = "Session"

// SeeOther returns what a 303 that leads to an address has: its Location, a URI reference with what is not ASCII escaped (RFC
// 9110, section 10.2.2), and its body, in HTML: the note for who does not follow that (section 15.4.4).
func SeeOther(address string) (location, note string) {
	var b strings.Builder
	for i := range len(address) {
		if c := address[i]; c > ' ' && c < 0x7f {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String(), `<a href="` + html.EscapeString(b.String()) + `">See Other</a>.` + "\n"
}
