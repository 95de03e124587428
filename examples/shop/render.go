package main

import (
	"bytes"
	"context"
	"embed"
	"html/template"
)

//go:embed templates
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// templates holds each page, by its name, inside the layout.
var templates = parseTemplates("front", "cart", "signin", "devices", "prefs", "api", "travels", "error")

func parseTemplates(names ...string) map[string]*template.Template {
	all := make(map[string]*template.Template, len(names))
	for _, name := range names {
		all[name] = template.Must(template.ParseFS(templateFiles, "templates/layout.html", "templates/"+name+".html"))
	}
	return all
}

// page is what a handler wants shown.
type page struct {
	name   string // of its template
	title  string
	status int // 0 is 200
	body   any
}

// view is what templates see.
type view struct {
	Title   string
	Name    string // of the page
	Visitor visitor
	HTTPS   bool
	Body    any
}

// visitor is what every page knows of whoever is looking: three kinds of session, two of them in the browser.
type visitor struct {
	Cart    Cart
	Subject string // who has signed in, or ""
	Known   bool   // false where the session was not asked
	Prefs   Prefs
	Flash   string
}

// look reads the sessions. Get's error is never the visitor's: no session, a forged one and one that is over are all
// simply not there.
func look(ctx context.Context) (v visitor, err error) {
	if v.Cart, _, err = carts.Get(ctx); err != nil {
		return v, err
	}
	about, err := carts.About(ctx)
	if err != nil {
		return v, err
	}
	v.Subject, v.Known = about.Subject, true
	if v.Prefs, _, err = prefs.Get(ctx); err != nil {
		return v, err
	}
	v.Flash, err = takeFlash(ctx)
	return v, err
}

// render shows a page to the visitor whose request it is.
func (s *shop) render(r request, p page) (answer, error) {
	v, err := look(r)
	if err != nil {
		return answer{}, err
	}
	return s.write(p, v)
}

// write shows a page without asking any session. Nothing leaves before the whole page stands.
func (s *shop) write(p page, v visitor) (answer, error) {
	var out bytes.Buffer
	all := view{Title: p.title, Name: p.name, Visitor: v, HTTPS: s.https, Body: p.body}
	err := templates[p.name].ExecuteTemplate(&out, "layout", all)
	// Satchel marks the answer private. The shop wants more: after signing out, Back must not show a cart from history.
	return answer{status: p.status, kind: "text/html; charset=utf-8", cache: "no-store", body: out.Bytes()}, err
}
