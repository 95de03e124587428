package satcheltest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/satcheltest"
)

// FuzzJar answers with any Set-Cookie line. What the jar keeps, net/http reads from the line as well, and it is sent back once, as it
// came; what it drops or takes away is not sent; a line that expires it leaves nothing.
func FuzzJar(f *testing.F) {
	for _, line := range []string{
		"", "=", "a", "a=1", "__Host-a=1; Path=/; Secure", "__Host-a=1; Path=/x; Secure", "a=1; Max-Age=0", "a=1; Max-Age=-", "a=1; Max-Age=99999999999999999999", "a=1; Domain=.example",
		"a=1; Domain=a.example", "a=1; Domain=b.a.example", `a="1"`, "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=1; SameSite=None", "a=1\x00", " a =\t1 ; path", "a=b=c; Path=/x/../y",
		"=__Host-a=1", "a=1; Partitioned", "é=ü", `0=" "`, strings.Repeat("v", 4097) + "=",
	} {
		f.Add(line)
	}
	at := &url.URL{Scheme: "https", Host: "a.example", Path: "/"}
	f.Fuzz(func(t *testing.T, line string) {
		jar := satcheltest.NewJar(func() time.Time { return satcheltest.Start })
		dropped := jar.Receive(at, line)
		sent := jar.Cookies(at)
		if len(sent) > 1 || dropped != nil && len(sent) > 0 {
			t.Fatalf("%q: dropped %v, and %d are sent", line, dropped, len(sent))
		}
		if len(sent) == 0 {
			return
		}
		name, value := sent[0].Name, sent[0].Value
		if pair, _, _ := strings.Cut(line, ";"); !strings.Contains(pair, name) || !strings.Contains(pair, value) {
			t.Errorf("%q is sent back as %q=%q", line, name, value)
		}
		if theirs, err := http.ParseSetCookie(line); err == nil && theirs.Name == name && bare(theirs.Value) != bare(value) {
			t.Errorf("%q is sent back as %q, and net/http reads %q", line, value, theirs.Value)
		}
		// Every attribute is as it was, so the same cookie is meant.
		if err := jar.Receive(at, line+"; Max-Age=0"); err != nil || len(jar.Cookies(at)) > 0 {
			t.Errorf("%q: expired, it is still sent: %v", line, err)
		}
	})
}

// bare is a value without what net/http treats otherwise: it keeps the white space before a value, which browsers take away (RFC 6265,
// section 5.2), and takes away quotes, which they keep.
func bare(value string) string { return strings.Trim(value, " \t\"") }
