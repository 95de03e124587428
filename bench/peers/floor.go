package peers

import (
	"net/http"

	"github.com/satchel-go/satchel/bench/fixture"
	"github.com/satchel-go/satchel/bench/floor"
)

// FloorServer is the floor of sessions in memory.
func FloorServer() HTTP {
	s := floor.NewServer()
	return onFloor("floor-server", s.Get, s.Set)
}

// FloorClient is the floor of sealed cookies.
func FloorClient() HTTP {
	c := floor.NewClient()
	return onFloor("floor-client", c.Get, c.Set)
}

func onFloor(
	name string, get func(*http.Request) (fixture.LoginArray, bool),
	set func(http.ResponseWriter, *http.Request, fixture.LoginArray) error,
) HTTP {
	return HTTP{
		Name: name, Middleware: floor.Middleware,
		Read: func(w http.ResponseWriter, r *http.Request) {
			v, ok := get(r)
			finish(w, r, ok && whole(fixture.Login{User: v.User, Name: v.Name, Roles: v.Roles, Since: v.Since}), nil)
		},
		Write: func(w http.ResponseWriter, r *http.Request) {
			v, ok := get(r)
			v.Since++
			finish(w, r, ok && v.User == login.User, set(w, r, v))
		},
		Create: func(w http.ResponseWriter, r *http.Request) { finish(w, r, true, set(w, r, login.Array())) },
	}
}
