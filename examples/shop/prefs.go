package main

import (
	"slices"
)

// Prefs is the value of the kind "prefs". It travels sealed, so a visitor cannot read or change it but by the form.
type Prefs struct {
	Theme string `cbor:"1,keyasint"` // "", "light" or "dark"; "" is as the device says
	Code  string `cbor:"2,keyasint"` // of a currency
}

// Currency returns the one chosen, or the first.
func (p Prefs) Currency() Currency {
	i := slices.IndexFunc(currencies, func(c Currency) bool { return c.Code == p.Code })
	return currencies[max(i, 0)]
}

func (s *shop) prefs(r request) (answer, error) {
	return s.render(r, page{name: "prefs", title: "Preferences", body: currencies})
}

func (s *shop) setPrefs(r request) (answer, error) {
	chosen := Prefs{Code: Prefs{Code: r.form("currency")}.Currency().Code}
	if theme := r.form("theme"); theme == "light" || theme == "dark" {
		chosen.Theme = theme
	}
	// Set replaces the whole value. It leaves with this answer, as one cookie.
	if err := prefs.Set(r, chosen); err != nil {
		return answer{}, err
	}
	return redirect(r, "/prefs", "Your preferences are kept in this browser.")
}
