package main

import (
	"strings"
	"time"

	"github.com/satchel-go/satchel"
)

// travel is what the page shows of one kind. It holds no token: what HttpOnly hides from scripts, a page must not show.
type travel struct {
	satchel.Placed
	Holds      string   // the Go type
	ServerSide bool     // only an ID travels
	Name       string   // of the cookie or header field
	Attributes []string // of the cookie, as they are set
	Kept       string   // where the shop keeps it, if it does
	Size       int      // characters that came with this request, or 0
	About      satchel.About
}

// travels shows what the browser holds, from what the sessions say of themselves and from this very request.
func (s *shop) travels(r request) (answer, error) {
	var rows []travel
	for _, placed := range s.sessions.Placed() {
		row := travel{
			Placed: placed, Holds: placed.Type.Name(), ServerSide: !placed.ClientSide,
		}
		if row.ServerSide {
			row.Kept = s.where()
		}
		if c := placed.Transport.Cookie; c != nil {
			attributes := strings.Split(c.String(), "; ")
			row.Name, row.Attributes = attributes[0], attributes[1:]
			row.Size = len(r.cookie(row.Name))
		} else {
			row.Name, row.Size = placed.Transport.Header, len(r.field(placed.Transport.Header))
		}
		// The kind by its name, as tools that do not know its type use it.
		kind, _ := s.sessions.Kind(placed.Kind)
		var err error
		if row.About, err = kind.About(r); err != nil {
			return answer{}, err
		}
		rows = append(rows, row)
	}
	return s.render(r, page{name: "travels", title: "What travels", body: rows})
}

// LifeText spells how long the session lives.
func (t travel) LifeText() string {
	life := spell(t.Absolute)
	if t.Idle != satchel.Unlimited {
		return spell(t.Idle) + " unused, " + life + " in all"
	}
	return life
}

func spell(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return "no limit"
	case d%day == 0 && d > day:
		return plural(int(d/day), "day")
	case d%time.Hour == 0:
		return plural(int(d/time.Hour), "hour")
	}
	return plural(int(d/time.Minute), "minute")
}
