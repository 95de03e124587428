// Package adaptertest holds an adapter to the behaviour that all adapters share. The author of one writes one function,
// which serves what the kit hands it, and calls [Run]:
//
//	func TestAdapter(t *testing.T) {
//		adaptertest.Run(t, adaptertest.Adapter{HTTP2: true, Upgrades: true, Serve: serve})
//	}
//
//	func serve(t testing.TB, l net.Listener, site adaptertest.Site) {
//		mux := http.NewServeMux()
//		mux.Handle("/", site.Handler())
//		if site.Inside != nil {
//			mux.Handle("/inside/", site.Around(nethttp.Config{Tenant: adaptertest.InsideTenant}.Wrap(site.Handler(), site.Inside)))
//		}
//		for path, g := range site.Gates {
//			mux.Handle(path, guard(g).Wrap(site.Handler())) // the Gate as a guard of the adapter's own type
//		}
//		adaptertest.ServeHTTP(t, l, nethttp.Config{Tenant: adaptertest.Tenant}.Wrap(mux, site.Sessions))
//	}
//
// A framework that is not made of net/http implements [Visit], nine short methods, in place of [Site.Handler], and [Upgrader] if
// it hands over connections. The kit's own naive_test.go, naive_send_test.go and naive_guard_test.go are such an adapter, of the least that passes.
// What package answer has need not be written again.
//
// # Scenarios
//
// The folder scenarios has what must hold, as texts that need no Go to be read. They run over real sockets with TLS, with
// cookie jars after RFC 6265bis, by HTTP/1.1 and where there is HTTP/2, and each four ways: with client-side and with
// server-side sessions, whose tokens travel by cookies and by header fields.
//
//	# What somebody else changed meanwhile is not overwritten.
//	title a change that met another one
//	fault 3
//
//	ann asks GET /
//	    handler  set cart tea
//	    token    cart sent
//
//	ann asks GET /
//	    handler  get cart -> tea
//	    handler  wait
//	    handler  set cart mine
//
//	ann/2 asks GET /
//	    handler  add cart theirs -> tea theirs
//	    token    cart sent         [client]
//	    store    load, replace
//
//	ann goes on
//	    answer   409 Conflict      [server]
//	    token    cart sent         [client]
//
// A line at the margin is a step; they happen one after the other. Indented lines under a step say what belongs to it. A
// line whose first character is # is a comment, and so is what follows " # ". Words in brackets at the end of a line say
// in which runs it counts: client or server, cookie or header.
//
// First come lines about the scenario:
//
//	title TEXT                     what is shown
//	fault N…                       the faults of other libraries, by their numbers, that are shown to be absent
//	only [server]                  the scenario is for these runs alone: see below
//	kind NAME [WORDS]              a kind; without such a line there is one, cart. Words fix what else the run decides
//	                               (client, server, cookie, header), or place it inside: only under the path /inside/,
//	                               by a middleware within that of the application; or give it an idle time in the client too:
//	                               stamped. Then the lines below know its stamp as cart-seen, in client-side runs
//	lives idle 10m absolute 1h     lifetimes, in place of the defaults, of server-side kinds (of client-side: absolute, and of
//	                               stamped ones idle and touch); touch, renew and grace as well
//	guard PATH KIND                what is under a path such as /mine/ is behind a guard. It lets through whom the kind's session
//	                               speaks for: its first word, unless that is barred; of lost it is not known, as in an outage.
//	                               "tells" behind it: the challenge is a 403 that says why; leads-to ADDRESS: it is a redirect
//	cookie name=x path=/a domain=d strict|none partitioned script-readable browser-session insecure-loopback
//	                               how cookies look, in place of the defaults
//
// Then steps:
//
//	ann asks METHOD PATH           a request by the visitor ann. ann/2 is another tab of hers
//	ann goes on                    the request of hers that waits in its handler is continued, and answered
//	pass 25h                       time goes by
//	store down, store up           the store fails whatever it is asked, or no more
//	records N                      so many records are in the store, in server-side runs
//
// Under a request, what the client sends:
//
//	sends cart TOKEN…              these tokens, as two cookies or two lines of a field, in place of those that it keeps
//	sends NAME: VALUE              a line of a header field (Cookie replaces what the jar would send)
//
// What the handler does. A line that ends in "-> what" says what must come of it: words, nothing, or an error. Where
// there is no such end an error ends the handler, which answers it:
//
//	handler get KIND -> tea milk   the words in the session, or nothing
//	handler set KIND WORD…         tea*2000 is so many letters: tea, again and again
//	handler add KIND WORD…         Update, which adds words and gives all of them
//	handler clear KIND, rotate KIND, sign-in KIND SUBJECT
//	handler take KIND -> tea       the words, and the session is over
//	handler end-all KIND SUBJECT   all sessions of somebody's are ended
//	handler principal -> ann       whom a guard has let through, or nothing
//	handler … -> error conflict    conflict, ended, ambiguous, unavailable, too large, too late, closed, unplaced
//	handler say TEXT               the answer's body
//	handler status N, field NAME: VALUE, also-field NAME: VALUE (a further line), hint LINK (103 Early Hints)
//	handler commit                 the sessions are committed, before the answer is whole; whether what the handler sets
//	                               after that goes along is the framework's affair
//	handler stream                 the header leaves, and what the handler does from here on comes after it
//	handler fail N TEXT            the handler returns an error: that status and text
//	handler panic
//	handler wait                   until "ann goes on"
//	handler store down, store up, pass 25h
//
// What must come back:
//
//	answer 200 TEXT                status and whole body; without this line 200 and what the handler said. TEXT may be …
//	answer broken                  a 500, or none at all: the handler panicked
//	token KIND sent [as NAME]      a new token, which later lines write <NAME>
//	token KIND sent <NAME>         that token, which was sent before
//	token KIND cleared             the client is told to drop its token. Of other kinds it must be told nothing
//	field NAME: VALUE              all lines of a header field, joined by ", "; nothing after the colon: there is none.
//	                               <NAME> in VALUE is a token
//	store load, replace            what the store was asked since the last step, or: store nothing
//
// A TOKEN is literal text in which <NAME> is the token of that name, <NAME forged> the same with one letter changed, and
// <NAME cut> without its first letter. A TOKEN with blanks stands in quotes.
//
// # Which runs a scenario is for
//
// A scenario says only where what it shows cannot happen otherwise. [server] stands where two requests meet in a store, or a
// store fails: conflict, reader-overtaken, flash-twice, logout-in-flight, end-all-in-flight, rotated-late, past-deadline,
// outage, stream-outage, commit-fails, commit-fails-in-part, use-noted, and renew, because client-side sessions are not renewed.
// [cookie] stands where it is about the grammar of cookies: cookie-attributes, cookie-lines, one-cookie, two-lines,
// insecure-cookie; and [header] in one-field, which is one-cookie for fields.
//
// # Cases
//
// What takes goroutines, a second program or a connection of its own is not a text but a function, once for HTTP/1.1 and once
// for HTTP/2: cases.go lists them.
//
// # What is held without being said
//
// In each answer of each scenario: no two Set-Cookie of one name, and none that a browser would drop; a token that is sent
// is new; where a token is sent or cleared the answer is no-store, where a session was used private, else neither, unless the
// handler says so; Vary names what the used kinds travel by, and what the handler says; 103 has no token; no body has a
// token or the text of the store's error; a client-side session asks no store.
package adaptertest
