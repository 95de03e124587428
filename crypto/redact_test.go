package crypto_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// spellings are the ways in which four bytes of a secret would be printed by some verb or encoder.
func spellings(secret []byte) (all []string) {
	for i := range len(secret) - 3 {
		b := secret[i : i+4]
		all = append(
			all, string(b), fmt.Sprintf("%x", b), fmt.Sprintf("%X", b), fmt.Sprintf("% x", b),
			fmt.Sprintf("%d %d %d %d", b[0], b[1], b[2], b[3]),
			fmt.Sprintf("%d,%d,%d,%d", b[0], b[1], b[2], b[3]), fmt.Sprintf("%#x, %#x, %#x, %#x", b[0], b[1], b[2], b[3]),
			fmt.Sprintf("%#x %#x %#x %#x", b[0], b[1], b[2], b[3]), fmt.Sprintf("%b %b", b[0], b[1]), fmt.Sprintf("%o %o", b[0], b[1]),
			fmt.Sprintf("%+d %+d", b[0], b[1]), fmt.Sprintf("%O %O", b[0], b[1]), fmt.Sprintf("%08d %08d", b[0], b[1]),
			fmt.Sprintf("%5.3v %5.3v", b[0], b[1]), fmt.Sprintf("%U %U", b[0], b[1]), fmt.Sprintf("%c %c %c", b[0], b[1], b[2]), fmt.Sprintf("%q %q", b[0], b[1]),
		)
	}
	for i := range 40 {
		for _, text := range []string{base64.RawURLEncoding.EncodeToString(secret), base64.StdEncoding.EncodeToString(secret)} {
			all = append(all, text[i:i+4])
		}
	}
	return all
}

// leaks returns the spelling of the secret that text holds, or "".
func leaks(text string, spelled []string) string {
	for _, s := range spelled {
		if strings.Contains(text, s) {
			return s
		}
	}
	return ""
}

// The search itself finds what it looks for, in every form that fmt gives bytes.
func TestLeaksAreFound(t *testing.T) {
	secret := secret(0xa1)
	spelled := spellings(secret)
	for _, verb := range verbs {
		if verb == "%T" || verb == "%p" || verb == "%t" {
			continue
		}
		for _, v := range []any{secret, [32]byte(secret), struct{ b []byte }{secret}} {
			if text := fmt.Sprintf(verb, v); leaks(text, spelled) == "" && !strings.Contains(text, "%!") {
				t.Errorf("%s of %T is not found in %s", verb, v, text)
			}
		}
	}
	for _, text := range []string{base64.StdEncoding.EncodeToString(secret), hex.EncodeToString(secret), string(secret)} {
		if leaks(text, spelled) == "" {
			t.Errorf("not found in %q", text)
		}
	}
}

var verbs = []string{
	"%v", "%+v", "%#v", "%s", "%q", "%#q", "%+q", "%x", "%X", "%#x", "% x", "% X", "%# x", "%d", "%+d", "%b", "%o", "%O", "%c", "%U", "%#U",
	"%t", "%e", "%g", "%p", "%T", "%w", "%5.3v", "%-9x", "%08d",
}

// CHECKLIST.md 58, ASVS 16.2.5: keys and keyrings print without their secrets, under every verb, by value, by pointer and
// inside anything, even where fmt cannot call a method (an unexported field).
func TestASVS1625Redacted(t *testing.T) {
	spelled := spellings(secret(0xa1))
	key := must(crypto.NewKey("k1", crypto.Primary, secret(0xa1)))
	ring := must(crypto.NewKeyring(key))
	copied := *ring
	seal, sign := crypto.Seal(ring), crypto.Sign(ring)
	made(t, seal, frame(), "payload") // so that derived keys are remembered too
	made(t, sign, frame(), "payload")

	type shown struct {
		Key  crypto.Key
		Ring *crypto.Keyring
		Seal core.Transform
	}
	type hidden struct {
		key  crypto.Key
		ring *crypto.Keyring
		copy crypto.Keyring
		seal core.Transform
		any  any
	}
	type embedded struct{ *crypto.Keyring }
	values := []any{
		key, &key, ring, &ring, copied, &copied, seal, sign, &seal,
		core.Chain{seal, sign},
		shown{key, ring, seal},
		&shown{key, ring, sign},
		hidden{key, ring, copied, seal, key},
		&hidden{key, ring, copied, sign, &copied},
		embedded{ring},
		&embedded{ring},
		[]crypto.Key{key},
		ring.Keys(),
		[1]crypto.Keyring{copied},
		[]any{key, ring, copied},
		map[string]crypto.Key{"a": key},
		map[string]any{"a": ring, "b": hidden{ring: ring}},
		map[crypto.Key]int{key: 1},
	}
	for _, v := range values {
		printed := map[string]string{"Sprint": fmt.Sprint(v), "Sprintln": fmt.Sprintln(v, v)}
		for _, verb := range verbs {
			printed[verb] = fmt.Sprintf(verb, v)
		}
		printed["error"] = fmt.Errorf("wrapped %v", v).Error()
		if text, err := json.Marshal(v); err == nil {
			printed["json"] = string(text)
		}
		if text, err := xml.Marshal(v); err == nil {
			printed["xml"] = string(text)
		}
		var log bytes.Buffer
		for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
			slog.New(h).With("with", v).Info("msg", "v", v, slog.Group("g", slog.Any("in", v)))
		}
		printed["slog"] = log.String()
		for how, text := range printed {
			if s := leaks(text, spelled); s != "" {
				t.Errorf("%s of %T shows %q: %s", how, v, s, text)
			}
		}
	}
}

