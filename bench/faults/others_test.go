package faults

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// other is a further Go library, asked of what can be seen through a site.
type other struct {
	name   string
	site   func(t *testing.T) *site
	client bool // its sessions live in the client
}

var others = [9]other{
	{name: "redisstore 9.0.0", site: redisstoreSite},
	{name: "fasthttp/session 2.5.9", site: fastSite},
	{name: "iris sessions 12.2.11", site: irisSite},
	{name: "simplesessions 3.0.0 (memory)", site: simpleSite},
	{name: "go-session 3.2.1", site: goSessionSite},
	{name: "icza/session 1.2.0", site: iczaSite},
	{name: "beego session 2.3.8", site: beegoSite},
	{name: "gin-contrib/sessions 1.0.4", site: ginSite},
	{name: "golang-jwt 5.3.1", site: jwtSite, client: true},
}

// The others in the order of the table.
const (
	ofRedisstore = iota
	ofFast
	ofIris
	_
	ofGoSession
	ofIcza
	ofBeego
)

// question is one line of the second table.
type question struct {
	fault int
	title string
	// each asks a site, and alone asks one of the others with means of its own; who is asked by neither has a dash
	each     func(t *testing.T, s *site, client bool) verdict
	alone    map[int]func(t *testing.T) verdict
	satchel  func(t *testing.T) verdict
	expected [len(others)]verdict
}

func ofSite(ask func(*site) verdict) func(*testing.T, *site, bool) verdict {
	return func(_ *testing.T, s *site, _ bool) verdict { return ask(s) }
}

// inStore asks what a session in the client cannot have.
func inStore(ask func(*site) verdict) func(*testing.T, *site, bool) verdict {
	return func(_ *testing.T, s *site, client bool) verdict {
		if client {
			return none
		}
		return ask(s)
	}
}

var questions = []question{
	{
		fault: 1, title: "logout undone by a request in flight", each: inStore(logoutUndone), satchel: satchelLogoutUndone,
		expected: [len(others)]verdict{has, has, free, free, has, free, has, has, none},
	},
	{
		fault: 2, title: "a read-only request overwrites a writer",
		each:    func(_ *testing.T, s *site, client bool) verdict { return readOverwrites(s, client) },
		satchel: satchelReadOverwrites, expected: [len(others)]verdict{free, has, free, free, free, free, has, free, free},
	},
	{
		fault: 3, title: "of two writers' changes one is gone", each: inStore(lostUpdate), satchel: satchelLostUpdate,
		expected: [len(others)]verdict{has, has, has, has, has, has, has, has, none},
	},
	{
		fault: 5, title: "an ID that the client chose is adopted", each: inStore(func(s *site) verdict { return fixation(s, planted) }),
		satchel: satchelFixation, expected: [len(others)]verdict{has, has, has, free, free, free, free, free, none},
	},
	{
		fault: 6, title: "a bad cookie is a 500 at each request", each: ofSite(badCookies), satchel: satchelBadCookies,
		expected: [len(others)]verdict{free, free, free, free, has, free, has, free, free},
	},
	{
		fault: 7, title: "a session outlives its logout", each: ofSite(outlivesLogout), satchel: satchelOutlivesLogout,
		expected: [len(others)]verdict{free, free, free, free, free, free, free, free, has},
	},
	{
		fault: 16, title: "a node serves what has ended on another", alone: map[int]func(*testing.T) verdict{ofIris: irisNodes}, satchel: satchelCaches,
		expected: [len(others)]verdict{none, none, free, none, none, none, none, none, none},
	},
	{
		fault: 18, title: "files that everybody may read", alone: map[int]func(*testing.T) verdict{ofBeego: beegoModes}, satchel: satchelModes,
		expected: [len(others)]verdict{none, none, none, none, none, none, has, none, none},
	},
	{
		fault: 19, title: "the store or the log holds working tokens",
		alone:   map[int]func(*testing.T) verdict{ofRedisstore: redisstoreKeys, ofIcza: iczaLogs, ofBeego: beegoNames},
		satchel: satchelTokenSeen, expected: [len(others)]verdict{has, none, none, none, none, has, has, none, none},
	},
	{
		fault: 20, title: "clearing has other attributes than setting", each: ofSite(clears), satchel: satchelClears,
		expected: [len(others)]verdict{free, has, has, has, has, free, free, free, free},
	},
	{
		fault: 23, title: "a goroutine stays when nobody needs it any more",
		alone: map[int]func(*testing.T) verdict{ofFast: fastGoroutine, ofGoSession: goSessionGoroutine}, satchel: satchelGoroutine,
		expected: [len(others)]verdict{none, has, none, none, has, none, none, none, none},
	},
}

func (q question) of(t *testing.T, i int) verdict {
	if q.each != nil {
		return q.each(t, others[i].site(t), others[i].client)
	}
	if ask := q.alone[i]; ask != nil {
		return ask(t)
	}
	return none
}

// Each of the others does what the second table says of it, and Satchel, asked the same, has nothing of it.
func TestOthers(t *testing.T) {
	for _, q := range questions {
		for i, o := range others {
			t.Run(fmt.Sprintf("%02d/%s", q.fault, o.name), func(t *testing.T) {
				if got := q.of(t, i); got != q.expected[i] {
					t.Errorf("%s: %s, and the table says %q", q.title, got, q.expected[i])
				}
			})
		}
		t.Run(fmt.Sprintf("%02d/Satchel", q.fault), func(t *testing.T) {
			if got := q.satchel(t); got != free {
				t.Errorf("%s: %s", q.title, got)
			}
		})
	}
}

// Each site does its work: what is begun is there and counts, and who logs out has nothing.
func TestOtherSites(t *testing.T) {
	for _, o := range others {
		t.Run(o.name, func(t *testing.T) {
			s := o.site(t)
			cookie := s.do("/new", "").cookie
			if cookie == "" || s.do("/look", cookie).body != "1" {
				t.Fatal("no session")
			}
			added := s.do("/add", cookie)
			if o.client {
				cookie = added.cookie
			}
			if got := s.do("/look", cookie); got.status != http.StatusOK || got.body != "2" {
				t.Errorf("1 and 1 is %d %q", got.status, got.body)
			}
			if out := s.do("/logout", cookie); out.status != http.StatusOK || out.set == "" || out.cookie != "" {
				t.Errorf("the logout is %d, and the browser keeps %q", out.status, out.cookie)
			}
		})
	}
}

// othersTable is the second table.
func othersTable() string {
	var b strings.Builder
	b.WriteString("\n# Others\n\nThe same of further Go libraries, each set up as its documentation says and asked what Satchel was asked; a dash is\n" +
		"where the fault cannot concern it, or where it was not asked. sessionup needs a module, and seshcookie is one, that the Go proxy does not have.\n" +
		"The module of simplesessions' Redis store cannot be had there either. By its source its Set writes a session that is not there, under the ID\n" +
		"that came; so what faults 1 and 5 say of simplesessions is said of its store in memory alone.\n\n|  | fault |")
	for _, o := range others {
		fmt.Fprintf(&b, " %s |", o.name)
	}
	fmt.Fprintf(&b, " Satchel |\n|%s\n", strings.Repeat(" --- |", len(others)+3))
	for _, q := range questions {
		fmt.Fprintf(&b, "| %d | %s |", q.fault, q.title)
		for _, v := range q.expected {
			fmt.Fprintf(&b, " %s |", strings.TrimSuffix(strings.Replace(string(v), "has it", "has", 1), " of it"))
		}
		b.WriteString(" free |\n")
	}
	return b.String()
}
