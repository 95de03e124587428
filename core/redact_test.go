package core_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// spelledIn reports whether a secret shows in a text, in any of the ways that fmt has for a string.
func spelledIn(shown, secret string) bool {
	var decimal, octal, binary strings.Builder
	for _, b := range []byte(secret) {
		fmt.Fprintf(&decimal, "%d ", b)
		fmt.Fprintf(&octal, "%o ", b)
		fmt.Fprintf(&binary, "%b ", b)
	}
	quoted := fmt.Sprintf("%q", secret)
	for _, way := range []string{
		secret, hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
		fmt.Sprintf("% x", secret), fmt.Sprintf("%# x", secret), strings.TrimSpace(decimal.String()),
		strings.TrimSpace(octal.String()), strings.TrimSpace(binary.String()), quoted[1 : len(quoted)-1],
	} {
		if strings.Contains(shown, way) {
			return true
		}
	}
	return false
}

// The verbs of fmt but %T, which prints a type, and %p and %w: for what is no pointer, or no error, fmt prints those without
// asking the value, and go vet refuses them.
var verbs = []string{
	"%v", "%+v", "%#v", "%s", "%q", "%#q", "%+q", "%x", "%X", "%# x", "%d", "%b", "%o", "%O", "%c", "%U", "%#U",
	"%t", "%e", "%f", "%g", "%10v", "%-10.3s", "%.1000v", "%y", "%!",
}

func TestRedaction(t *testing.T) {
	w, p := newShelf(), policyOf(t, bare)
	plan := w.must(t, w.open(p, noon, core.Tokens{}).With("the payload"), noon)
	token, key := plan.Send.Token, plan.Create.Key // of a bare policy: both are what a bearer holds
	seal := policyOf(t, sealed)
	client := w.must(t, seal.Begin(noon, core.Tokens{}).SignedIn(core.SignIn{Subject: "the subject", Payload: "the payload"}), noon)
	live := w.open(seal, noon, core.Tokens{First: client.Send.Token, Count: 1, Tenant: "the tenant"})
	server := w.open(p, noon, core.One(token)).SignedIn(core.SignIn{Subject: "the subject", Payload: "the payload"})
	if live.Standing() == core.Live || server.Standing() != core.Live {
		t.Fatal(live, server)
	}
	secrets := []string{string(token), string(key), string(client.Send.Token), "the payload", "the subject", "the tenant"}

	type holder struct {
		Token   core.Token
		Key     core.Key
		Tokens  core.Tokens
		Ask     core.Question
		Session core.Session
		Plan    core.Plan
		Pointer *core.Session
		List    []core.Token
		Map     map[string]core.Key
	}
	held := holder{
		token, key,
		core.Tokens{First: token, Second: client.Send.Token, Count: 2},
		core.Question{Key: key},
		server, client, &live,
		[]core.Token{token},
		map[string]core.Key{"k": key},
	}
	values := map[string]any{
		"token": token, "pointer to a token": &token, "key": key, "pointer to a key": &key, "session": server,
		"pointer to a session": &server, "client-side session": live, "plan": plan, "pointer to a plan": &plan, "client-side plan": client,
		"send": client.Send, "end": core.End{Key: key, At: 1}, "mark": core.Mark{Key: key}, "holder": held, "pointer to a holder": &held,
		"error": fmt.Errorf("with %v and %w", token, &core.TooLargeError{Kind: "k", What: "token", Size: 2, Limit: 1}),
	}
	check := func(name, how, shown string) {
		for _, secret := range secrets {
			if spelledIn(shown, secret) {
				t.Errorf("%s under %s shows %q: %.200s", name, how, secret, shown)
			}
		}
	}
	for name, value := range values {
		for _, verb := range verbs {
			check(name, verb, fmt.Sprintf(verb, value))
		}
		check(name, "Sprint", fmt.Sprint(value))
		text, err := json.Marshal(value)
		if err != nil {
			t.Errorf("%s: JSON: %v", name, err)
		}
		check(name, "JSON", string(text))
		if text, err := xml.Marshal(value); err == nil {
			check(name, "XML", string(text))
		}
		for how, handler := range map[string]func(*bytes.Buffer) slog.Handler{
			"slog text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			"slog JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var out bytes.Buffer
			slog.New(handler(&out)).With("with", value).Info("x", "value", value, slog.Group("g", "value", value))
			check(name, how, out.String())
		}
	}
	if got := fmt.Sprintf("%v %s", token, token); got != core.Redacted+" "+token.String() {
		t.Errorf("a token prints as %q", got)
	}
	if key.String() == core.Key("another").String() || fmt.Sprintf("%v %s", key, key) != key.String()+" "+key.String() {
		t.Errorf("keys print as %v", key)
	}
}

// The test above is worth something only if a leak would be seen.
func TestSpelledIn(t *testing.T) {
	const secret = "the payload"
	for _, verb := range []string{"%v", "%s", "%q", "%x", "%X", "% x", "%# x", "%+q"} {
		if !spelledIn(fmt.Sprintf(verb, secret), secret) {
			t.Errorf("%s leaks unseen", verb)
		}
	}
	for _, verb := range []string{"%d", "%o", "%b", "%v"} {
		if !spelledIn(fmt.Sprintf(verb, []byte(secret)), secret) {
			t.Errorf("%s of bytes leaks unseen", verb)
		}
	}
}
