package satcheltest

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/satchel-go/satchel"
)

// Program is an application's sessions in a test.
type Program struct {
	Sessions *satchel.Sessions
	Clock    *Clock // of Sessions and of the clients' cookies; nil is the real one

	transcripts transcripts
}

// New places kinds on a clock of the test's, at [Start], with entropy of the test's. What is wrong with the placements
// ends the test.
func New(t testing.TB, placements ...satchel.Placement) *Program {
	t.Helper()
	return Place(t, func(c satchel.Config) (*satchel.Sessions, error) { return c.New(placements...) })
}

// Place is New for a function that places the kinds of an application. Its Config has the test's Clock and Entropy, and
// writes down transcripts; place may add to it, an Observer above all, and hands it on.
//
// The entropy differs between tests, and between several programs of one test, but not between runs: a store that
// outlives the test holds the IDs of the run before. Empty it, or set c.Entropy to crypto/rand.Reader.
//
// The Clock stands at [Start], and a store that drops records by a real clock drops what is over by that: Redis at once, and
// a SweepEvery or store.Sweeping without the test's Now at its next sweep. A Set is then no error, and its value is gone. With such a store
// set the clock before the first session begins:
//
//	p.Clock.Set(time.Now())
func Place(t testing.TB, place func(c satchel.Config) (*satchel.Sessions, error)) *Program {
	t.Helper()
	p := &Program{Clock: new(Clock)}
	sessions, err := place(satchel.Config{
		Clock: p.Clock.Now, Entropy: Entropy(label(t)), RevealTranscripts: p.transcripts.add,
	})
	if err != nil {
		t.Fatalf("satcheltest: the kinds cannot be placed: %v", err)
	}
	p.Sessions = sessions
	return p
}

// programs counts the programs of each running test, by its name: two nodes over one store must not draw the same IDs.
var programs struct {
	sync.Mutex
	of map[string]int
}

func label(t testing.TB) string {
	programs.Lock()
	defer programs.Unlock()
	if programs.of == nil {
		programs.of = map[string]int{}
	}
	name := t.Name()
	if programs.of[name] == 0 {
		t.Cleanup(func() {
			programs.Lock()
			defer programs.Unlock()
			delete(programs.of, name)
		})
	}
	programs.of[name]++
	return name + " " + strconv.Itoa(programs.of[name])
}

// Client returns a new visitor of a handler, which is called in place: there are no sockets. Its URL is http://localhost.
// With a nil handler its Transport is still to be set.
func (p *Program) Client(h http.Handler) *Client {
	c := &Client{URL: "http://localhost", Jar: NewJar(p.Clock.Now), program: p}
	if h != nil {
		c.Transport = Handler(h)
	}
	return c
}

// ClientAt returns a new visitor of a real server. The server's own client carries its requests, so that TLS works.
func (p *Program) ClientAt(server *httptest.Server) *Client {
	c := p.Client(nil)
	c.URL, c.Transport = server.URL, server.Client().Transport
	return c
}

// Kind is a kind of session, whatever the Go type of its values: a [satchel.Kind].
type Kind interface{ Name() string }

// transport returns by what the tokens of a kind travel.
func (p *Program) transport(t testing.TB, kind Kind) satchel.Transport {
	t.Helper()
	for _, placed := range p.Sessions.Placed() {
		if placed.Kind == kind.Name() {
			return placed.Transport
		}
	}
	t.Fatalf("satcheltest: the kind %q is not placed", kind.Name())
	return satchel.Transport{}
}
