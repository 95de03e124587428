package satchel

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/core"
)

// Config is what all kinds of a program share. The zero value is usable, and New uses it.
type Config struct {
	Observer Observer
	// Cookie says how cookies look where a placement's Options do not.
	Cookie cookie.Config
	// CommitLimit bounds the commit of one kind, which goes on when the client hangs up, and the replays of Update; 0 is 5
	// seconds.
	// What a commit that failed leaves to be found out and undone may take a second more.
	CommitLimit time.Duration
	// LoadLimit bounds the reading of one session from its store; 0 is 2 seconds.
	LoadLimit time.Duration
	// KeyRefresh is how old a keyring may become before its source is read again, 0 for 30 seconds. A revoked key is
	// refused so much later, and at the most twice so much where the source takes long to answer.
	KeyRefresh time.Duration
	// WatchEvery is how often a watched session is looked at where nothing announces its end, 0 for one second. Of each kind sixteen
	// sessions are asked for side by side: a thousand over a store 20 ms away take 1.25 seconds, and are not looked at oftener than that.
	WatchEvery time.Duration
	// Clock replaces time.Now, and Entropy crypto/rand.Reader, for tests. Whoever predicts Entropy owns every session.
	Clock   func() time.Time
	Entropy io.Reader
	// RevealTranscripts is handed what each exchange did to the session of each kind that it used, when it is
	// closed, as core.Replay reads it. It holds secrets: tokens, payloads and new IDs stand in it readable.
	RevealTranscripts func(kind, transcript string)
}

// Sessions are the placed kinds of a program. They are immutable and used by many goroutines at once.
type Sessions struct {
	config Config
	placed []*placed
	byName map[string]int
	wall   bool // the clock is time.Now

	watches watches
}

// New places kinds with the zero Config.
func New(placements ...Placement) (*Sessions, error) { return Config{}.New(placements...) }

// Must returns sessions, or panics with what New found wrong.
func Must(s *Sessions, err error) *Sessions {
	if err != nil {
		panic(err)
	}
	return s
}

