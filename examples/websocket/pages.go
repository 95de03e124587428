package main

import (
	"fmt"
	"net/http"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// site is the pages and the socket. The socket is not inside the middleware: it has an exchange of its own for the upgrade, and one for
// each message.
type site struct {
	sessions *satchel.Sessions
	http.Handler
}

func newSite(s *satchel.Sessions) *site {
	x := &site{sessions: s}
	pages := http.NewServeMux()
	pages.HandleFunc("GET /{$}", front)
	pages.HandleFunc("POST /sign-in", signIn)
	pages.HandleFunc("POST /sign-out", signOut)
	mux := http.NewServeMux()
	mux.Handle("/", nethttp.Wrap(pages, s))
	mux.HandleFunc("GET /socket", x.socket)
	x.Handler = http.NewCrossOriginProtection().Handler(mux)
	return x
}

func front(w http.ResponseWriter, r *http.Request) {
	desk, _, err := desks.Get(r.Context())
	if err != nil {
		http.Error(w, "come back in a minute", nethttp.StatusOf(err))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, page, len(desk.Notes))
}

// signIn gives the session another token, in a cookie, so it is a page and no message. Connections under the old one end, and come back.
func signIn(w http.ResponseWriter, r *http.Request) {
	desk, _, err := desks.Get(r.Context())
	if err == nil {
		err = desks.SignIn(r.Context(), r.FormValue("name"), desk)
	}
	seeFront(w, r, err)
}

// signOut ends the session, and every connection that it has.
func signOut(w http.ResponseWriter, r *http.Request) { seeFront(w, r, desks.Clear(r.Context())) }

func seeFront(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		http.Error(w, "that did not work", nethttp.StatusOf(err))
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

const page = `<!doctype html><meta charset="utf-8"><title>A desk</title>
<h1>A desk</h1>
<p>There were %d notes when the page was made.</p>
<form id="add"><input id="note" autocomplete="off"> <button>Put it on the desk</button></form>
<ul id="notes"></ul>
<form method="post" action="/sign-in"><input name="name" value="ann"> <button>Sign in</button></form>
<form method="post" action="/sign-out"><button>Sign out</button></form>
<script>
function connect() {
  const socket = new WebSocket("ws://" + location.host + "/socket");
  socket.onopen = () => socket.send("");
  socket.onmessage = e => {
    const said = JSON.parse(e.data);
    const lines = Array.isArray(said) ? said : [said];
    document.getElementById("notes").replaceChildren(...lines.map(text => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
  };
  socket.onclose = e => {
    if (e.code === 4401) { location.reload(); return; } // the page has the cookie of now
    setTimeout(connect, 1000);
  };
  document.getElementById("add").onsubmit = e => {
    e.preventDefault();
    socket.send(document.getElementById("note").value);
  };
}
connect();
</script>
`
