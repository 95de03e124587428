package frameworks

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/adaptertest"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

var carts = satchel.NewKind[[]string]("cart")

// talk is a WebSocket on the server's side.
type talk struct {
	hear func(ctx context.Context) (string, error)
	say  func(ctx context.Context, text string) error
}

// upgrades are the two libraries, each as its own documentation has it.
var upgrades = map[string]func(w http.ResponseWriter, r *http.Request) (talk, func() error, error){
	"gorilla": func(w http.ResponseWriter, r *http.Request) (talk, func() error, error) { return byGorilla(w, r, nil) },
	"gorilla, handed the header": func(w http.ResponseWriter, r *http.Request) (talk, func() error, error) {
		return byGorilla(w, r, w.Header())
	},
	"coder": func(w http.ResponseWriter, r *http.Request) (talk, func() error, error) {
		c, err := coder.Accept(w, r, nil)
		if err != nil {
			return talk{}, nil, err
		}
		return talk{
			func(ctx context.Context) (string, error) { _, p, err := c.Read(ctx); return string(p), err },
			func(ctx context.Context, text string) error { return c.Write(ctx, coder.MessageText, []byte(text)) },
		}, c.CloseNow, nil
	},
}

func byGorilla(w http.ResponseWriter, r *http.Request, header http.Header) (talk, func() error, error) {
	c, err := (&gorilla.Upgrader{}).Upgrade(w, r, header)
	if err != nil {
		return talk{}, nil, err
	}
	return talk{
		func(context.Context) (string, error) { _, p, err := c.ReadMessage(); return string(p), err },
		func(_ context.Context, text string) error { return c.WriteMessage(gorilla.TextMessage, []byte(text)) },
	}, c.Close, nil
}

// answer says what a message does with the session.
func answer(ctx context.Context, message string) string {
	var err error
	switch message {
	case "clear":
		err = carts.Clear(ctx)
	case "rotate":
		err = carts.Rotate(ctx)
	case "show":
		var all []string
		if all, _, err = carts.Get(ctx); err == nil {
			return strings.Join(all, " ")
		}
	default:
		_, err = carts.Update(ctx, func(all []string) []string { return append(all, message) })
	}
	if errors.Is(err, satchel.ErrTooLate) {
		return "too late"
	}
	if err != nil {
		return err.Error()
	}
	return "done"
}

// socket upgrades and answers messages until the client goes.
func socket(t *testing.T, upgrade func(http.ResponseWriter, *http.Request) (talk, func() error, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if item := r.FormValue("item"); item != "" { // what needs a token is done before the header leaves
			if err := carts.Set(r.Context(), []string{item}); err != nil {
				t.Error(err)
			}
		}
		c, end, err := upgrade(w, r)
		if err != nil {
			return // the library has answered, or the failed commit
		}
		defer end()
		for {
			message, err := c.hear(r.Context())
			if err != nil {
				return
			}
			if err := c.say(r.Context(), answer(r.Context(), message)); err != nil {
				t.Error(err)
			}
		}
	}
}

// served is a shop with a page and a WebSocket.
func served(t *testing.T, l *adaptertest.Ledger, upgrade func(http.ResponseWriter, *http.Request) (talk, func() error, error)) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/talk", socket(t, upgrade))
	mux.HandleFunc("/say", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(answer(r.Context(), r.FormValue("message"))))
	})
	s := httptest.NewTLSServer(nethttp.Wrap(mux, l.Sessions(t, carts.ServerSide(l))))
	t.Cleanup(s.Close)
	return s
}

// dial opens a WebSocket as a client that has a cookie, and returns what was answered.
func dial(t *testing.T, s *httptest.Server, path, cookie string) (ask func(message string) string, res *http.Response) {
	t.Helper()
	header := http.Header{}
	if cookie != "" {
		header.Set("Cookie", cookie)
	}
	dialer := gorilla.Dialer{TLSClientConfig: s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()}
	dialer.TLSClientConfig.NextProtos = []string{"http/1.1"}
	c, res, err := dialer.DialContext(t.Context(), "wss"+strings.TrimPrefix(s.URL, "https")+path, header)
	if err != nil && res == nil {
		t.Fatal(err)
	}
	return func(message string) string {
		t.Helper()
		if err := c.WriteMessage(gorilla.TextMessage, []byte(message)); err != nil {
			t.Fatal(err)
		}
		_, p, err := c.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		return string(p)
	}, res
}

// TestWebSocket: after an upgrade sessions are read and changed as long as the handler runs. What needs a token to be sent
// is too late, and a logout ends the session all the same.
func TestWebSocket(t *testing.T) {
	for name, upgrade := range upgrades {
		t.Run(name, func(t *testing.T) {
			l := adaptertest.NewLedger()
			s := served(t, l, upgrade)
			v := adaptertest.NewVisitor(t, s.URL, s.Client().Transport)
			token := "__Host-cart=" + v.Get("/say?message=tea").Says(t, 200, "done").Sets(t, "__Host-cart")

			ask, _ := dial(t, s, "/talk", token)
			var got []string
			for _, message := range []string{"show", "milk", "show", "rotate"} {
				got = append(got, ask(message))
			}
			v.Get("/say?message=honey").Says(t, 200, "done")
			v.Get("/say?message=show").Says(t, 200, "tea milk honey")
			for _, message := range []string{"salt", "clear"} {
				got = append(got, ask(message))
			}
			if want := []string{"tea", "done", "tea milk", "too late", "done", "too late"}; !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
			v.Get("/say?message=show").Says(t, 200, "")
			if n := l.Records(); n != 0 {
				t.Errorf("%d records", n)
			}
		})
	}
}

// TestUpgradeCommits: what was wanted before an upgrade is saved when the socket opens. With coder/websocket its 101 has the
// cookie; gorilla's writes a header of its own, which has what it is handed and nothing else: it is
// handed the header of the answer, which has the cookie by the time that it is written.
func TestUpgradeCommits(t *testing.T) {
	for name, upgrade := range upgrades {
		t.Run(name, func(t *testing.T) {
			l := adaptertest.NewLedger()
			s := served(t, l, upgrade)
			ask, res := dial(t, s, "/talk?item=tea", "")
			if l.Records() != 1 || ask("show") != "tea" {
				t.Errorf("%d records", l.Records())
			}
			if sets := len(res.Cookies()); res.StatusCode != 101 || sets != map[string]int{"gorilla": 0, "gorilla, handed the header": 1, "coder": 1}[name] {
				t.Errorf("%s with %d cookies", res.Status, sets)
			}
		})
	}
}

// TestUpgradeWhoseCommitFails: no socket opens, and the client is told.
func TestUpgradeWhoseCommitFails(t *testing.T) {
	for name, upgrade := range upgrades {
		t.Run(name, func(t *testing.T) {
			l := adaptertest.NewLedger()
			s := served(t, l, upgrade)
			l.Down.Store(true)
			_, res := dial(t, s, "/talk?item=tea", "")
			if res.StatusCode != 503 || res.Header.Get("Upgrade") != "" || len(res.Cookies()) != 0 {
				t.Errorf("%s %q", res.Status, res.Header)
			}
		})
	}
}
