package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// devices shows where somebody is signed in: all their sessions, by their public handles. There is nothing on the page that
// opens one.
func (s *shop) devices(r request, me satchel.About) (answer, error) {
	listed, err := carts.Of(s.sessions, me.Subject).List(r)
	if err != nil {
		return answer{}, err
	}
	now := time.Now()
	shown := make([]device, len(listed))
	for i, l := range listed {
		shown[i] = device{l, l.Handle == me.Handle, now}
	}
	return s.render(r, page{name: "devices", title: "My devices", body: shown})
}

// device is what the page shows of one session.
type device struct {
	satchel.Listed

	This bool // it is the one that asks
	now  time.Time
}

// Name is what the browser said of itself when it signed in.
func (d device) Name() string {
	if d.Hint == "" {
		return unknownDevice
	}
	return d.Hint
}

// SignedInText says when that was.
func (d device) SignedInText() string { return ago(d.now.Sub(d.Authenticated)) }

// SeenText says when it was last used. That is noted only once in a while, so the last minutes are one.
func (d device) SeenText() string {
	if since := d.now.Sub(d.Seen); since > 5*time.Minute {
		return ago(since)
	}
	return "in the last minutes"
}

func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return plural(int(d/time.Minute), "minute") + " ago"
	}
	return plural(int(d/time.Hour), "hour") + " ago"
}

// endDevice ends one session. It is over, on every machine of the shop, when the call returns.
func (s *shop) endDevice(r request, me satchel.About) (answer, error) {
	handle := core.Handle(r.form("handle"))
	if handle == me.Handle {
		return s.signOut(r) // which takes the cookie away as well
	}
	ended, err := carts.Of(s.sessions, me.Subject).End(r, handle)
	if err != nil {
		return answer{}, err
	}
	if !ended { // or it is somebody else's, which nobody is told
		return redirect(r, "/devices", "That one was signed out already.")
	}
	return redirect(r, "/devices", "That device is signed out.")
}

func (s *shop) endOtherDevices(r request, me satchel.About) (answer, error) {
	n, err := carts.Of(s.sessions, me.Subject).EndOthers(r, me.Handle)
	if err != nil {
		return answer{}, err
	}
	return redirect(r, "/devices", plural(n, "other device")+" signed out.")
}

func (s *shop) endAllDevices(r request, me satchel.About) (answer, error) {
	if _, err := carts.Of(s.sessions, me.Subject).EndAll(r); err != nil {
		return answer{}, err
	}
	return s.signOut(r)
}

// signedIn lets through only whoever has signed in. Handlers of a framework have a guard for this (nethttp.SignedIn); the
// shop's pages are of none.
func signedIn(page func(r request, me satchel.About) (answer, error)) handler {
	return func(r request) (answer, error) {
		switch me, what, err := satchel.Authenticate(r, carts, satchel.SignedIn(carts)); {
		case err != nil:
			return answer{}, err // nobody knows: that is no reason to ask for a name
		case what == satchel.Authenticated:
			return page(r, me)
		case what == satchel.TokenRefused:
			return redirect(r, "/signin", "You are not signed in any more on this device.")
		}
		return redirect(r, "/signin", "Sign in to see your devices.")
	}
}

const unknownDevice = "A device"

// deviceOf says in a few words what a User-Agent means. It is for its owner to recognize, and proves nothing.
func deviceOf(agent string) string {
	first := func(table [][2]string) string {
		for _, entry := range table {
			if strings.Contains(agent, entry[0]) {
				return entry[1]
			}
		}
		return ""
	}
	// Nearly all say that they are several; what stands first is true.
	browser := first([][2]string{
		{"Edg/", "Edge"},
		{"OPR/", "Opera"},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"Chrome/", "Chrome"},
		{"CriOS/", "Chrome"},
		{"Safari/", "Safari"},
		{"curl/", "curl"},
	})
	system := first([][2]string{
		{"iPhone", "an iPhone"},
		{"iPad", "an iPad"},
		{"Android", "Android"},
		{"Windows", "Windows"},
		{"Mac OS X", "a Mac"},
		{"CrOS", "ChromeOS"},
		{"Linux", "Linux"},
	})
	switch {
	case browser == "" && system == "":
		return unknownDevice
	case system == "":
		return browser
	case browser == "":
		return unknownDevice + " with " + system
	}
	return browser + " on " + system
}

// deviceRoutes are the addresses of this page.
func (s *shop) deviceRoutes() []route {
	return []route{
		{http.MethodGet, "/devices", signedIn(s.devices)},
		{http.MethodPost, "/devices/end", signedIn(s.endDevice)},
		{http.MethodPost, "/devices/end-others", signedIn(s.endOtherDevices)},
		{http.MethodPost, "/devices/end-all", signedIn(s.endAllDevices)},
	}
}
