package live_test

import (
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/compat/ktor"
)

// both are the addresses of the two servers.
type both struct{ ktor, satchel string }

func TestLive(t *testing.T) {
	dir := t.TempDir()
	directory, err := ktor.OpenDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer directory.Close()
	b := both{ktor: startKtor(t, dir)}
	all := ways(directory, ktor.SessionStorage(&memory{b.ktor}))
	b.satchel = startGo(t, append(slices.Clone(all), specials(directory)...))
	t.Run("in turn", func(t *testing.T) { b.inTurn(t, all) })
	t.Run("attributes", b.attributes)
	t.Run("before 3.0", b.before300)
	t.Run("forged IV", b.forged)
	t.Run("broken", b.broken)
	t.Run("identity", b.identity)
	// Directories stay behind, because Ktor makes them when it looks for a session that has ended.
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("all sessions have ended, and there is %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func (u User) query() url.Values {
	return url.Values{"userId": {u.ID}, "cart": u.Cart, "visits": {strconv.Itoa(u.Visits)}}
}

// sendable reports whether a way has a spelling for the user: JSON in DQUOTES has none.
func (w way) sendable(t *testing.T) bool {
	t.Helper()
	parts := strings.Split(w.path, "/")
	return parts[1] == "header" || parts[2] == "id" || w.config.Cookie.Encoding != ktor.DQuotes || parts[3] != "json" ||
		parts[4] == "old" || parts[4] == "chain" || strings.HasPrefix(parts[4], "encrypt")
}

// comparable returns a line without what differs by time and chance: the date, and an ID or a ciphertext, of which the length
// stays.
func (w way) comparable(t *testing.T, line string) string {
	t.Helper()
	value, attributes := line, ""
	if w.header == "" {
		value, attributes, _ = strings.Cut(line, "; ")
		if _, rest, ok := strings.Cut(attributes, "Expires="); ok {
			date, _, _ := strings.Cut(rest, "; ")
			at, err := http.ParseTime(date)
			if err != nil {
				t.Errorf("%q: %v", date, err)
			}
			if left := time.Until(at) - 7*24*time.Hour; at.Unix() != 0 && (left > time.Minute || left < -time.Minute) {
				t.Errorf("Expires=%s", date)
			}
			if at.Unix() != 0 {
				attributes = strings.Replace(attributes, date, "DATE", 1)
			}
		}
	}
	hidden := false
	for _, c := range w.config.Transform {
		hidden = hidden || c.Entropy() > 0
	}
	if w.store != nil || hidden {
		value = strings.Repeat("x", len(value))
	}
	return value + "; " + attributes
}

// Each server in turn begins, reads, changes and ends what the other wrote. What they send is the same, byte for byte.
func (b both) inTurn(t *testing.T, ways []way) {
	for _, w := range ways {
		t.Run(w.path[1:], func(t *testing.T) {
			if !w.sendable(t) {
				b.refuses(t, w)
				return
			}
			for _, order := range [][2]string{{b.ktor, b.satchel}, {b.satchel, b.ktor}} {
				b.turn(t, w, order[0], order[1])
			}
		})
	}
}

var (
	first  = User{ID: "id 1+2=é☃%;,", Cart: []string{"tea", "milk"}, Visits: 1}
	second = User{ID: "id2", Cart: []string{"tea"}, Visits: -7}
	third  = User{ID: "", Cart: []string{"a", "b", "c"}, Visits: 2147483647}
)

func (b both) turn(t *testing.T, w way, one, two string) {
	t.Helper()
	c := &client{t: t, header: w.header}
	must := func(server, verb string, u *User, want string) answer {
		t.Helper()
		var query url.Values
		if u != nil {
			query = u.query()
		}
		a := c.get(server, w.path+verb, query)
		if a.status != http.StatusOK || a.body != want {
			t.Fatalf("%s%s: status %d, %q, want %q (sent %q, holds %q)", map[string]string{b.ktor: "Ktor", b.satchel: "Satchel"}[server], verb, a.status, a.body, want, a.sent, c.held)
		}
		return a
	}
	u := first
	if w.header != "" || w.config.Cookie.Encoding == ktor.Raw || w.config.Cookie.Encoding == ktor.DQuotes {
		u.ID = "id 1+2=%" // what a header may hold as it is
	}
	must(one, "/get", nil, "none")
	a := must(one, "/set", &u, u.text())
	must(two, "/get", nil, u.text())
	b1 := must(two, "/set", &second, second.text())
	if a.sent == "" || b1.sent == "" {
		t.Fatalf("a set sends nothing: %q, %q", a.sent, b1.sent)
	}
	must(one, "/get", nil, second.text())
	again := must(one, "/set", &third, third.text())
	must(two, "/get", nil, third.text())
	back := must(two, "/set", &second, second.text())
	if w.store != nil {
		if got, want := w.comparable(t, back.sent), w.comparable(t, again.sent); got != want {
			t.Errorf("of one session\n%s sends %s\n%s sends %s", two, got, one, want)
		}
	}
	held := c.held
	same := must(one, "/set", &third, third.text())
	c.held = held
	other := must(two, "/set", &third, third.text())
	if w.store == nil { // by ID the second one changed nothing, and then Satchel sends nothing
		if got, want := w.comparable(t, other.sent), w.comparable(t, same.sent); got != want {
			t.Errorf("of one value\n%s sends %s\n%s sends %s", two, got, one, want)
		}
	}
	ended := must(two, "/clear", nil, "none")
	if w.header == "" && (c.held != "" || ended.sent == "") || w.header != "" && ended.sent != "" {
		t.Errorf("the end sent %q", ended.sent)
	}
	if w.header == "" && !strings.HasPrefix(ended.sent, "SESSION=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; $x-enc=") {
		t.Errorf("the end sent %q", ended.sent)
	}
	if w.store != nil {
		c.held = held
		if got := c.get(one, w.path+"/get", nil); got.status != http.StatusOK || got.body != "none" {
			t.Errorf("after the end: %d, %q", got.status, got.body)
		}
	}
}

// A value that has no spelling is refused by both.
func (b both) refuses(t *testing.T, w way) {
	t.Helper()
	for _, server := range []string{b.ktor, b.satchel} {
		c := &client{t: t}
		if a := c.get(server, w.path+"/set", second.query()); a.status != http.StatusInternalServerError || a.sent != "" {
			t.Errorf("%s: %d, sent %q", server, a.status, a.sent)
		}
	}
}
