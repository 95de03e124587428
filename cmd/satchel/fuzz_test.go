package main

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
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
		value, spelling := asJSON(payload)
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

// FuzzURL reads any text as a store's URL. Its parameter of ours is taken out, and the rest is as it was; an error quotes nothing, for there may be
// a password in it.
func FuzzURL(f *testing.F) {
	for _, address := range []string{
		"postgres://ann:secret@db:5432/shop?table=carts&sslmode=disable", "redis://:secret@[::1]:6379/2?prefix=a%3Ab", "redis://a:b%zz@c", "mysql://db?table=a&table=b", "://",
		"unix:/run/redis?prefix=", "postgres://db/x?table=%zz&a=b", "redis://h?a;b", "\x00", "postgres://u:p%40ss@h/?table=",
	} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		before, wrong := url.Parse(address)
		value, u, err := cutParameter(address, "table")
		if (err != nil) != (wrong != nil) {
			t.Fatalf("%v and %v", err, wrong)
		}
		if err != nil {
			if err.Error() != "the URL cannot be read" {
				t.Errorf("the error says %q", err)
			}
			return
		}
		want, got := before.Query(), u.Query()
		if value != want.Get("table") || got.Has("table") {
			t.Errorf("%q gives %q and leaves %q", address, value, got)
		}
		want.Del("table")
		after := *before
		after.RawQuery = want.Encode()
		if u.String() != after.String() || u.User.String() != before.User.String() {
			t.Error("something else has changed")
		}
	})
}
