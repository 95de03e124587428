package floor

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/satchel-go/satchel/bench/fixture"
)

// Server keeps values in memory and sends IDs.
type Server struct {
	shards [64]struct {
		sync.RWMutex
		m map[[32]byte]kept
	}
}

type kept struct {
	payload  []byte
	deadline int64
}

// NewServer returns a server without sessions.
func NewServer() *Server {
	s := new(Server)
	for i := range s.shards {
		s.shards[i].m = map[[32]byte]kept{}
	}
	return s
}

// state is what a request knows of its session; it is the request's context as well, which saves an allocation.
type state struct {
	context.Context
	token string
}

type stateKey struct{}

// Value finds the state in itself.
func (s *state) Value(key any) any {
	if _, ours := key.(stateKey); ours {
		return s
	}
	return s.Context.Value(key)
}

// Middleware reads the cookie and hangs it into the request's context.
func Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(&state{Context: r.Context(), token: find(r.Header["Cookie"])}))
	})
}

const name = "__Host-login="

// find scans for the cookie.
func find(lines []string) string {
	for _, line := range lines {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, "; ")
			if value, ours := strings.CutPrefix(pair, name); ours {
				return value
			}
		}
	}
	return ""
}

func tokenOf(r *http.Request) string {
	if s, ours := r.Context().Value(stateKey{}).(*state); ours {
		return s.token
	}
	return ""
}

const attributes = "; Path=/; Max-Age=86400; HttpOnly; Secure; SameSite=Lax"

func send(w http.ResponseWriter, token string) {
	w.Header()["Set-Cookie"] = []string{name + token + attributes}
}

// find returns where a token's session is kept.
func (s *Server) find(token string) (key [32]byte, ok bool) {
	var id [32]byte
	if base64.RawURLEncoding.DecodedLen(len(token)) != len(id) {
		return key, false
	}
	var text [43]byte
	copy(text[:], token)
	if _, err := base64.RawURLEncoding.Decode(id[:], text[:]); err != nil {
		return key, false
	}
	return sha256.Sum256(id[:]), true
}

// Get returns the value of the request's session.
func (s *Server) Get(r *http.Request) (v fixture.LoginArray, ok bool) {
	key, ok := s.find(tokenOf(r))
	if !ok {
		return v, false
	}
	shard := &s.shards[key[0]%64]
	shard.RLock()
	rec, ok := shard.m[key]
	shard.RUnlock()
	if !ok || rec.deadline <= time.Now().UnixMilli() {
		return v, false
	}
	return v, Decoding.Unmarshal(rec.payload, &v) == nil
}

// Set gives the request's session a value, or begins one.
func (s *Server) Set(w http.ResponseWriter, r *http.Request, v fixture.LoginArray) error {
	payload, err := Encoding.Marshal(v)
	if err != nil {
		return err
	}
	key, ok := s.find(tokenOf(r))
	if !ok {
		var id [32]byte
		if _, err := rand.Read(id[:]); err != nil {
			return err
		}
		key = sha256.Sum256(id[:])
		send(w, base64.RawURLEncoding.EncodeToString(id[:]))
	}
	shard := &s.shards[key[0]%64]
	shard.Lock()
	shard.m[key] = kept{payload, ends()}
	shard.Unlock()
	return nil
}

// Client keeps values in sealed cookies.
type Client struct{ sealers sync.Pool }

// NewClient returns a client-side floor.
func NewClient() *Client { return &Client{sync.Pool{New: func() any { return NewSealer() }}} }

// Get returns the value of the request's session.
func (c *Client) Get(r *http.Request) (v fixture.LoginArray, ok bool) {
	token := tokenOf(r)
	if token == "" {
		return v, false
	}
	s := c.sealers.Get().(*Sealer)
	defer c.sealers.Put(s)
	return v, s.Open(token, &v) == nil
}

// Set sends the value.
func (c *Client) Set(w http.ResponseWriter, _ *http.Request, v fixture.LoginArray) error {
	s := c.sealers.Get().(*Sealer)
	defer c.sealers.Put(s)
	token, err := s.Seal(v)
	if err != nil {
		return err
	}
	send(w, string(token))
	return nil
}
