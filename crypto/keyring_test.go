package crypto_test

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

func TestParseKeyring(t *testing.T) {
	want := "keyring(a:primary b:retiring)"
	a, b := encoded(1), encoded(2)
	for name, text := range map[string]string{
		"lines":            "a:primary:" + a + "\nb:retiring:" + b + "\n",
		"no last newline":  "a:primary:" + a + "\nb:retiring:" + b,
		"Windows lines":    "a:primary:" + a + "\r\nb:retiring:" + b + "\r\n",
		"commas":           "a:primary:" + a + ",b:retiring:" + b,
		"semicolons":       "a:primary:" + a + ";b:retiring:" + b + ";",
		"blanks":           "\t a : primary : " + a + " , ,, ; \n\n b:retiring:" + b + "  ",
		"comments":         "# one: two, three\na:primary:" + a + " # x:primary:" + b + "\n#\nb:retiring:" + b + "#, c",
		"comment, no keys": "a:primary:" + a + ",#b:pending:" + b + "\nb:retiring:" + b,
	} {
		ring, err := crypto.ParseKeyring(text)
		if err != nil || ring.String() != want {
			t.Errorf("%s: %v, %v", name, ring, err)
			continue
		}
		if got := ring.RevealText(); got != "a:primary:"+a+"\nb:retiring:"+b+"\n" {
			t.Errorf("%s: canonical text %q", name, got)
		}
	}
}

// An instant is kept, in its one spelling, and nothing else depends on it.
func TestKeyringSince(t *testing.T) {
	others := "b:retiring:" + encoded(2) + "\nc:pending:" + encoded(3) + ":281474976710655\n"
	text := "a:primary:" + encoded(1) + ":1794000000000\n" + others
	ring := parsed(t, " a : primary : "+encoded(1)+" : 1794000000000 # since noon\n"+others)
	if got := ring.RevealText(); got != text {
		t.Errorf("canonical text %q", got)
	}
	keys := ring.Keys()
	if keys[0].Since() != someNow || keys[1].Since() != 0 || keys[2].Since() != core.MaxInstant {
		t.Error(keys[0].Since(), keys[1].Since(), keys[2].Since())
	}
	if key := keys[0].As(crypto.Retiring); key.Since() != 0 {
		t.Error("another state, and still since", key.Since())
	}
	if key := keys[0].AsOf(crypto.Retiring, 5); key.State() != crypto.Retiring || key.Since() != 5 || keys[0].Since() != someNow {
		t.Error(key, key.Since())
	}
	undated := parsed(t, "a:primary:"+encoded(1))
	body := made(t, crypto.Seal(undated), frame(), "payload")
	if got, refusal := crypto.Seal(ring).In(frame(), nil, body); string(got) != "payload" || refusal != core.NotRefused {
		t.Error(got, refusal)
	}
}