// What dumps values by reflection follows every pointer, into every unexported field; it meets no secret either.
func TestRedactedFromReflection(t *testing.T) {
	key := must(crypto.NewKey("k1", crypto.Primary, secret(0xa1)))
	ring := must(crypto.NewKeyring(key, must(crypto.NewKey("k2", crypto.Retiring, secret(0x11)))))
	for _, x := range []core.Transform{crypto.Seal(ring), crypto.Sign(ring)} {
		made(t, x, frame(), "payload")
	}
	for _, v := range []any{key, ring, crypto.Seal(ring), crypto.Sign(ring)} {
		found := make(map[string]bool)
		walk(reflect.ValueOf(v), found, make(map[uintptr]bool))
		if !found["k1"] {
			t.Errorf("the walk through %T does not get to its keys", v)
		}
		if found[string(secret(0xa1))] || found[string(secret(0x11))] || found[encoded(0xa1)] {
			t.Errorf("%T shows a secret to reflection", v)
		}
	}
	found := make(map[string]bool)
	walk(reflect.ValueOf(struct{ in *[32]byte }{(*[32]byte)(secret(0xa1))}), found, make(map[uintptr]bool))
	if !found[string(secret(0xa1))] {
		t.Error("the walk does not find what it looks for")
	}
}

// walk notes every string, and every run of bytes as one, that can be got to from v.
func walk(v reflect.Value, found map[string]bool, seen map[uintptr]bool) {
	switch v.Kind() {
	case reflect.String:
		found[v.String()] = true
	case reflect.Pointer:
		if !v.IsNil() && !seen[v.Pointer()] {
			seen[v.Pointer()] = true
			walk(v.Elem(), found, seen)
		}
	case reflect.Interface:
		walk(v.Elem(), found, seen)
	case reflect.Struct:
		for _, field := range v.Fields() {
			walk(field, found, seen)
		}
	case reflect.Slice, reflect.Array:
		var run []byte
		for i := range v.Len() {
			if e := v.Index(i); e.Kind() == reflect.Uint8 {
				run = append(run, byte(e.Uint()))
			} else {
				walk(e, found, seen)
			}
		}
		found[string(run)] = true
	case reflect.Map:
		for _, k := range v.MapKeys() {
			walk(k, found, seen)
			walk(v.MapIndex(k), found, seen)
		}
	}
}

// What is shown instead is of use, and the same everywhere.
func TestRedactionShowsIDsAndStates(t *testing.T) {
	ring := parsed(t, "a:primary:"+encoded(1)+",b:revoked:"+encoded(2))
	const want = "keyring(a:primary b:revoked)"
	for _, verb := range []string{"%v", "%+v", "%#v", "%d", "%x", "%q", "%s"} {
		if got := fmt.Sprintf(verb, ring); got != want {
			t.Errorf("%s gives %s", verb, got)
		}
		if got := fmt.Sprintf(verb, *ring); got != want {
			t.Errorf("%s of the value gives %s", verb, got)
		}
		if got := fmt.Sprintf(verb, ring.Keys()[1]); got != "key(b:revoked)" {
			t.Errorf("%s of a key gives %s", verb, got)
		}
	}
	if text, err := json.Marshal([]any{ring, *ring, ring.Keys()[0]}); err != nil ||
		string(text) != `["`+want+`","`+want+`","key(a:primary)"]` {
		t.Errorf("JSON gives %s, %v", text, err)
	}
	var none *crypto.Keyring
	if got := fmt.Sprint(none, crypto.Keyring{}, crypto.Key{}, crypto.State(9)); got != "<nil> keyring() key(:invalid) invalid" {
		t.Errorf("without keys: %s", got)
	}
}
