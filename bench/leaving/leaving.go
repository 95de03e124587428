package leaving

import (
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gorilla/sessions"
	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
)

// Visit is what a session held under the key "count".
type Visit struct{ Count int }

// Visits are the sessions that take the old ones' place.
var Visits = satchel.NewKind[Visit]("visit")

// FromSCS signs in whom scs knows. What scs holds goes when the new token has come back, so that an outage between loses nobody.
func FromSCS(old *scs.SessionManager, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		user := old.GetString(ctx, "user")
		if user == "" { // nobody, or somebody who was carried over already
			next.ServeHTTP(w, r)
			return
		}
		me, err := Visits.About(ctx)
		switch {
		case err != nil:
		case me.Subject != "":
			err = old.Destroy(ctx)
		default:
			in := satchel.SignIn{Subject: user, Absolute: time.Until(old.Deadline(ctx))} // no longer than it was to live
			err = Visits.SignInWith(ctx, in, Visit{Count: old.GetInt(ctx, "count")})
		}
		if err != nil {
			http.Error(w, "come back in a minute", nethttp.StatusOf(err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// SignOut ends both, or the bridge would sign in again whoever has just left.
func SignOut(old *scs.SessionManager) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := errors.Join(Visits.Clear(r.Context()), old.Destroy(r.Context())); err != nil {
			http.Error(w, "come back in a minute", nethttp.StatusOf(err))
		}
	}
}

// FromGorilla signs in whom a session of gorilla's knows, and takes that from the client when the new token has come back.
func FromGorilla(old sessions.Store, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := old.Get(r, "session")
		user, _ := s.Values["user"].(string)
		if err != nil || user == "" { // a cookie that cannot be read is nobody's
			next.ServeHTTP(w, r)
			return
		}
		me, err := Visits.About(r.Context())
		switch {
		case err != nil:
		case me.Subject != "":
			s.Options.MaxAge = -1
			err = s.Save(r, w)
		default:
			count, _ := s.Values["count"].(int)
			err = Visits.SignIn(r.Context(), user, Visit{Count: count})
		}
		if err != nil {
			http.Error(w, "come back in a minute", nethttp.StatusOf(err))
			return
		}
		next.ServeHTTP(w, r)
	})
}
