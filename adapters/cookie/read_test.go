package cookie

import (
	"strings"
	"testing"
)

// However a field is made, find looks at each octet a bounded number of times: what its index function is given to
// search adds up to the field's length.
func TestFindIsLinear(t *testing.T) {
	for _, piece := range []string{
		";", "=", " ", "\t;", "x", "__Host-cart", "__Host-cart=", "__Host-cart ;", "__Host-cart=v; ",
		"__Host-cart \t \t", "\x00", "\xff;",
	} {
		field := strings.Repeat(piece, 1<<20/len(piece))
		searched := 0
		find([]string{field}, "__Host-cart", func(s string, b byte) int {
			i := strings.IndexByte(s, b)
			if i < 0 {
				searched += len(s)
			} else {
				searched += i + 1
			}
			return i
		})
		if searched > len(field) {
			t.Errorf("%q: searched %d octets of %d", piece, searched, len(field))
		}
	}
}

func TestLoopbackHost(t *testing.T) {
	for _, host := range []string{
		"localhost", "localhost:8080", "LocalHost", "a.localhost", "a.b.localhost:80", "127.0.0.1", "127.0.0.1:8080",
		"127.255.255.254",
		"[::1]", "[::1]:8080", "[::ffff:127.0.0.1]:80", "localhost:",
	} {
		if !LoopbackHost(host) {
			t.Errorf("%q is this machine", host)
		}
	}
	for _, host := range []string{
		"", ":80", "shop.example", "notlocalhost", "localhost.shop.example", "127.0.0.1.shop.example", "localhost.",
		".localhost", "a..localhost",
		"evil/.localhost", "a@localhost", "localho\u017ft", "10.0.0.1", "0.0.0.0", "[::]", "::1", "[::1", "[::1]x",
		"[::1]:x", "[127.0.0.1]", "[localhost]",
		"[::1%lo]", "128.0.0.1", "127.1", "0177.0.0.1", "2130706433", "localhost:80:80", "localhost:http", "localhost, shop.example",
	} {
		if LoopbackHost(host) {
			t.Errorf("%q is not this machine", host)
		}
	}
}
