package faults

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/nethttp"
	"github.com/satchel-go/satchel/bench/peers"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/faulty"
)

// visit is what Satchel's sites keep.
type visit struct {
	N     int      `cbor:"1,keyasint"`
	Text  string   `cbor:"2,keyasint"`
	Roles []string `cbor:"3,keyasint"`
}

var visits = satchel.NewKind[visit](name)

// satchelSite is Satchel as its README sets it up, on a placement. A configuration is the zero one where there is none.
func satchelSite(p satchel.Placement, configs ...satchel.Config) *site {
	config := append(configs, satchel.Config{})[0]
	s := new(site)
	mux := http.NewServeMux()
	handle := func(path string, f func(context.Context) (string, error)) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			said, err := f(r.Context())
			if err != nil {
				http.Error(w, "", nethttp.StatusOf(err))
				return
			}
			fmt.Fprint(w, said)
		})
	}
	handle("/new", func(ctx context.Context) (string, error) { return "", visits.Set(ctx, visit{N: 1}) })
	handle("/signin", func(ctx context.Context) (string, error) { return "", visits.SignIn(ctx, "ann", visit{N: 1}) })
	handle("/look", func(ctx context.Context) (string, error) {
		v, _, err := visits.Get(ctx)
		s.happen()
		return fmt.Sprint(v.N), err
	})
	handle("/add", func(ctx context.Context) (string, error) {
		_, err := visits.Update(ctx, func(v visit) visit {
			s.happen()
			v.N++
			return v
		})
		return "", err
	})
	handle("/logout", func(ctx context.Context) (string, error) { return "", visits.Clear(ctx) })
	handle("/idle", func(context.Context) (string, error) { return "", nil })
	h := nethttp.Wrap(mux, satchel.Must(config.New(p)))
	s.do = func(path, cookie string) reply { return get(h, path, cookie) }
	return s
}

// satchelServer is that site with its sessions in memory.
func satchelServer() *site { return satchelSite(visits.ServerSide(store.NewMemory())) }

// satchelClient is that site with its sessions in sealed cookies.
func satchelClient() *site {
	return satchelSite(visits.ClientSide(satchel.FixedKeys(peers.Keyring()), satchel.Unrevocable))
}

// drawer is a store in memory for Satchel, as shelf is for its peers: it knows what it was asked for, and can be out of reach.
type drawer struct {
	store.Store

	inner *store.Memory
	mu    sync.Mutex
	calls map[string]int
	keys  map[core.Key]bool
	down  bool
}

func newDrawer() *drawer {
	d := &drawer{inner: store.NewMemory(), calls: map[string]int{}, keys: map[core.Key]bool{}}
	d.Store = faulty.New(d.inner, func(c faulty.Call) (f faulty.Fault) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.calls[c.Method]++
		d.keys[c.Key] = true
		if d.down {
			f.Before = errDown
		}
		return f
	})
	return d
}

// spoil puts something into every record that is no session's, and returns how many there were.
func (d *drawer) spoil(t *testing.T) (spoilt int) {
	t.Helper()
	for key := range d.keys {
		rec, err := d.inner.Load(t.Context(), key)
		if err != nil {
			continue
		}
		at := rec.Revision
		rec.Revision++
		rec.Body = "\xffnot what was written"
		if err := d.inner.Replace(t.Context(), key, at, rec); err != nil {
			t.Fatal(err)
		}
		spoilt++
	}
	return spoilt
}
