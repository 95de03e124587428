package peers

import (
	"net/http"

	"github.com/gorilla/sessions"

	"github.com/satchel-go/satchel/bench/fixture"
)

const gorillaCookie = "__Host-login"

// GorillaKeys are an authentication key of 32 bytes and an encryption key of 32 bytes, as securecookie's documentation recommends
// ("It is recommended to use an authentication key with 32 or 64 bytes … 16, 24, or 32 bytes to select AES-128, AES-192, or AES-256").
func GorillaKeys() (hash, block []byte) {
	return []byte("a hash key of thirty-two bytes!!"), []byte("0123456789abcdef0123456789abcdef")
}

// Gorilla is gorilla/sessions' CookieStore, signed and encrypted, with its default gob: its Values are a
// map[interface{}]interface{}, which securecookie's other serializer, JSON, cannot encode. The four values stand under four keys, as for scs.
func Gorilla() HTTP {
	hash, block := GorillaKeys()
	s := sessions.NewCookieStore(hash, block)
	s.Options = &sessions.Options{Path: "/", MaxAge: 86400, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	s.MaxAge(86400) // of the codecs as well
	return GorillaOn("gorilla-cookie", s)
}

// GorillaOn is gorilla/sessions on a store.
func GorillaOn(name string, s sessions.Store) HTTP {
	return HTTP{
		Name: name,
		Read: func(w http.ResponseWriter, r *http.Request) {
			session, err := s.Get(r, gorillaCookie)
			v := fixture.Login{}
			if err == nil {
				v.User, _ = session.Values["user"].(int64)
				v.Name, _ = session.Values["name"].(string)
				v.Roles, _ = session.Values["roles"].([]string)
				v.Since, _ = session.Values["since"].(int64)
			}
			finish(w, r, whole(v), err)
		},
		Write: func(w http.ResponseWriter, r *http.Request) {
			session, err := s.Get(r, gorillaCookie)
			if err != nil {
				finish(w, r, false, err)
				return
			}
			since, ok := session.Values["since"].(int64)
			session.Values["since"] = since + 1
			finish(w, r, ok, session.Save(r, w))
		},
		Create: func(w http.ResponseWriter, r *http.Request) {
			session, err := s.Get(r, gorillaCookie)
			if err != nil {
				finish(w, r, false, err)
				return
			}
			session.Values["user"] = login.User
			session.Values["name"] = login.Name
			session.Values["roles"] = login.Roles
			session.Values["since"] = login.Since
			finish(w, r, true, session.Save(r, w))
		},
	}
}
