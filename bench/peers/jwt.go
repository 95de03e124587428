package peers

import (
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/satchel-go/satchel/bench/fixture"
)

// Claims is a login as golang-jwt's documentation embeds an application's claims (its example "CustomClaimsType").
type Claims struct {
	fixture.Login
	jwt.RegisteredClaims
}

var jwtKey = []byte("0123456789abcdef0123456789abcdef")

// jwtParser is made once and pinned to one algorithm, as its documentation demands (WithValidMethods).
var jwtParser = jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}))

// SignJWT returns the token of a login for a day, by HS256, the fastest of its algorithms. It is signed and not sealed.
func SignJWT(v any) (string, error) {
	claims, isLogin := v.(fixture.Login)
	if !isLogin {
		return jwt.NewWithClaims(jwt.SigningMethodHS256, v.(jwt.Claims)).SignedString(jwtKey)
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, Claims{claims, expiring()}).SignedString(jwtKey)
}

func expiring() jwt.RegisteredClaims {
	return jwt.RegisteredClaims{ExpiresAt: jwt.NewNumericDate(time.Now().Add(24 * time.Hour))}
}

// CartClaims is a cart in a token.
type CartClaims struct {
	fixture.Cart
	jwt.RegisteredClaims
}

// WithExpiry returns the claims of a cart.
func WithExpiry(c fixture.Cart) CartClaims { return CartClaims{c, expiring()} }

// OpenJWT verifies a token and reads its claims.
func OpenJWT(token string, claims jwt.Claims) error {
	_, err := jwtParser.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return jwtKey, nil })
	return err
}

// JWT is a cookie with a JSON Web Token, as people write it by hand: net/http's own cookies and golang-jwt.
func JWT() HTTP {
	get := func(r *http.Request) (v fixture.Login, err error) {
		c, err := r.Cookie(gorillaCookie)
		if err != nil {
			return v, err
		}
		var claims Claims
		err = OpenJWT(c.Value, &claims)
		return claims.Login, err
	}
	set := func(w http.ResponseWriter, v fixture.Login) error {
		token, err := SignJWT(v)
		http.SetCookie(w, &http.Cookie{
			Name: gorillaCookie, Value: token, Path: "/", MaxAge: 86400,
			Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
		return err
	}
	return HTTP{
		Name: "jwt",
		Read: func(w http.ResponseWriter, r *http.Request) {
			v, err := get(r)
			finish(w, r, whole(v), err)
		},
		Write: func(w http.ResponseWriter, r *http.Request) {
			v, err := get(r)
			if err == nil {
				v.Since++
				err = set(w, v)
			}
			finish(w, r, v.User == login.User, err)
		},
		Create: func(w http.ResponseWriter, _ *http.Request) {
			finish(w, nil, true, set(w, login))
		},
	}
}
