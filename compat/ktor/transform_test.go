package ktor

import (
	"bufio"
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/core"
)

func rawHex(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func ascending(from, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(from + i)
	}
	return b
}

// k2 is the transformer of K2 to K6; its IV is its key.
func k2(t testing.TB, until time.Time) core.Transform {
	t.Helper()
	return Must(Encrypt(Encryption{
		Key: rawHex(t, "00112233445566778899aabbccddeeff"), SignKey: rawHex(t, "02030405060708090a0b0c"), Before300Until: until,
	}))
}

func out(t testing.TB, tr core.Transform, entropy []byte, value string) string {
	t.Helper()
	text, err := tr.Out(core.Frame{}, entropy, nil, []byte(value))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// in gives what a transform reads, or the name of its refusal.
func in(tr core.Transform, now int64, token string) string {
	value, refusal := tr.In(core.Frame{Now: now}, nil, []byte(token))
	if refusal != core.NotRefused {
		return "refused: " + refusal.String()
	}
	return string(value)
}

// bothWays holds a transform to a token that Ktor made of a value, in both directions.
func bothWays(t *testing.T, tr core.Transform, entropy []byte, value, token string) {
	t.Helper()
	if got := out(t, tr, entropy, value); got != token {
		t.Errorf("%q: writes\n%s, Ktor\n%s", value, got, token)
	}
	if got := in(tr, 0, token); got != value {
		t.Errorf("%s: reads %q, Ktor %q", token, got, value)
	}
}

// The recorded outputs of Ktor's own code. Each line of a known beginning is a vector; none may be passed over.
func TestTransformerVectors(t *testing.T) {
	f, err := os.Open("testdata/transformer-vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	keys := map[string]string{
		"oddkey": "0351560605861061056105", "key2": "003515606058610610561058", "docskey": "000102030405060708090a0b0c0d0e0f",
	}
	tagged := regexp.MustCompile(`^(mac1|mac256|digest256|digest384)\(([^)]*)\) *(.*)$`)
	count := 0
	for lines := bufio.NewScanner(f); lines.Scan(); count++ {
		line := lines.Text()
		if m := tagged.FindStringSubmatch(line); m != nil {
			h := map[string]Hash{"mac1": SHA1, "mac256": SHA256, "digest256": SHA256, "digest384": SHA384}[m[1]]
			var tr core.Transform
			if m[1][0] == 'm' {
				tr = Must(MessageAuthentication(h, rawHex(t, keys[m[2]])))
			} else {
				tr = Must(WeakDigest(h, map[string]string{"ktor": "ktor", "seed salt": seedSalt}[m[2]]))
			}
			bothWays(t, tr, nil, m[3][:strings.LastIndexByte(m[3], '/')], m[3])
			continue
		}
		name, token, _ := strings.Cut(line, " ")
		switch name {
		case "forged":
			token, want, _ := strings.Cut(token, " -> ")
			if got := in(k2(t, time.Time{}), 0, token); got != want {
				t.Errorf("the forged token reads %q, in Ktor %q", got, want)
			}
		case "aes128", "aes192", "aes256":
			size := map[string]int{"aes128": 16, "aes192": 24, "aes256": 32}[name]
			tr := Must(Encrypt(Encryption{Key: ascending(0, size), SignKey: ascending(1, 32)}))
			bothWays(t, tr, ascending(0xf0, 16), "session-value-"+map[string]string{"aes128": "16", "aes192": "24", "aes256": "32"}[name], token)
		case "#", "upper-case", "[/]", "[:]", "[a/b/c:d]", "key":
			// Comments, and what TestEncryptRefuses says.
		default:
			t.Errorf("unknown line %q", line)
		}
	}
	if count != 41 {
		t.Errorf("%d lines", count)
	}
}

const seedSalt = "my unity salt string"

func TestK1Digest(t *testing.T) {
	bothWays(t, Must(WeakDigest(SHA256, "ktor")), nil, "666", "666/c2d4eaad4fe0bc6dbd0584cdf36929d79d52d7a748d1cc02835a71131a0963fb")
	bothWays(t, Must(WeakDigest(SHA384, "ktor")), nil, "666",
		"666/ac3aaf25429f220afd9daef49813cd91bf7b47696354c8c3174e365d594216521a80c3e157a03864dce403b33451e146")
	bothWays(t, Must(WeakDigest(SHA256, seedSalt)), nil, "666", "666/01657833a423b422b9b7190c53861a45b47bbe708e1ad958845f1d44fb545f21")
}

const (
	k2Text  = "cart=%23cl&userId=%23sid2"
	k2Body  = "00112233445566778899aabbccddeeff/c3850fc1ddc62f71ec5eaad6d393b91fa809fe32a1cf0cb4730788c5a489daef:"
	k2Token = k2Body + "51a5e9fcd1c91418f9a623bafa5022a524348e44244265dc0cab2cebacc28a5d"
	k3Token = k2Body + "65f0bd15bfa7e96b8bd9e134e23a24860b324e361c606e6800af050f5d104b68"
	k4Text  = `{"userId":"id2","cart":[]}`
	k4Token = "00112233445566778899aabbccddeeff/9b8cf9900ff0f63849cb7a2ad71ed8a1ac9f0e2735492d2a5129cf278d70ab27:" +
		"40af9f393a00034b53d2267251047259005bdf5ff104eede599149e80e6fee13"
)

func TestK3K4Encrypt(t *testing.T) {
	iv := rawHex(t, "00112233445566778899aabbccddeeff")
	bothWays(t, k2(t, time.Time{}), iv, k2Text, k3Token)
	bothWays(t, k2(t, time.Time{}), iv, k4Text, k4Token)
	bothWays(t, k2(t, time.Time{}), iv, "",
		"00112233445566778899aabbccddeeff/89d41f6e4edeb86c50ab52e485e40c25:435fe6502a478fb38b5699800c7a8a3003779f10a48983d77fcb33876a0be25f")
}

// What Ktor up to 2.3 wrote is read until the instant, which is the first one at which it is not.
func TestK2K5Before300(t *testing.T) {
	until := time.UnixMilli(5000)
	for _, c := range []struct {
		now  int64
		tr   core.Transform
		want string
	}{
		{4999, k2(t, until), k2Text},
		{5000, k2(t, until), "refused: forged"},
		{0, k2(t, time.Time{}), "refused: forged"},
	} {
		if got := in(c.tr, c.now, k2Token); got != c.want {
			t.Errorf("at %d: %q, want %q", c.now, got, c.want)
		}
		if got := in(c.tr, c.now, k3Token); got != k2Text {
			t.Errorf("at %d the new form reads %q", c.now, got)
		}
	}
	tr := k2(t, until)
	for i := range len(k2Token) { // of the old form nothing may be changed either, but for the IV's first block
		b := []byte(k2Token)
		if b[i]++; i < 33 || b[i] == ':' || strings.EqualFold(string(b), k2Token) {
			continue
		}
		if got := in(tr, 0, string(b)); !strings.HasPrefix(got, "refused") {
			t.Errorf("changed at %d it reads %q", i, got)
		}
	}
	if got := in(tr, 0, "0"+k2Token[1:]); got != k2Text {
		t.Error(got)
	}
	if got := in(tr, 0, "8"+k2Token[1:]); got != "refused: forged" { // the old MAC covered what the IV changes
		t.Errorf("a changed IV of the old form reads %q", got)
	}
}

func TestK6EncryptRefuses(t *testing.T) {
	tr := k2(t, time.Time{})
	head, mac, _ := strings.Cut(k4Token, ":")
	for token, want := range map[string]string{
		"INVALID": "malformed", "abc/abc:abc": "malformed", "/": "malformed", ":": "malformed", "a/b/c:d": "malformed", "": "malformed",
		k4Token[:len(k4Token)-1] + "2":                    "forged",
		k4Token[:len(k4Token)-1] + "x":                    "malformed",
		head + ":" + strings.ToUpper(mac):                 "malformed",
		strings.ToUpper(head) + ":" + mac:                 "",
		"0" + k4Token:                                     "malformed",
		"x/" + k4Token:                                    "malformed",
		strings.Replace(k4Token, "/", "/x:", 1):           "malformed",
		head[:32] + "/:" + mac:                            "malformed", // no block
		head[:len(head)-1] + ":" + mac:                    "malformed", // an odd digit
		head[:len(head)-2] + ":" + mac:                    "malformed", // half a block
		strings.Replace(k4Token, "9b8c", "9b8d", 1):       "forged",
		k4Token + "0":                                     "malformed",
		k4Token[:30] + "zz" + k4Token[32:]:                "malformed",
		strings.Replace(k4Token, "/9b8cf9", "/zz8cf9", 1): "malformed",
	} {
		if want != "" {
			want = "refused: " + want
		} else {
			want = k4Text
		}
		if got := in(tr, 0, token); got != want {
			t.Errorf("%q: %q, want %q", token, got, want)
		}
	}
}

// W1: the MAC does not cover the IV, so the forged token of KTOR's record passes: in Ktor, and in whatever reads its format.
// With MessageAuthentication behind it, and with Migrating, it does not.
func TestForgedIV(t *testing.T) {
	const forged = "00112233445566778899aab3cc82eeff" + "/9b8cf9900ff0f63849cb7a2ad71ed8a1ac9f0e2735492d2a5129cf278d70ab27:" +
		"40af9f393a00034b53d2267251047259005bdf5ff104eede599149e80e6fee13"
	encrypt, mac := k2(t, time.Time{}), Must(MessageAuthentication(SHA256, []byte("a key of its own")))
	if got := in(encrypt, 0, forged); got != `{"userId":"adm","cart":[]}` {
		t.Errorf("Encrypt reads %q, Ktor adm", got)
	}
	chain := core.Chain{encrypt, mac}
	token, err := chain.Out(core.Frame{}, rawHex(t, "00112233445566778899aabbccddeeff"), nil, []byte(k4Text))
	if err != nil || !strings.HasPrefix(string(token), k4Token+"/") {
		t.Fatal(string(token), err)
	}
	token = []byte(strings.Replace(string(token), k4Token, forged, 1))
	if _, refusal := chain.In(core.Frame{}, nil, token); refusal != core.Forged {
		t.Errorf("with a MAC behind it: %v", refusal)
	}
}

func TestChain(t *testing.T) {
	chain := core.Chain{k2(t, time.Time{}), Must(MessageAuthentication(SHA256, rawHex(t, "000102030405060708090a0b0c0d0e0f")))}
	const want = "00112233445566778899aabbccddeeff/d3fb4f43eb7c5bc834827931667ab6cd:8986947cef27155c62d36c196636e9d1129efcd624f53f6fa82afbf85316a784" +
		"/481df80d822ecfda947a0ed95a25e044c723e9e2f38b1fa25ba92e19a5910430"
	token, err := chain.Out(core.Frame{}, rawHex(t, "00112233445566778899aabbccddeeff"), nil, []byte("hello"))
	if err != nil || string(token) != want {
		t.Errorf("%s, %v", token, err)
	}
	if value, refusal := chain.In(core.Frame{}, nil, token); string(value) != "hello" || refusal != core.NotRefused {
		t.Errorf("%q, %v", value, refusal)
	}
}
