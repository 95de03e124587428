package main

import (
	"net/http"
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

func (s *shop) prefs(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, page{name: "prefs", title: "Preferences", body: currencies})
}

func (s *shop) setPrefs(w http.ResponseWriter, r *http.Request) error {
	chosen := Prefs{Code: Prefs{Code: r.FormValue("currency")}.Currency().Code}
	if theme := r.FormValue("theme"); theme == "light" || theme == "dark" {
		chosen.Theme = theme
	}
	// Set replaces the whole value. It leaves with this answer, as one cookie.
	if err := prefs.Set(r.Context(), chosen); err != nil {
		return err
	}
	return redirect(w, r, "/prefs", "Your preferences are kept in this browser.")
}
