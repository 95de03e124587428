package satchelfiber

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/store"
)

// TestSameCookiesAsNetHTTP: whatever a client writes into its Cookie fields, the tokens found are those that are found
// under net/http, to the byte. What one of the servers refuses to read it never hands to anybody.
func TestSameCookiesAsNetHTTP(t *testing.T) {
	kind := satchel.NewKind[int]("cart")
	d := newDoor(Config{}, satchel.Must(satchel.New(kind.ServerSide(store.NewMemory()))))
	c := d.transports[0].Cookie
	parts := []string{
		"__Host-cart", "__Host-cart=", "=", ";", "; ", " ", "\t", `"`, `\`, ",", "A", "B", "AB", "x=1", "__host-cart=C", "%zz", "é",
		"\xff", "\r\nCookie: ", "\r\ncookie:", "__Host-cart=A; ", `__Host-cart="A"`, "$Version=1",
	}
	random := rand.New(rand.NewPCG(1, 2))
	read, found := 0, 0
	for range 20_000 {
		var b strings.Builder
		b.WriteString("GET / HTTP/1.1\r\nHost: a.example\r\nCookie: ")
		for range random.IntN(12) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		b.WriteString("\r\n\r\n")
		text := b.String()

		theirs, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
		if err != nil {
			continue
		}
		var fast fasthttp.RequestHeader
		if err := fast.Read(bufio.NewReader(bytes.NewReader([]byte(text)))); err != nil {
			continue
		}
		first, second, count := c.Find(theirs.Header["Cookie"])
		fastFirst, fastSecond, fastCount := c.Find([]string{d.ours(&fast)})
		if first != fastFirst || second != fastSecond || count != fastCount {
			t.Fatalf("%q: %q, %q, %d; under net/http %q, %q, %d", text, fastFirst, fastSecond, fastCount, first, second, count)
		}
		if read++; count > 0 {
			found++
		}
	}
	if read < 10_000 || found < 4_000 {
		t.Errorf("of 20000 fields %d were read, and %d had a token", read, found)
	}
}
