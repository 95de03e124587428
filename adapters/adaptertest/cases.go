package adaptertest

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
)

// testcase is what takes goroutines, or a second program, to show.
type testcase struct {
	name   string
	faults []int
	run    func(b *bench)

	ways     []way // in which it means something else, none is by default alone
	upgrades bool  // for adapters that hand over connections, by HTTP/1.1
}

// cases are those of the kit.
var cases = []testcase{
	{name: "parallel-changes", faults: []int{3}, run: parallelChanges},
	{name: "parallel-use", run: parallelUse},
	{name: "kept-handles", faults: []int{9}, run: keptHandles, ways: ways},
	{name: "goroutine-outlives", faults: []int{9, 22}, run: goroutineOutlives, ways: ways},
	{name: "hang-up", faults: []int{22}, run: hangUp, ways: ways[2:]},
	{name: "hang-up-before-commit", faults: []int{22}, run: hangUpBeforeCommit},
	{name: "undecodable", faults: []int{6}, run: undecodable, ways: ways},
	{name: "fleet-outage", faults: []int{15}, run: fleetOutage},
	{name: "twice", faults: []int{9}, run: twice},
	{name: "twice-tenants", faults: []int{9}, run: twiceTenants, ways: ways},
	{name: "upgrade", faults: []int{8, 25}, run: upgrade, upgrades: true},
	{name: "upgrade-fails", faults: []int{8, 15}, run: upgradeFails, upgrades: true},
}

func runCases(t *testing.T, a Adapter) {
	t.Helper()
	for _, c := range cases {
		if !c.upgrades || a.Upgrades {
			t.Run(c.name, func(t *testing.T) {
				for protocol, http2 := range a.protocols() {
					if !c.upgrades || !http2 {
						t.Run(protocol, func(t *testing.T) { c.runIn(t, a, http2) })
					}
				}
			})
		}
	}
}

// runIn runs a case in each of its ways.
func (c testcase) runIn(t *testing.T, a Adapter, http2 bool) {
	t.Helper()
	if c.ways == nil {
		c.run(newBench(t, a, http2))
	}
	for _, w := range c.ways {
		t.Run(w.String(), func(t *testing.T) {
			b := newBench(t, a, http2)
			b.way = w
			c.run(b)
		})
	}
}

// byDefault is the way of cases that mean the same in each.
var byDefault = way{"server", "cookie"}

// carts is the kind of the cases.
var carts = satchel.NewKind[Words]("cart")

// page says something, or why not. One that says nothing has answered by itself.
type page func(v Visit) (string, error)

// pages serves a cart, with a page for each path.
func (b *bench) pages(all map[string]page) {
	b.Helper()
	b.serve(Site{Sessions: b.sessions(b.placed("cart", b.way, satchel.Options{})), Handle: answering(all)})
}

// answering returns a Site's Handle for pages. A request says by a header field which it wants; beside those that a case
// has there are two that add a word and show the words.
func answering(all map[string]page) func(Visit) *HandlerError {
	known := map[string]page{"add": add, "show": show}
	maps.Copy(known, all)
	return func(v Visit) *HandlerError {
		text, err := known[v.Sent(pageField)](v)
		if f := fails(err); f != nil {
			return f
		}
		if text != "" {
			_ = v.Body(text) // what became of it is seen by the client
		}
		return nil
	}
}

// pageField and wordField say what a request wants.
const (
	pageField = "X-Page"
	wordField = "X-Word"
)

func add(v Visit) (string, error) {
	word := strings.Clone(v.Sent(wordField)) // which may lie in a buffer of the framework's
	w, err := carts.Update(v.Context(), func(w Words) Words {
		w.Words = append(w.Words, word)
		return w
	})
	return strings.Join(w.Words, " "), err
}

func show(v Visit) (string, error) {
	w, ok, err := carts.Get(v.Context())
	if !ok {
		return "none", err
	}
	return strings.Join(w.Words, " "), err
}

// visit has a visitor ask for a page, "add" with a word behind it, and returns what came.
func (b *bench) visit(who, what string) came {
	b.Helper()
	c := b.asks(b.person(who), what)
	if c.err != nil {
		b.Errorf("%s, %s: %v", who, what, c.err)
	}
	return c
}

func (b *bench) asks(p *person, what string) came {
	b.Helper()
	r := b.pageRequest(p, what)
	c := b.do(r)
	if c.err == nil {
		if err := p.keep(r.URL, c, []string{fieldOf("cart")}); err != nil {
			b.Error(err)
		}
	}
	return c
}

func (b *bench) pageRequest(p *person, what string) *http.Request {
	b.Helper()
	name, word, _ := strings.Cut(what, " ")
	r := b.newRequest(b.Context(), p, http.MethodPost, b.path)
	r.Header.Set(pageField, name)
	r.Header.Set(wordField, word)
	return r
}

// says has a visitor ask for a page, which must say that, as a 200.
func (b *bench) says(who, what, text string) {
	b.Helper()
	if c := b.visit(who, what); c.status != http.StatusOK || c.body != text {
		b.Errorf("%s, %s: %d %s, want %s", who, what, c.status, brief(c.body), brief(text))
	}
}
