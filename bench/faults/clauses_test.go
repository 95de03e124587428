package faults

import (
	"fmt"
	"strings"
	"testing"
)

// clause is a further part of a fault, asked of the peers that it was seen in, and of those that can answer the same question.
type clause struct {
	fault int
	title string
	peers []asked
	// standIn has the fault on purpose, where no peer has it: it shows that the question can be answered so.
	standIn func(t *testing.T) verdict
	satchel func(t *testing.T) verdict // as these, and always free
	shown   []string                   // as in a fault
}

// asked is a peer and what it was seen to do.
type asked struct {
	peer     string
	look     func(t *testing.T) verdict
	expected verdict
}

// Peers by the names that they have in the tables.
var (
	ofSCS, ofCookies, ofFiles, ofFiber = peerNames[0], peerNames[1], peerNames[2], peerNames[3]

	redisstoreName, goSessionName, beegoName = others[ofRedisstore].name, others[ofGoSession].name, others[ofBeego].name
	irisName, irisOnRedis                    = others[ofIris].name, others[ofIris].name + " on Redis"
)

// Each peer does what the third table says of it, Satchel has nothing of it, and whoever asks can get either answer.
func TestClauses(t *testing.T) {
	for _, c := range clauses {
		at := fmt.Sprintf("%02d/%s", c.fault, c.title)
		seen := c.standIn != nil
		for _, p := range c.peers {
			seen = seen || p.expected == has
			t.Run(at+"/"+p.peer, func(t *testing.T) {
				if got := p.look(t); got != p.expected {
					t.Errorf("%s, and the table says %q", got, p.expected)
				}
			})
		}
		if !seen {
			t.Errorf("%s: nobody has it, so that it is not known whether anybody could", at)
		}
		if c.standIn != nil {
			t.Run(at+"/what has it on purpose", func(t *testing.T) {
				if got := c.standIn(t); got != has {
					t.Error(got)
				}
			})
		}
		t.Run(at+"/Satchel", func(t *testing.T) {
			if got := c.satchel(t); got != free {
				t.Error(got)
			}
		})
	}
}

// clausesTable is the third table.
func clausesTable(shown func(names []string) string) string {
	var b strings.Builder
	b.WriteString(clausesBegin)
	for _, c := range clauses {
		of := map[verdict][]string{}
		for _, p := range c.peers {
			of[p.expected] = append(of[p.expected], p.peer)
		}
		names := func(v verdict) string {
			if len(of[v]) == 0 {
				return string(none)
			}
			return strings.Join(of[v], ", ")
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s | free of it: %s |\n", c.fault, c.title, names(has), names(free), shown(c.shown))
	}
	b.WriteString(clausesEnd)
	return b.String()
}

const clausesBegin = `
# Clauses

Some faults have further parts, which were seen in one peer or in few. These were asked of it, of some that can be asked the same, and of Satchel. Where
nobody has a fault, a stand-in that was made to have it shows that the test would see it.

| of | clause | has it | free of it | Satchel |
| --- | --- | --- | --- | --- |
`

const clausesEnd = `
These could not be asked:

- 8 of fiber and fasthttp/session, but for the commit that fails: on fasthttp a header leaves when the handlers have returned. All others but scs write
  their cookie where the handler asks for a session or saves it, so what comes first is the handler's own choice, and so is the answer to an error.
- 15 of simplesessions, go-session, icza/session, gin-contrib/sessions and fasthttp/session as they are set up here: their store is this process.
- 15 and 16 of express-session, ASP.NET, Ktor and tower-sessions, where they were seen first: they are no Go libraries.
- 16 of icza/session 1.2.0: its cache, gae_memcache_store.go, is built for App Engine alone.
- 16 of scs 2.9.0 (session.go), fiber 3.5.0 (middleware/session/store.go), redisstore 9.0.0 (redisstore.go), beego 2.3.8 (sess_file.go) and gorilla's
  FilesystemStore 1.4.0 (store.go): they ask their store in each request, and keep no copy for the next. CookieStore and golang-jwt have no store.
`
