package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/internal/need"
)

// request is one of a visit with curl: a form is sent if there are fields.
type request struct {
	path   string
	fields []string
}

// seen is what came of it, redirects followed: the page, and the cookies that curl holds then, by name.
type seen struct {
	page string
	kept map[string]string
}

// curl visits a shop with curl's own cookie engine, in one process, as its engine is made to be used: a jar that curl reads
// and writes in turn brings back what was cleared (seen with 7.88).
func curl(t *testing.T, origin string, visit ...request) []seen {
	t.Helper()
	path, folder := need.Binary(t, "curl"), t.TempDir()
	file := func(what string, i int) string { return filepath.Join(folder, fmt.Sprint(what, i)) }
	var args []string
	for i, r := range visit {
		if i > 0 {
			args = append(args, "--next")
		}
		args = append(args, "--silent", "--show-error", "--location", "--max-time", "60", "--cookie", "",
			"--cookie-jar", file("jar", i), "--output", file("page", i))
		for _, f := range r.fields {
			args = append(args, "--data-urlencode", f)
		}
		args = append(args, origin+r.path)
	}
	if out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	all := make([]seen, len(visit))
	for i := range visit {
		page, err := os.ReadFile(file("page", i))
		jar, err2 := os.ReadFile(file("jar", i))
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		all[i] = seen{string(page), map[string]string{}}
		for line := range strings.Lines(string(jar)) {
			if columns := strings.Split(strings.TrimSpace(line), "\t"); len(columns) == 7 {
				all[i].kept[columns[5]] = columns[6]
			}
		}
	}
	return all
}

func TestCurl(t *testing.T) { onEach(t, testCurl) }

// testCurl visits the shop with curl, on plain http and as behind https, where its engine enforces the prefixes.
func testCurl(t *testing.T) {
	for _, c := range []struct{ name, prefix, arg string }{{"http", "", "-v=false"}, {"https", "__Host-", "-https"}} {
		t.Run(c.name, func(t *testing.T) {
			visit := curl(t, startShop(t, "localhost", c.arg),
				request{"/", nil},
				request{"/cart/add", []string{"product=satchel"}},
				request{"/prefs", []string{"theme=dark", "currency=GBP"}},
				request{"/signin", []string{"name=Ann"}},
				request{"/cart", nil},
				request{"/signout", []string{"x="}},
				request{"/", nil},
			)
			cart, prefs, flash := c.prefix+"cart", c.prefix+"prefs", c.prefix+"flash"
			for i, texts := range [][]string{
				{"Sign in"},
				{"Leather satchel is in your cart."},
				{`data-theme="dark"`, "£"},
				{"Welcome, Ann.", `<b class="count">1</b>`},
				{"Leather satchel", "Sign out"},
				{"You are signed out"},
				{`data-theme="dark"`, "Sign in"},
			} {
				for _, text := range texts {
					if !strings.Contains(visit[i].page, text) {
						t.Errorf("request %d: no %q in %s", i, text, visit[i].page)
					}
				}
				if _, left := visit[i].kept[flash]; left {
					t.Errorf("request %d: curl keeps a flash that was said", i)
				}
			}
			if len(visit[0].kept) != 0 {
				t.Errorf("a visitor who did nothing keeps %d cookies", len(visit[0].kept))
			}
			if before, after := visit[2].kept[cart], visit[3].kept[cart]; before == "" || after == "" || before == after {
				t.Error("signing in did not change the cookie")
			}
			if _, left := visit[5].kept[cart]; left || visit[6].kept[prefs] == "" {
				t.Error("curl still holds the cart, or lost the preferences")
			}
		})
	}
}
