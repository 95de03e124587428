package satcheltest_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/satcheltest"
	"github.com/satchel-go/satchel/store"
)

func read(t testing.TB, path string) string {
	t.Helper()
	return string(must(os.ReadFile(path)))
}

// An exchange is written down, and done over by another run of the program: same keys, another clock, another store.
func TestTranscriptsAreReplayed(t *testing.T) {
	dir := t.TempDir()
	cart, theme := filepath.Join(dir, "cart.txt"), filepath.Join(dir, "theme.txt")
	shop := newShop(t, satchel.Options{})
	ann := shop.Client(nethttp.Wrap(pages(t), shop.Sessions))
	ann.Post(t, "/dark")
	shop.WriteTranscript(t, theme, themes)
	satcheltest.SignIn(t, ann, carts, "ann", Cart{})
	shop.Clock.Advance(time.Minute)
	ann.Stay = true
	ann.Post(t, "/add", "item", "tea")
	satcheltest.Value(t, ann, carts) // a look is no exchange
	shop.WriteTranscript(t, cart, carts)

	text := read(t, cart)
	for _, part := range []string{`= policy kind="cart"`, "begin now=", string(ann.Token(t, carts)), "verdict=save", "= kept"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %.20q in the transcript", part)
		}
	}
	if info := must(os.Stat(cart)); runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read the transcript: %v", info.Mode())
	}
	later := newShop(t, satchel.Options{})
	later.Clock.Advance(1000 * time.Hour)
	later.Replay(t, cart)
	later.Replay(t, theme) // sealed, so it needs the keys

	for _, edited := range []string{
		strings.Replace(text, "\n", "\n# An incident.\n", 1), "# An incident.\n\n" + text, strings.ReplaceAll(text, "\n", "\r\n# ?\r\n"),
	} {
		if err := os.WriteFile(cart, []byte(edited), 0o600); err != nil {
			t.Fatal(err)
		}
		later.Replay(t, cart)
	}
}

// A planted fault: the placement has changed since, and so does what comes out.
func TestAReplayThatComesOutOtherwise(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cart.txt")
	shop := newShop(t, satchel.Options{})
	ann := satcheltest.SignIn(t, shop.Client(nil), carts, "ann", Cart{Items: []string{"secret-tea"}})
	shop.Clock.Advance(10 * time.Minute)
	ann.Exchange(t, func(ctx context.Context) error {
		_, err := carts.Update(ctx, func(Cart) Cart { return Cart{[]string{"secret-milk"}} })
		return err
	})
	shop.WriteTranscript(t, path, carts)
	short := newShop(t, satchel.Options{Idle: 10 * time.Minute})

	fails(t, false, func(t testing.TB) {
		short.Replay(t, path)
		s := t.(*standIn)
		said := strings.Join(s.said, "\n")
		if strings.Contains(said, "secret") || strings.Contains(said, string(ann.Token(t, carts))) {
			s.Errorf("a secret is said")
		}
		kept := read(t, filepath.Join(s.artifacts, "cart.txt"))
		if !strings.Contains(kept, "= refused idle") {
			s.Errorf("the text that came out is not kept")
		}
		if len(s.said) != 1 {
			t.Fatalf("%q", s.said)
		}
	}, `cart.txt: line 2 was "= policy", and now is "= policy"`)

	// The same file, with the new policy's line, differs where the session is found.
	lines := strings.Split(read(t, path), "\n")
	changed := must(short.Sessions.Replay("cart", strings.Join(lines, "\n")))
	lines[1] = strings.Split(changed, "\n")[1]
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	fails(t, false, func(t testing.TB) { short.Replay(t, path) }, `line 6 was "= live", and now is "= refused idle"`)

	// What comes out is longer than the file.
	lines = strings.Split(strings.TrimSuffix(changed, "\n"), "\n")
	if err := os.WriteFile(path, []byte(strings.Join(lines[:len(lines)-1], "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	fails(t, false, func(t testing.TB) { short.Replay(t, path) }, `was "the end", and now is "= `)

	// What people have added is not quoted either.
	lines = strings.Split(changed, "\n")
	lines[5] = "# my secret"
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	fails(t, false, func(t testing.TB) { short.Replay(t, path) }, `line 6 was "#", and now is "= refused idle"`)
}

func TestWhatNoTranscriptIs(t *testing.T) {
	shop := newShop(t, satchel.Options{})
	dir := t.TempDir()
	path := filepath.Join(dir, "x.txt")
	fails(t, true, func(t testing.TB) { shop.WriteTranscript(t, path, carts) }, `no exchange under the Config of New or Place has used the kind "cart"`)
	satcheltest.Set(t, shop.Client(nil), carts, Cart{})
	fails(t, true, func(t testing.TB) { shop.WriteTranscript(t, filepath.Join(dir, "none", "x"), carts) }, "none")
	fails(t, true, func(t testing.TB) { shop.Replay(t, path) }, "x.txt")
	for text, why := range map[string]string{
		"":                         "x.txt: not a transcript: no policy",
		"\n= policy kind=\"cart\"": "x.txt: core: not a transcript: line 2",
		"satchel transcript v1\n= policy kind=\"other\"\n": `"other"`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		fails(t, true, func(t testing.TB) { shop.Replay(t, path) }, why)
	}
	elsewhere := &satcheltest.Program{Sessions: satchel.Must(satchel.New(carts.ServerSide(store.NewMemory())))}
	satcheltest.Set(t, elsewhere.Client(nil), carts, Cart{})
	fails(t, true, func(t testing.TB) { elsewhere.WriteTranscript(t, path, carts) }, "no exchange under the Config")
}
