package ktor_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/compat/ktor"
	"github.com/satchel-go/satchel/core"
)

// Ktor's session<User>("auth") { validate; challenge } over a cookie that Ktor wrote: who has none, one that is forged, and one
// that validate wants none of are challenged, each by its own name; others are their handler's principal; and no cookie is touched.
func TestGuardBesideKtor(t *testing.T) {
	type principal string
	mac := ktor.Must(ktor.MessageAuthentication(ktor.SHA256, []byte("k")))
	s := satchel.Must(satchel.New(ktor.ByValue(testUsers, ktor.Config[testUser]{Transform: core.Chain{mac}})))
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, _ := satchel.Principal[principal](r.Context())
		_, _ = w.Write([]byte("for " + who))
	})
	guard := nethttp.Guard[testUser, principal]{
		Kind: testUsers,
		Validate: func(_ context.Context, u testUser) (principal, bool, error) {
			return principal(u.ID), u.ID != "eve", nil
		},
	}
	redirecting := guard
	redirecting.Challenge = nethttp.RedirectTo("/login")
	named := guard
	named.Challenge = func(w http.ResponseWriter, _ *http.Request, why satchel.Authentication) {
		http.Error(w, why.String(), http.StatusForbidden)
	}
	mux := http.NewServeMux()
	mux.Handle("/plain", guard.Wrap(page))
	mux.Handle("/redirecting", redirecting.Wrap(page))
	mux.Handle("/named", named.Wrap(page))
	h := nethttp.Wrap(mux, s)
	signed := func(id string) string {
		token, err := mac.Out(core.Frame{}, nil, nil, []byte(`{"userId":"`+id+`","cart":[]}`))
		if err != nil {
			t.Fatal(err)
		}
		return string(token)
	}
	visit := func(path, token string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
		if token != "" {
			r.Header.Set("Cookie", "SESSION="+url.QueryEscape(token))
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
	for token, why := range map[string]string{"": "no session", signed("ann") + "0": "token refused", signed("eve"): "session rejected"} {
		plain, redirected, named := visit("/plain", token), visit("/redirecting", token), visit("/named", token)
		if plain.StatusCode != http.StatusUnauthorized || plain.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d", why, plain.StatusCode)
		}
		if redirected.StatusCode != http.StatusSeeOther || redirected.Header.Get("Location") != "/login" {
			t.Errorf("%s: %d", why, redirected.StatusCode)
		}
		if got := text(t, named); got != why+"\n" || len(named.Cookies()) > 0 {
			t.Errorf("%q, want %q; sent %v", got, why, named.Cookies())
		}
	}
	if ann := visit("/plain", signed("ann")); ann.StatusCode != http.StatusOK || text(t, ann) != "for ann" {
		t.Error(ann.StatusCode)
	}
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}
