package adaptertest

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/satchel-go/satchel"
)

//go:embed scenarios
var ours embed.FS

// scenarios reads the kit's and others', in the order of their names.
func scenarios(more []fs.FS) (all []*scenario, err error) {
	folder, err := fs.Sub(ours, "scenarios")
	if err != nil {
		return nil, err
	}
	for _, folder := range append([]fs.FS{folder}, more...) {
		names, err := fs.Glob(folder, "*.txt")
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("adaptertest: no *.txt in %v", folder)
		}
		for _, name := range names {
			text, err := fs.ReadFile(folder, name)
			if err != nil {
				return nil, err
			}
			s, err := read(name, string(text))
			if err != nil {
				return nil, err
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// protocols are those of an adapter, by whether they are HTTP/2.
func (a Adapter) protocols() map[string]bool {
	if a.HTTP2 {
		return map[string]bool{"HTTP1": false, "HTTP2": true}
	}
	return map[string]bool{"HTTP1": false}
}

func runScenarios(t *testing.T, a Adapter, more []fs.FS) {
	t.Helper()
	all, err := scenarios(more)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		t.Run(strings.TrimSuffix(s.file, ".txt"), func(t *testing.T) {
			for protocol, http2 := range a.protocols() {
				for _, w := range ways {
					if s.only.has(w) {
						t.Run(protocol+"/"+w.placement+"/"+w.transport, func(t *testing.T) {
							t.Parallel()
							s.play(t, a, w, http2)
						})
					}
				}
			}
		})
	}
}

// play is one run of a scenario.
type play struct {
	*bench

	scenario *scenario
	way      way
	outer    *satchel.Sessions

	mu      sync.Mutex
	acting  map[string]*acting // by the line of the request
	pending map[string]pending // by visitor
	tokens  map[string]string  // by name
	seen    map[string]bool    // all tokens that were ever sent
}

// pending is a request that waits in its handler.
type pending struct {
	acting *acting
	answer <-chan came
	sent   *http.Request
}

// lineField is the field by which a request tells the handler its line in the scenario.
const lineField = "X-Scenario-Line"

// play runs a scenario in one way.
func (s *scenario) play(t testing.TB, a Adapter, w way, http2 bool) {
	p := &play{
		bench: newBench(t, a, http2), scenario: s, way: w, acting: map[string]*acting{}, pending: map[string]pending{},
		tokens: map[string]string{}, seen: map[string]bool{},
	}
	p.outer = p.place(false)
	p.serve(Site{Sessions: p.outer, Inside: p.place(true), Gates: p.gates(), Handle: p.handle})
	defer func() {
		for _, left := range p.pending { // of a test that ends early: its server waits for its handlers
			close(left.acting.on)
		}
	}()
	for i := range s.steps {
		p.step(&s.steps[i])
	}
}

// place places the kinds that are inside, or those that are not.
func (p *play) place(inside bool) *satchel.Sessions {
	var all []satchel.Placement
	for _, k := range p.scenario.kinds {
		if k.inside != inside || k.stamp {
			continue
		}
		o := satchel.Options{Cookie: p.scenario.cookie}
		for _, l := range p.scenario.lives {
			for i := 0; i < len(l.args); i += 2 {
				d, _ := duration(l.args[i+1])
				*map[string]*time.Duration{
					"idle": &o.Idle, "absolute": &o.Absolute, "touch": &o.Touch, "renew": &o.Renew, "grace": &o.Grace,
				}[l.args[i]] = d
			}
		}
		if !k.stamped {
			all = append(all, p.placed(k.name, k.of(p.way), o))
		} else {
			all = append(all, p.stamped(k.name, k.of(p.way), o))
		}
	}
	return p.sessions(all...)
}

// server reports whether a kind is server-side in this run.
func (p *play) server() bool {
	return slices.ContainsFunc(p.scenario.kinds, func(k kind) bool { return k.of(p.way).placement == "server" })
}

// step does one step.
func (p *play) step(s *step) {
	if !s.only.has(p.way) {
		return
	}
	switch {
	case s.who == "" && s.word == "records":
		if want, _ := number(s.args[0]); p.server() && p.ledger.Records() != want {
			p.errorf(s.line, "there are %d", p.ledger.Records())
		}
		p.checkStore(s)
	case s.who == "":
		p.turn(s.line)
	case s.method == "":
		left := p.pending[s.who]
		delete(p.pending, s.who)
		close(left.acting.on)
		p.check(s, left.acting, left.sent, <-left.answer)
	default:
		p.ask(s)
	}
}

// turn turns what a line says: the clock, the store.
func (p *play) turn(l line) {
	if l.word == "pass" {
		d, _ := duration(l.args[0])
		p.ledger.Clock.Advance(d)
		return
	}
	p.ledger.Down.Store(l.args[0] == "down")
}

// ask sends a request, and checks what comes of it unless its handler waits.
func (p *play) ask(s *step) {
	ctx, cancel := context.WithTimeout(p.Context(), Patience)
	a := &acting{play: p, step: s, paused: make(chan struct{}), on: make(chan struct{}), fields: http.Header{}}
	p.mu.Lock()
	p.acting[strconv.Itoa(s.no)] = a
	p.mu.Unlock()
	for path, g := range p.scenario.gates {
		if strings.HasPrefix(s.path, path) {
			a.uses(g.kind)
		}
	}
	who := p.person(s.who)
	r := p.newRequest(ctx, who, s.method, s.path)
	r.Header.Set(lineField, strconv.Itoa(s.no))
	own := http.Header{}
	for _, l := range s.sends {
		if l.only.has(p.way) {
			p.send(own, l)
		}
	}
	maps.Copy(r.Header, own)
	if host := own.Get("Host"); host != "" {
		r.Host = host
	}
	answer := make(chan came, 1)
	go func() {
		defer cancel()
		answer <- p.do(r)
	}()
	if !s.waits() {
		p.check(s, a, r, <-answer)
		return
	}
	select {
	case <-a.paused:
		p.pending[s.who] = pending{a, answer, r}
	case c := <-answer:
		p.Fatalf("%s:%d: the handler did not come to wait: %d %s, %v", p.scenario.file, s.no, c.status, c.body, c.err)
	}
}

// send puts what a line says into what a client sends of its own.
func (p *play) send(own http.Header, l line) {
	name, value, ok := strings.Cut(l.rest, ":")
	if ok && !strings.ContainsAny(name, " <\"") {
		own.Add(name, p.spell(strings.TrimSpace(value)))
		return
	}
	kind, _ := p.scenario.kind(l.args[0])
	var pairs []string
	for _, token := range l.args[1:] {
		if token = p.spell(token); kind.of(p.way).transport == "header" {
			own.Add(fieldOf(kind.name), token)
		} else {
			pairs = append(pairs, p.cookieOf(kind)+"="+token)
		}
	}
	if len(pairs) > 0 {
		own.Add("Cookie", strings.Join(pairs, "; "))
	}
}

// cookieOf returns the name of a kind's cookie.
func (p *play) cookieOf(k kind) string {
	look := p.scenario.cookie
	if k.stamp && look.Name != "" {
		look.Name = stampOf(look.Name)
	}
	c, err := look.Compile(k.name)
	if err != nil {
		p.Fatal(err)
	}
	return c.Name()
}

// spell puts tokens in place of their names.
func (p *play) spell(text string) string {
	return tokenName.ReplaceAllStringFunc(text, func(name string) string {
		m := tokenName.FindStringSubmatch(name)
		token := p.tokens[m[1]]
		switch {
		case m[2] == " cut" && token != "":
			return token[1:]
		case m[2] == " forged" && token != "":
			middle, other := len(token)/2, "A"
			if token[middle] == 'A' {
				other = "B"
			}
			return token[:middle] + other + token[middle+1:]
		}
		return token
	})
}

// acts returns who acts on a request, once.
func (p *play) acts(line string) *acting {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.acting[line]
	delete(p.acting, line)
	return a
}

// errorf fails the test at a line of the scenario.
func (p *play) errorf(l line, format string, args ...any) {
	p.Helper()
	p.Errorf("%s:%d: %s %s: %s", p.scenario.file, l.no, l.word, l.rest, fmt.Sprintf(format, args...))
}

// expect fails the test at a line if there is an error.
func (p *play) expect(l line, err error) {
	p.Helper()
	if err != nil {
		p.errorf(l, "%v", err)
	}
}
