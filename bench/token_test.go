package bench_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/securecookie"

	"github.com/satchel-go/satchel/bench/fixture"
	"github.com/satchel-go/satchel/bench/floor"
	"github.com/satchel-go/satchel/bench/peers"
	"github.com/satchel-go/satchel/codec"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// contender is one way to make a token of a T and read it again.
type contender[T any] struct {
	name string
	seal func(v *T) (string, error)
	open func(token string, v *T) error
}

// satchelTokens is a client-side session without the rest of a request: codec, core's decisions and formats, sealing with its binding, text.
func satchelTokens[T any](tb testing.TB) contender[T] {
	tb.Helper()
	policy, err := core.Config{
		Kind: "login", Place: core.ClientSide, Chain: core.Chain{crypto.Seal(peers.Keyring())},
		Lifetime: core.Lifetime{Absolute: (24 * time.Hour).Milliseconds(), Skew: time.Minute.Milliseconds()},
	}.Compile()
	if err != nil {
		tb.Fatal(err)
	}
	c := codec.CBOR[T]()
	var entropy [64]byte
	return contender[T]{
		"satchel",
		func(v *T) (string, error) {
			payload, err := c.Encode(*v)
			if err != nil {
				return "", err
			}
			now := time.Now().UnixMilli()
			s := policy.Begin(now, core.Tokens{}).With(payload)
			verdict := s.Decide(now)
			drawn := entropy[:s.Entropy(verdict)]
			if _, err := rand.Read(drawn); err != nil {
				return "", err
			}
			plan, err := s.Plan(verdict, now, drawn)
			return string(plan.Send.Token), err
		},
		func(token string, v *T) error {
			s := policy.Begin(time.Now().UnixMilli(), core.One(core.Token(token)))
			payload, ok := s.Payload()
			if !ok {
				return fmt.Errorf("refused: %v", s.Refusal())
			}
			var err error
			*v, err = c.Decode(payload)
			return err
		},
	}
}

// floorTokens is the floor: array mode, so *A is the value in array mode.
func floorTokens[T any, A any](array func(T) A, some T) contender[T] {
	s, a := floor.NewSealer(), array(some)
	return contender[T]{
		"floor",
		func(*T) (string, error) {
			token, err := s.Seal(&a)
			return string(token), err
		},
		func(token string, _ *T) error {
			var got A
			return s.Open(token, &got)
		},
	}
}

// secureCookies is gorilla/securecookie with both keys, as it is documented, in both of its serializations for structs.
func secureCookies[T any](name string, serializer securecookie.Serializer) contender[T] {
	s := securecookie.New(peers.GorillaKeys()).SetSerializer(serializer).MaxLength(0)
	return contender[T]{
		name,
		func(v *T) (string, error) { return s.Encode("login", v) },
		func(token string, v *T) error { return s.Decode("login", token, v) },
	}
}

// secureCookiesOf is securecookie with CBOR of one's own, with the keys and modes of a codec that somebody would write for it: its
// NopEncoder is documented for that, and nothing that it offers is faster.
func secureCookiesOf[T any]() contender[T] {
	s := securecookie.New(peers.GorillaKeys()).SetSerializer(securecookie.NopEncoder{}).MaxLength(0)
	return contender[T]{
		"securecookie-cbor",
		func(v *T) (string, error) {
			plain, err := cbor.Marshal(v)
			if err != nil {
				return "", err
			}
			return s.Encode("login", plain)
		},
		func(token string, v *T) error {
			var plain []byte
			if err := s.Decode("login", token, &plain); err != nil {
				return err
			}
			return cbor.Unmarshal(plain, v)
		},
	}
}

func jwtLogins() contender[fixture.Login] {
	return contender[fixture.Login]{
		"jwt",
		func(v *fixture.Login) (string, error) { return peers.SignJWT(*v) },
		func(token string, v *fixture.Login) error {
			var c peers.Claims
			err := peers.OpenJWT(token, &c)
			*v = c.Login
			return err
		},
	}
}

