package faults

import (
	"bytes"
	"io/fs"
	"log"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	gosession "github.com/go-session/session/v3"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/store"
)

// badCookies are answered alike each time they come: with a 500, and without another cookie.
func badCookies(s *site) verdict {
	for _, text := range []string{"garbage", "%zz", "Z2FyYmFnZQ.c2lnbmVk", "a.b.c"} {
		if garbled(s, name+"="+text) == has {
			return has
		}
	}
	return free
}

func satchelBadCookies(*testing.T) verdict {
	server, client := satchelServer(), satchelClient()
	cookie, _, _ := strings.Cut(server.do("/new", "").cookie, "=")
	return either(badCookies(&site{do: as(server, cookie)}), badCookies(&site{do: as(client, cookie)}))
}

// as is a site under another cookie's name.
func as(s *site, cookie string) func(path, text string) reply {
	return func(path, text string) reply { return s.do(path, strings.Replace(text, name, cookie, 1)) }
}

// irisNodes: two nodes of iris with one database. Who has ended on one asks the other.
func irisNodes(t *testing.T) verdict {
	nodes, _ := irisNodesOn(t)
	return endedElsewhere(t, nodes[0], nodes[1], func() {})
}

// openFiles reports whether a file below a folder can be read by everybody.
func openFiles(t *testing.T, folder string) verdict {
	t.Helper()
	found, seen := free, 0
	err := filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		about, err := d.Info()
		if seen++; err == nil && about.Mode().Perm()&0o044 != 0 {
			found = has
		}
		return err
	})
	if err != nil || seen == 0 {
		t.Fatal("no file is there:", err)
	}
	return found
}

// beegoModes: a session is given another ID, as at a login.
func beegoModes(t *testing.T) verdict {
	s, folder := beegoFiles(t)
	s.do("/look?rotated", s.do("/new", "").cookie)
	return openFiles(t, folder)
}

func satchelModes(t *testing.T) verdict {
	s, folder := ourFiles(t)
	s.do("/signin", s.do("/new", "").cookie)
	return openFiles(t, folder)
}

func beegoNames(t *testing.T) verdict {
	s, folder := beegoFiles(t)
	return inFiles(t, folder, s.do("/new", "").cookie)
}

// inFiles reports whether a token stands in a file or its name.
func inFiles(t *testing.T, folder, cookie string) verdict {
	t.Helper()
	_, token, _ := strings.Cut(cookie, "=")
	found := free
	written(t, folder, func(path string, text []byte) {
		if token == "" || bytes.Contains(text, []byte(token)) || strings.Contains(path, token) {
			found = has
		}
	})
	return found
}

func redisstoreKeys(t *testing.T) verdict {
	s, client := redisstoreOn(t)
	_, token, _ := strings.Cut(s.do("/new", "").cookie, "=")
	keys, err := client.Keys(t.Context(), "*"+token).Result()
	if err != nil {
		t.Fatal(err)
	}
	return hasIf(len(keys) == 1)
}

// livesIn lets a session begin, be used and end, and reports whether its token stands in what was logged meanwhile.
func livesIn(t *testing.T, s *site, logged *bytes.Buffer) verdict {
	t.Helper()
	cookie := s.do("/new", "").cookie
	s.do("/add", cookie)
	s.do("/logout", cookie)
	_, token, _ := strings.Cut(cookie, "=")
	if token == "" || logged.Len() == 0 {
		t.Fatal("nothing was logged")
	}
	return hasIf(strings.Contains(logged.String(), token))
}

func iczaLogs(t *testing.T) verdict {
	var logged bytes.Buffer
	return livesIn(t, iczaOn(t, log.New(&logged, "", 0)), &logged)
}

// satchelTokenSeen: neither its files nor the most talkative of its logs hold a token.
func satchelTokenSeen(t *testing.T) verdict {
	var logged bytes.Buffer
	observer := satchel.LogTo(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	s := satchelSite(visits.ServerSide(store.NewMemory()), satchel.Config{Observer: observer})
	return either(satchelStoredToken(t), livesIn(t, s, &logged))
}

// Its provider in memory has to be swept, and what sweeps it cannot be stopped from outside.
func fastGoroutine(t *testing.T) verdict {
	return stays(t, "github.com/fasthttp/session/v2", func() { fastSite(t) })
}

// Its store is closed, which stops the clock that its goroutine waits for.
func goSessionGoroutine(t *testing.T) verdict {
	return stays(t, "github.com/go-session/session/v3", func() {
		if err := gosession.NewMemoryStore().Close(); err != nil {
			t.Error(err)
		}
	})
}