// New places kinds. It validates everything, reads each keyring once, and lists all that is wrong in one error.
func (c Config) New(placements ...Placement) (*Sessions, error) {
	var errs []error
	if c.CommitLimit < 0 || c.LoadLimit < 0 || c.KeyRefresh < 0 || c.WatchEvery < 0 {
		errs = append(errs, errors.New("satchel: CommitLimit, LoadLimit, KeyRefresh or WatchEvery is negative"))
	}
	s := &Sessions{config: c.withDefaults(), wall: c.Clock == nil, byName: make(map[string]int, len(placements))}
	carriers, named := map[string]string{}, map[string]string{}
	for _, p := range placements {
		if p.kind == nil {
			errs = append(errs, errors.New("satchel: a placement comes from a kind's ServerSide or ClientSide"))
			continue
		}
		name := p.kind.Name()
		if _, ok := s.byName[name]; ok {
			errs = append(errs, fmt.Errorf("satchel: kind %q: placed twice", name))
			continue
		}
		s.byName[name] = len(s.placed)
		if p.options.Header == "" && reflect.ValueOf(p.options.Cookie).IsZero() {
			p.options.Cookie = c.Cookie
		}
		placed, faults := p.compile(s.config)
		for _, fault := range faults {
			errs = append(errs, fmt.Errorf("satchel: kind %q: %w", name, fault))
		}
		if len(faults) > 0 {
			continue
		}
		for _, t := range placed.transports() {
			carrier := t.carrier()
			if other, ok := carriers[carrier]; ok {
				errs = append(errs, fmt.Errorf("satchel: kinds %q and %q travel by one %s", other, name, carrier))
			} else if other, ok := named[t.Kind]; ok { // which is what a protocol without cookies and headers goes by
				errs = append(errs, fmt.Errorf("satchel: kinds %q and %q both send tokens as %q", other, name, t.Kind))
			}
			carriers[carrier], named[t.Kind] = name, name
		}
		s.placed = append(s.placed, placed)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return s, nil
}

func (c Config) withDefaults() Config {
	if c.CommitLimit == 0 {
		c.CommitLimit = 5 * time.Second
	}
	if c.LoadLimit == 0 {
		c.LoadLimit = 2 * time.Second
	}
	if c.KeyRefresh == 0 {
		c.KeyRefresh = 30 * time.Second
	}
	if c.WatchEvery == 0 {
		c.WatchEvery = time.Second
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Entropy == nil {
		c.Entropy = rand.Reader
	}
	return c
}

// carrier names what a transport occupies, for errors and for finding two on one.
func (t Transport) carrier() string {
	if t.Header != "" {
		return "header " + strings.ToLower(t.Header)
	}
	return "cookie " + t.Cookie.Name()
}

// Placed describes a kind as it was placed, for pages and tools.
type Placed struct {
	Kind      string
	Type      reflect.Type
	Transport Transport

	ClientSide bool // in the client; else in a store
	Readable   bool // whoever holds a token can read the value

	Idle, Absolute, Touch, Skew, Renew, Grace time.Duration // see Options; a Renew of 0 is never
	LongestIdle, Longest                      time.Duration // of one session; Idle and Absolute where Options name no longer ones
	EndReused                                 bool
	Profile                                   Profile
}

// Placed returns the kinds in the order in which they were placed.
func (s *Sessions) Placed() []Placed {
	all := make([]Placed, len(s.placed))
	inMS := func(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }
	for i, p := range s.placed {
		l := p.config.Lifetime
		idle, absolute := l.Bounds()
		all[i] = Placed{
			Kind: p.kind.Name(), Type: p.kind.valueType(), Transport: p.transport,
			ClientSide: p.place == core.ClientSide, Readable: p.readable,
			Idle: duration(l.Idle), Absolute: duration(l.Absolute), Touch: inMS(l.Touch), Skew: inMS(l.Skew),
			Renew: inMS(l.Renew), Grace: inMS(l.Grace), EndReused: p.config.EndReused, Profile: p.profile,
			LongestIdle: duration(idle % core.MaxInstant), Longest: duration(absolute % core.MaxInstant),
		}
	}
	return all
}

func (s *Sessions) now() int64 { return s.config.Clock().UnixMilli() }

// reservedFields are fields that HTTP, or what an adapter writes, gives another meaning.
var reservedFields = []string{
	"accept-ranges", "age", "cache-control", "connection", "cookie", "date", "etag", "expect", "expires", "host", "keep-alive",
	"last-modified", "location", "range", "refresh", "retry-after", "set-cookie", "te", "trailer", "transfer-encoding",
	"upgrade", "vary", "www-authenticate",
}

// stampTransport compiles by what stamps travel: what tokens do, under the name with "-seen" behind it.
func (p Placement) stampTransport() (Transport, error) {
	if p.options.Header != "" {
		return Transport{Kind: p.kind.Name() + stampSuffix, Header: p.options.Header + stampSuffix}, nil
	}
	config := p.options.Cookie
	if config.Name != "" {
		config.Name += stampSuffix
	}
	c, err := config.Compile(p.kind.Name() + stampSuffix)
	return Transport{Kind: p.kind.Name() + stampSuffix, Cookie: c}, err
}

const stampSuffix = "-seen"

// Transports returns by what all that is sent travels: the tokens of each kind, and the stamps of kinds that have them.
func (s *Sessions) Transports() []Transport {
	var all []Transport
	for _, p := range s.placed {
		all = append(all, p.transports()...)
	}
	return all
}

func (p *placed) transports() []Transport {
	if p.stamp.Kind == "" {
		return []Transport{p.transport}
	}
	return []Transport{p.transport, p.stamp}
}

// transport compiles by what tokens travel.
func (p Placement) transport() (Transport, error) {
	t := Transport{Kind: p.kind.Name()}
	if p.options.Header == "" {
		var err error
		t.Cookie, err = p.options.Cookie.Compile(p.kind.Name())
		return t, err
	}
	t.Header = p.options.Header
	if !cookie.Token(t.Kind) {
		return t, errors.New("the kind's name is not a token, as a cookie's would be")
	}
	if !cookie.Token(t.Header) {
		return t, fmt.Errorf("header: %q is not a field name (RFC 9110, section 5.1)", t.Header)
	}
	if slices.Contains(reservedFields, strings.ToLower(t.Header)) || strings.HasPrefix(strings.ToLower(t.Header), "content-") {
		return t, fmt.Errorf("header: %s has a meaning of its own", t.Header)
	}
	if !reflect.DeepEqual(p.options.Cookie, cookie.Config{}) {
		return t, errors.New("header: the kind has cookie options as well")
	}
	return t, nil
}