func jwtCarts() contender[fixture.Cart] {
	return contender[fixture.Cart]{
		"jwt",
		func(v *fixture.Cart) (string, error) { return peers.SignJWT(peers.WithExpiry(*v)) },
		func(token string, v *fixture.Cart) error {
			var c peers.CartClaims
			err := peers.OpenJWT(token, jwt.Claims(&c))
			*v = c.Cart
			return err
		},
	}
}

func logins(tb testing.TB) []contender[fixture.Login] {
	return []contender[fixture.Login]{
		floorTokens(fixture.Login.Array, fixture.TheLogin()),
		satchelTokens[fixture.Login](tb),
		secureCookies[fixture.Login]("securecookie-json", securecookie.JSONEncoder{}),
		secureCookies[fixture.Login]("securecookie-gob", securecookie.GobEncoder{}),
		secureCookiesOf[fixture.Login](),
		jwtLogins(),
	}
}

func carts(tb testing.TB, some fixture.Cart) []contender[fixture.Cart] {
	return []contender[fixture.Cart]{
		floorTokens(fixture.Cart.Array, some),
		satchelTokens[fixture.Cart](tb),
		secureCookies[fixture.Cart]("securecookie-json", securecookie.JSONEncoder{}),
		secureCookies[fixture.Cart]("securecookie-gob", securecookie.GobEncoder{}),
		secureCookiesOf[fixture.Cart](),
		jwtCarts(),
	}
}

func BenchmarkToken(b *testing.B) {
	benchTokens(b, "120B", fixture.TheLogin(), logins(b))
	benchTokens(b, "1KB", fixture.Cart1K(), carts(b, fixture.Cart1K()))
	benchTokens(b, "3KB", fixture.Cart3K(), carts(b, fixture.Cart3K()))
	benchAEAD(b)
}

func benchTokens[T any](b *testing.B, size string, v T, all []contender[T]) {
	for _, c := range all {
		b.Run("seal/"+size+"/"+c.name, func(b *testing.B) {
			b.ReportAllocs()
			var token string
			began := spentCPU()
			for b.Loop() {
				var err error
				if token, err = c.seal(&v); err != nil {
					b.Fatal(err)
				}
			}
			reportCPU(b, began)
			b.ReportMetric(float64(len(token)), "chars")
		})
	}
	for _, c := range all {
		b.Run("open/"+size+"/"+c.name, func(b *testing.B) {
			token, err := c.seal(&v)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			began := spentCPU()
			for b.Loop() {
				var got T
				if err := c.open(token, &got); err != nil {
					b.Fatal(err)
				}
			}
			reportCPU(b, began)
		})
	}
}

// benchAEAD is what no sealed token can go below: AES-256-GCM over the CBOR alone.
func benchAEAD(b *testing.B) {
	block, err := aes.NewCipher([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		b.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range []struct {
		size string
		v    any
	}{{"120B", fixture.TheLogin()}, {"1KB", fixture.Cart1K()}, {"3KB", fixture.Cart3K()}} {
		size, plain := f.size, must(floor.Encoding.Marshal(f.v))
		nonce, room := make([]byte, aead.NonceSize()), make([]byte, 0, len(plain)+aead.Overhead())
		b.Run("seal/"+size+"/bare-aead", func(b *testing.B) {
			began := spentCPU()
			for b.Loop() {
				aead.Seal(room, nonce, plain, nil)
			}
			reportCPU(b, began)
		})
		sealed := aead.Seal(nil, nonce, plain, nil)
		b.Run("open/"+size+"/bare-aead", func(b *testing.B) {
			began := spentCPU()
			for b.Loop() {
				if _, err := aead.Open(room, nonce, sealed, nil); err != nil {
					b.Fatal(err)
				}
			}
			reportCPU(b, began)
		})
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
