package live_test

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/compat/ktor"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
)

// specials are the ways that Main.kt's fun Route.attributes has.
func specials(directory store.Store) []way {
	all := []way{
		{path: "/attributes/all", config: ktor.Config[User]{Cookie: ktor.Cookie{
			Domain: "example.org", Path: "/shop", Secure: true, ScriptReadable: true, SameSite: ktor.Strict, MaxAge: 5 * time.Second,
			Extensions: []string{"Priority=High", "Flag"},
		}}},
		{path: "/attributes/browser", config: ktor.Config[User]{Cookie: ktor.Cookie{MaxAge: ktor.BrowserSession}}},
		{path: "/attributes/once", config: ktor.Config[User]{Cookie: ktor.Cookie{MaxAge: ktor.AtOnce}}},
		{path: "/attributes/long", config: ktor.Config[User]{Cookie: ktor.Cookie{MaxAge: 100 * 365 * 24 * time.Hour}}},
		{path: "/identity", config: ktor.Config[User]{RiskyIDs: true, LostUpdates: true}, store: directory},
	}
	for _, name := range []string{"strict", "old"} {
		chain := transformers[map[string]string{"strict": "encrypt128", "old": "old"}[name]]
		all = append(all, way{path: "/encrypt/" + name, config: ktor.Config[User]{Serializer: serializers["reflection"], Transform: chain}})
	}
	return all
}

var expires = regexp.MustCompile(`; Expires=([^;]*)`)

// What the attributes are, and Expires within the seconds that a test takes.
func (b both) attributes(t *testing.T) {
	for _, name := range []string{"all", "browser", "once", "long"} {
		var lines [2]string
		var dates [2]time.Time
		for i, server := range []string{b.ktor, b.satchel} {
			c := &client{t: t}
			lines[i] = c.get(server, "/attributes/"+name+"/set", second.query()).sent
			if m := expires.FindStringSubmatch(lines[i]); m != nil {
				var err error
				if dates[i], err = http.ParseTime(m[1]); err != nil {
					t.Error(server, err)
				}
				lines[i] = expires.ReplaceAllString(lines[i], "; Expires=")
			}
		}
		if lines[0] != lines[1] || lines[0] == "" {
			t.Errorf("%s:\n%s\n%s", name, lines[0], lines[1])
		}
		if d := dates[1].Sub(dates[0]); d < 0 || d > time.Minute {
			t.Errorf("%s expires at %v and %v", name, dates[0], dates[1])
		}
		// Clearing what came.
		var cleared [2]string
		for i, server := range []string{b.ktor, b.satchel} {
			pair, _, _ := strings.Cut(lines[i], "; ")
			c := &client{t: t, held: pair}
			cleared[i] = c.get(server, "/attributes/"+name+"/clear", nil).sent
		}
		if cleared[0] != cleared[1] || cleared[0] == "" {
			t.Errorf("clearing %s:\n%s\n%s", name, cleared[0], cleared[1])
		}
	}
}

// reads tells what each server makes of a cookie.
func (b both) reads(t *testing.T, path, value string) (theirs, ours answer) {
	t.Helper()
	pair := "SESSION=" + url.QueryEscape(value)
	c, d := &client{t: t, held: pair}, &client{t: t, held: pair}
	return c.get(b.ktor, path+"/get", nil), d.get(b.satchel, path+"/get", nil)
}

// A token of Ktor up to 2.3 is read where that is switched on, and only there.
func (b both) before300(t *testing.T) {
	token := sealedBefore300(`cart=%23cl%23stea&userId=%23sid2&visits=%23i3`)
	for path, want := range map[string]string{"/encrypt/old": "id2|tea|3", "/encrypt/strict": "none"} {
		if k, s := b.reads(t, path, token); k.body != want || s.body != want || s.sent != "" {
			t.Errorf("%s: Ktor reads %q, Satchel %q, want %q", path, k.body, s.body, want)
		}
	}
}

// Whoever changes the IV changes the first block: that is Ktor's format, and this is the proof of what Encrypt's comment says.
func (b both) forged(t *testing.T) {
	out, err := encrypt(16, time.Time{}).Out(core.Frame{}, counting(0, 16), nil, []byte(`cart=%23cl%23stea&userId=%23sid2&visits=%23i3`))
	if err != nil {
		t.Fatal(err)
	}
	ivText, rest, _ := strings.Cut(string(out), "/")
	iv, err := hex.DecodeString(ivText)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []byte("gi") { // for the "te" that ends the first block
		iv[14+i] ^= c ^ "te"[i]
	}
	k, s := b.reads(t, "/encrypt/strict", hex.EncodeToString(iv)+"/"+rest)
	if want := "id2|gia|3"; k.body != want || s.body != want {
		t.Errorf("Ktor reads %q, Satchel %q, want %q", k.body, s.body, want)
	}
}

// What cannot be decoded is an error of the server's in Ktor, and an ordinary visitor here; a bad tag is one in both.
func (b both) broken(t *testing.T) {
	for _, held := range []string{"SESSION=%zz", "SESSION=%", "SESSION=%2"} {
		k, s := &client{t: t, held: held}, &client{t: t, held: held}
		if a := k.get(b.ktor, "/encrypt/strict/get", nil); a.status != http.StatusInternalServerError {
			t.Errorf("Ktor mended %s: %d", held, a.status)
		}
		if a := s.get(b.satchel, "/encrypt/strict/get", nil); a.status != http.StatusOK || a.body != "none" || a.sent != "" {
			t.Errorf("%s: %d, %q, sent %q", held, a.status, a.body, a.sent)
		}
	}
	for _, value := range []string{"INVALID", "abc/abc:abc", "/", ":"} {
		if k, s := b.reads(t, "/encrypt/strict", value); k.body != "none" || s.body != "none" || k.sent != "" || s.sent != "" {
			t.Errorf("%s: Ktor %+v, Satchel %+v", value, k, s)
		}
	}
}

// An ID that the request chooses names one file for both.
func (b both) identity(t *testing.T) {
	for i, server := range []string{b.ktor, b.satchel} {
		other := []string{b.satchel, b.ktor}[i]
		c := &client{t: t, extra: http.Header{"X-Id": {"ann 1"}}}
		if a := c.get(server, "/identity/set", second.query()); !strings.HasPrefix(a.sent, "SESSION=ann+1; ") {
			t.Errorf("%s sent %q (%d %s)", server, a.sent, a.status, a.body)
		}
		if a := c.get(other, "/identity/get", nil); a.body != second.text() {
			t.Errorf("%s reads %q", other, a.body)
		}
		if a := c.get(other, "/identity/clear", nil); c.held != "" {
			t.Errorf("%s sent %q", other, a.sent)
		}
	}
}