func TestParseKeyringRefuses(t *testing.T) {
	short, long := base64.RawURLEncoding.EncodeToString(make([]byte, 31)), base64.RawURLEncoding.EncodeToString(make([]byte, 33))
	ok, other := encoded(1), encoded(2)
	const state = "the state must be pending, primary, retiring or revoked"
	const b64 = "the secret is not unpadded base64url (RFC 4648, section 5)"
	const since = "the instant is not milliseconds since 1970 as digits, 1 to 2^48-1"
	const id = "the id must be 1 to 8 characters of a-z, 0-9 and -"
	for _, c := range []struct{ text, want string }{
		{"", "the keyring has no keys"},
		{"  \n# nothing\n,;", "the keyring has no keys"},
		{"a:pending:" + ok, "no key is primary"},
		{"a:primary:" + short, "entry 1 (a): the secret is shorter than 32 bytes"},
		{"a:primary:" + long, "entry 1 (a): the secret is longer than 32 bytes"},
		{"a:primary:", "entry 1 (a): the secret is shorter than 32 bytes"},
		{"a:primary:" + strings.Repeat("A", 43), "entry 1 (a): the secret is all zeros"},
		{"a:primary:" + ok + "=", "entry 1 (a): " + b64},
		{"a:primary:" + ok[:42] + "+", "entry 1 (a): " + b64},
		{"a:primary:" + ok[:42] + "/", "entry 1 (a): " + b64},
		{"a:primary:" + ok[:42] + "B", "entry 1 (a): " + b64}, // trailing bits
		{"a:primary:" + ok[:20] + "\r" + ok[20:], "entry 1 (a): " + b64},
		{"a:primary:" + ok[:20] + " " + ok[20:], "entry 1 (a): " + b64},
		{":primary:" + ok, "entry 1: " + id},
		{"nine-char:primary:" + ok, "entry 1: " + id},
		{"A:primary:" + ok, "entry 1: " + id},
		{"\ufeffa:primary:" + ok, "entry 1: " + id},
		{"a:Primary:" + ok, "entry 1 (a): " + state},
		{"a::" + ok, "entry 1 (a): " + state},
		{"a:primary", "entry 1: an entry is id:state:secret or id:state:secret:since"},
		{"a=primary=" + ok, "entry 1: an entry is id:state:secret or id:state:secret:since"},
		{"a:primary:" + ok + ":1:x", "entry 1: an entry is id:state:secret or id:state:secret:since"},
		{"a:primary:" + ok + ":", "entry 1 (a): " + since},
		{"a:primary:" + ok + ":0", "entry 1 (a): " + since},
		{"a:primary:" + ok + ":-1", "entry 1 (a): " + since},
		{"a:primary:" + ok + ":+1", "entry 1 (a): " + since},
		{"a:primary:" + ok + ":01", "entry 1 (a): " + since},
		{"a:primary:" + ok + ":1e3", "entry 1 (a): " + since},
		{"a:primary:" + ok + ":0x1", "entry 1 (a): " + since},
		{"a:primary:" + ok + ":1_0", "entry 1 (a): " + since},
		{"a:primary:" + ok + ":\u0661", "entry 1 (a): " + since},
		{"a:primary:" + ok + ":281474976710656", "entry 1 (a): " + since},
		{"a:primary:" + ok + ":18446744073709551617", "entry 1 (a): " + since},
		{"a:primary:" + ok + "\nb:primary:" + other, "entry 2 (b): primary, as is entry 1"},
		{"a:primary:" + ok + "\na:retiring:" + other, "entry 2 (a): the same id as entry 1"},
		{"a:primary:" + ok + "\nb:revoked:" + ok, "entry 2 (b): the same secret as entry 1"},
		{strings.Repeat("#", 65537), "the text is longer than 65536 bytes"},
		{
			"A:primary:" + ok + "\nb:on:" + short + ";c\nb:primary:" + ok + ",",
			"entry 1: " + id + "\nentry 2 (b): " + state + "\nentry 2 (b): the secret is shorter than 32 bytes\n" +
				"entry 3: an entry is id:state:secret or id:state:secret:since\n" +
				"entry 4 (b): the same id as entry 2\nentry 4 (b): the same secret as entry 1\nentry 4 (b): primary, as is entry 1",
		},
	} {
		ring, err := crypto.ParseKeyring(c.text)
		if ring != nil || err == nil || err.Error() != "crypto: keyring: "+c.want {
			t.Errorf("%.60q: %v\n got %v\nwant crypto: keyring: %s", c.text, ring, err, c.want)
		}
	}
}

// A ring is bounded, and comparing its keys with one another does not begin beyond the bound.
func TestKeyringBound(t *testing.T) {
	var text strings.Builder
	for i := range 65 {
		secret := base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf("%032d", i)))
		fmt.Fprintf(&text, "k%d:%s:%s\n", i, map[bool]string{true: "primary", false: "revoked"}[i == 0], secret)
		if _, err := crypto.ParseKeyring(text.String()); (err != nil) != (i == 64) {
			t.Fatalf("%d keys: %v", i+1, err)
		}
	}
}

