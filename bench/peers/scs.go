package peers

import (
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
	"github.com/fxamacker/cbor/v2"

	"github.com/satchel-go/satchel/bench/fixture"
)

// newSCS is a manager as scs's README sets one up (section "Basic Use"): scs.New, a Lifetime, Put and Get, LoadAndSave. What
// it leaves at its default favours scs: no IdleTimeout, which would write the whole record at each request. The store in
// memory is the default one; it sweeps each minute, also here.
func newSCS(codec scs.Codec, store scs.Store) *scs.SessionManager {
	m := scs.New()
	m.Lifetime = 24 * time.Hour
	m.Cookie.Secure = true // as the README advises in production
	if codec != nil {
		m.Codec = codec
	}
	if store != nil {
		m.Store = store
	}
	return m
}

// SCS is scs v2.9.0 as shipped, with gob. The login is kept as four values under four keys, as the README does. One struct of a registered
// type was tried too: a read costs then 0.94 of it, a write 1.0, and a new session 1.2, as gob describes the type in each.
func SCS() HTTP { return scsWith("scs", newSCS(nil, memstore.New())) }

// SCSCBOR is scs with a codec written for it: the map of values as CBOR.
func SCSCBOR() HTTP { return scsWith("scs-cbor", newSCS(cborCodec{}, memstore.New())) }

// SCSOn is scs as shipped on another store.
func SCSOn(name string, s scs.Store) HTTP { return scsWith(name, newSCS(nil, s)) }

func scsWith(name string, m *scs.SessionManager) HTTP {
	return HTTP{
		Name: name, Middleware: m.LoadAndSave,
		Read: func(w http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			v := fixture.Login{User: m.GetInt64(ctx, "user"), Name: m.GetString(ctx, "name"), Since: m.GetInt64(ctx, "since")}
			v.Roles = roles(m.Get(ctx, "roles"))
			finish(w, r, whole(v), nil)
		},
		Write: func(w http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			m.Put(ctx, "since", m.GetInt64(ctx, "since")+1)
			finish(w, r, m.GetInt64(ctx, "user") == login.User, nil)
		},
		Create: func(w http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			m.Put(ctx, "user", login.User)
			m.Put(ctx, "name", login.Name)
			m.Put(ctx, "roles", login.Roles)
			m.Put(ctx, "since", login.Since)
			finish(w, r, true, nil)
		},
	}
}

// roles reads what gob gives back as it was and CBOR as a list of anything.
func roles(v any) []string {
	switch v := v.(type) {
	case []string:
		return v
	case []any:
		all := make([]string, len(v))
		for i := range v {
			all[i], _ = v[i].(string)
		}
		return all
	}
	return nil
}

// cborCodec is the codec that someone would write who swaps gob for CBOR: a struct in array mode, integers as int64.
type cborCodec struct{}

type cborRecord struct {
	_        struct{} `cbor:",toarray"`
	Deadline int64
	Values   map[string]any
}

var (
	scsEncoding, _ = cbor.EncOptions{}.EncMode()
	scsDecoding, _ = cbor.DecOptions{IntDec: cbor.IntDecConvertSignedOrFail}.DecMode()
)

// Encode is scs.Codec's.
func (cborCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	return scsEncoding.Marshal(cborRecord{Deadline: deadline.UnixNano(), Values: values})
}

// Decode is scs.Codec's.
func (cborCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var r cborRecord
	err := scsDecoding.Unmarshal(b, &r)
	return time.Unix(0, r.Deadline), r.Values, err
}
