package main

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/internal/need"
)

// FuzzPayload shows any payload as JSON. What comes is always JSON: JSON as it is, and what is in no spelling that is known as base64 that
// gives it back.
func FuzzPayload(f *testing.F) {
	for _, payload := range []string{
		"", `{"a":1}`, "v3:{}", "v03:{}", "\xa1\x01\x80", "v2:\xa1\x01\x80", "\xa2\x01\x02\x611\x03", "\xff", "\xf9\x7e\x00", "\xa1\xf9\x7e\x00\x01", "\x82\x41\x00\xc0", "[1,",
		"\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00", "\xa1\x61\xff\x01", strings.Repeat("\x81", 33) + "\x00",
	} {
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		var value json.RawMessage
		var spelling string
		need.Proportion(t, len(payload), func() { value, spelling = asJSON(payload) })
		if !json.Valid(value) {
			t.Fatalf("%q is shown as %q, %s", payload, value, spelling)
		}
		if json.Valid([]byte(payload)) && (spelling != "JSON" || string(value) != payload) {
			t.Errorf("%q is shown as %q, %s", payload, value, spelling)
		}
		var b []byte
		if spelling == "bytes, as base64" && (json.Unmarshal(value, &b) != nil || string(b) != payload) {
			t.Errorf("%q is shown as %q", payload, value)
		}
	})
}

// FuzzURL reads any text as a store's URL. Each parameter is taken once and by its name, what nobody took is refused, the rest of the URL is as it
// was, and no error shows a password.
func FuzzURL(f *testing.F) {
	for _, address := range []string{
		"postgres://ann:secret99@db:5432/shop?table=carts&sslmode=disable", "redis://:secret99@[::1]:6379/2?prefix=a%3Ab", "redis://a:secret99%zz@c", "mysql://db?table=a&table=b",
		"://", "unix:/run/redis?prefix=", "postgres://db/x?table=%zz&a=b", "redis://h?a;b", "\x00", "postgres://u:p%40ss@h/?table=", "redis://a:secret99@h?addr=x&addr=y",
		"redis://a:secret99@h#secret99", "mysql://a:b?secret99@h", "postgres://a:secret99@h?x=secret99",
	} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, text string) {
		before, wrong := url.Parse(text)
		password := ""
		if wrong == nil {
			password, _ = before.User.Password()
		}
		tells := func(err error) bool { // a name of a parameter may be told, and that of a short password says nothing
			return err != nil && len(password) >= 8 && !strings.Contains(before.RawQuery, password) && strings.Contains(err.Error(), password)
		}
		var a address
		var err error
		need.Proportion(t, len(text), func() { a, err = readAddress(text) })
		if wrong != nil && (err == nil || err.Error() != errAddress.Error()) || tells(err) {
			t.Fatalf("a URL that cannot be read: %v", err)
		}
		if err != nil {
			return
		}
		if a.String() != before.String() {
			t.Error("something of the URL has changed")
		}
		var names []string
		for name := range before.Query() {
			names = append(names, name)
		}
		if err := only(a.parameters); (err == nil) != (len(names) == 0) || tells(err) {
			t.Errorf("%d parameters that nobody takes: %v", len(names), err)
		}
		if err := only(a.parameters, names...); err != nil {
			t.Error(err)
		}
		for _, name := range names {
			if a.take(name) != before.Query().Get(name) || a.take(name) != "" {
				t.Errorf("%q is not taken once", name)
			}
		}
		if err := only(a.parameters); err != nil {
			t.Error(err)
		}
	})
}
