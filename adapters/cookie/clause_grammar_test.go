package cookie

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestItem43_EveryOctetFollowsTheGrammar(t *testing.T) {
	const tokens = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	c := compiled(t, Config{}, "cart")
	for i := range 256 {
		b := byte(i)
		octet := string([]byte{b})
		inToken := strings.Contains(tokens, octet)
		inValue := b == 0x21 || 0x23 <= b && b <= 0x2b || 0x2d <= b && b <= 0x3a || 0x3c <= b && b <= 0x5b || 0x5d <= b && b <= 0x7e
		inAttribute := 0x20 <= b && b <= 0x3a || 0x3c <= b && b <= 0x7e

		if Token("v"+octet) != inToken {
			t.Errorf("Token(%q) is %v", "v"+octet, !inToken)
		}
		for _, at := range []string{octet, octet + "v", "v" + octet, "v" + octet + "v"} {
			line, err := c.Set(at, 60)
			if (err == nil) != inValue || err != nil && (!errors.Is(err, ErrValue) || line != "") {
				t.Errorf("value %q: %q, %v", at, line, err)
			}
			for what, config := range map[string]Config{"name": {Name: at}, "kind": {}} {
				kind := "cart"
				if what == "kind" {
					kind = at
				}
				if _, err := config.Compile(kind); (err == nil) != inToken {
					t.Errorf("%s %q: %v", what, at, err)
				}
			}
		}
		inPath := inAttribute && b != '"' && b != '\\' // what no URL has, and net/http does not read
		if _, err := (Config{Name: "x", Path: "/a" + octet + "b"}).Compile("cart"); (err == nil) != inPath {
			t.Errorf("path with %q: %v", octet, err)
		}
		if _, err := (Config{Extensions: []string{"K=a" + octet + "b"}}).Compile("cart"); (err == nil) != inAttribute {
			t.Errorf("extension with %q: %v", octet, err)
		}
	}
	if _, err := (Config{}).Compile(""); err == nil {
		t.Error("a kind without a name compiles, but a cookie must have one")
	}
	_, date, _ := strings.Cut(c.Clear(), "Expires=")
	if at, err := http.ParseTime(date); err != nil || at.Unix() != 0 || at.UTC().Format(http.TimeFormat) != date {
		t.Errorf("Expires %q is no IMF-fixdate of the epoch: %v", date, err)
	}
}

func TestItem43_AttributesFollowTheGrammar(t *testing.T) {
	for _, domain := range []string{
		".shop.example", "shop.example.", "shop..example", "shop example", "shop.example:80", "-a.example", "a-.example",
		"bücher.example", strings.Repeat("a", 64) + ".example",
	} {
		refused(t, Config{Name: "x", Domain: domain}, "not a host name")
	}
	for _, domain := range []string{
		"shop.example", "a-b.example", "xn--bcher-kva.example", "3com.example", strings.Repeat("a", 63) + ".example",
	} {
		compiled(t, Config{Name: "x", Domain: domain}, "cart")
	}
	refused(t, Config{Name: "x", Path: "shop"}, "does not begin with /")
	refused(t, Config{Name: "x", Path: "/shop "}, "ends in whitespace")
	for extension, why := range map[string]string{
		"": "no token", "=v": "no token", "a b=v": "no token", "K= v": "whitespace", "K=v ": "whitespace",
		"secure": "sets Secure", "Max-Age=5": "sets Max-Age", "samesite=None": "sets SameSite", "PATH=/": "sets Path",
	} {
		refused(t, Config{Extensions: []string{extension}}, why)
	}
	refused(t, Config{Extensions: []string{"Priority=High", "Flag", "priority=Low"}}, `sets "priority" again`)

	c := compiled(t, Config{Extensions: []string{"Priority=High", "Flag", "$x-enc=RAW", "Empty="}}, "cart")
	if !strings.Contains(c.String(), "; Priority=High; Flag; $x-enc=RAW; Empty=") {
		t.Errorf("the order of extensions is lost: %v", c)
	}
}