func TestNewKeyRefuses(t *testing.T) {
	for name, try := range map[string]func() (crypto.Key, error){
		"short":      func() (crypto.Key, error) { return crypto.NewKey("a", crypto.Primary, secret(1)[:31]) },
		"long":       func() (crypto.Key, error) { return crypto.NewKey("a", crypto.Primary, make([]byte, 33)) },
		"none":       func() (crypto.Key, error) { return crypto.NewKey("a", crypto.Primary, nil) },
		"zero":       func() (crypto.Key, error) { return crypto.NewKey("a", crypto.Primary, make([]byte, 32)) },
		"no state":   func() (crypto.Key, error) { return crypto.NewKey("a", 0, secret(1)) },
		"past state": func() (crypto.Key, error) { return crypto.NewKey("a", crypto.Revoked+1, secret(1)) },
		"id":         func() (crypto.Key, error) { return crypto.NewKey("a b", crypto.Primary, secret(1)) },
	} {
		if key, err := try(); err == nil || key != (crypto.Key{}) {
			t.Errorf("%s: %v, %v", name, key, err)
		}
	}
	key := must(crypto.NewKey("a", crypto.Primary, secret(1)))
	_, err := crypto.NewKeyring(crypto.Key{}, key.As(9), must(crypto.NewKey("b", crypto.Primary, secret(2))).AsOf(crypto.Primary, -1))
	const want = "crypto: keyring: entry 1: a key that NewKey did not make\n" +
		"entry 2 (a): the state must be pending, primary, retiring or revoked\n" +
		"entry 3 (b): the instant is not milliseconds since 1970 as digits, 1 to 2^48-1"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A key keeps nothing of its caller's, and a ring shows nobody its own.
func TestKeyringIsImmutable(t *testing.T) {
	entropy := secret(1)
	key := must(crypto.NewKey("a", crypto.Primary, entropy))
	keys := []crypto.Key{key}
	ring := must(crypto.NewKeyring(keys...))
	clear(entropy)
	keys[0] = crypto.Key{}
	ring.Keys()[0] = crypto.Key{}
	key.As(crypto.Revoked)
	if got := ring.RevealText(); got != "a:primary:"+encoded(1)+"\n" {
		t.Errorf("the ring became %q", got)
	}
	if k := ring.Keys()[0]; k.ID() != "a" || k.State() != crypto.Primary {
		t.Errorf("the key became %v", k)
	}
}

// errorText is all that an error of ParseKeyring may say: numbers, ids and our own words.
var errorText = regexp.MustCompile(`^crypto: keyring: (` + errorLine + `)(\n(` + errorLine + `))*$`)

const errorLine = `the keyring has no keys|no key is primary|more than 64 keys|the text is longer than 65536 bytes` +
	`|entry \d+( \([a-z0-9-]{1,8}\))?: (an entry is id:state:secret or id:state:secret:since|the instant is not milliseconds since 1970 as digits, 1 to 2\^48-1|the id must be 1 to 8 characters of a-z, 0-9 and -` +
	`|the state must be pending, primary, retiring or revoked|the secret is (shorter|longer) than 32 bytes` +
	`|the secret is all zeros|the secret is not unpadded base64url \(RFC 4648, section 5\)` +
	`|(the same id as|the same secret as|primary, as is) entry \d+)`

// A secret that stands in the wrong place, or was broken over lines, is not quoted back.
func TestErrorsDoNotQuoteSecrets(t *testing.T) {
	s := encoded(1)
	for _, text := range []string{
		s, s + ":primary:a", "a:" + s + ":primary", "primary:" + s, "a:primary:" + s[:20] + "\n" + s[20:27] + "\n" + s[27:],
		"a:primary:" + s[:20] + "," + s[20:], "a:primary:" + s + s, "a:primary:" + s[:20] + ":" + s[20:],
		strings.ToLower(s[:8]) + "\n:" + strings.ToLower(s[:8]) + "\nx:" + strings.ToLower(s[:8]),
	} {
		_, err := crypto.ParseKeyring(text)
		if err == nil || !errorText.MatchString(err.Error()) {
			t.Fatalf("%q: %v", text, err)
		}
		for i := range len(s) - 5 {
			if piece := s[i : i+5]; strings.Contains(strings.ToLower(err.Error()), strings.ToLower(piece)) {
				t.Errorf("%q is quoted in %v", piece, err)
			}
		}
	}
}
