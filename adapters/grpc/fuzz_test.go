package satchelgrpc

import (
	"context"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
)

// FuzzMetadata brings any values of metadata with a call. The caller is a visitor: what is found is what stands there, under our own key
// alone; there is a session only for its token; and a handler that only reads sends nothing.
func FuzzMetadata(f *testing.F) {
	carts := satchel.NewKind[string]("cart")
	a, err := New(satchel.Must(satchel.New(carts.ServerSide(store.NewMemory()))))
	if err != nil {
		f.Fatal(err)
	}
	t0, token := a.sessions.Transports()[0], ""
	ex := a.Open(f.Context())
	if err := carts.Set(ex.Context(f.Context()), "tea"); err != nil {
		f.Fatal(err)
	}
	outcomes, err := ex.Commit(f.Context())
	if err != nil || len(outcomes) != 1 {
		f.Fatal(outcomes, err)
	}
	ex.Close()
	token = string(outcomes[0].Token)
	// The token is drawn anew in each process that fuzzes, so a letter stands for it.
	for _, values := range []string{"", "T", "T\nT", "x\nT", "T\nx\nx", " T", "T ", "T\x00", "\xff", "T,T", "\n", "\n\nT", strings.Repeat("x\n", 100)} {
		for _, key := range []string{"session-cart", "session-cart-bin", "SESSION-CART", "cart", "", ":authority"} {
			f.Add(key, values)
		}
	}
	f.Fuzz(func(t *testing.T, key, values string) {
		came := strings.Split(strings.ReplaceAll(values, "T", token), "\n")
		md := metadata.MD{}
		md.Append(key, came...)
		ctx := metadata.NewIncomingContext(context.Background(), md)
		var got core.Tokens
		need.Proportion(t, len(key)+len(values), func() { got = a.arrived(ctx).Tokens(t0) })
		want := core.Tokens{}
		if strings.ToLower(key) == "session-cart" && !slices.Equal(came, []string{""}) { //nolint:gocritic // as metadata.MD spells its keys
			want = core.Tokens{First: core.Token(came[0]), Count: len(came)}
			if len(came) > 1 {
				want.Second = core.Token(came[1])
			}
		}
		if got != want {
			t.Fatalf("of %d values under %q, %d were found", len(came), key, got.Count)
		}
		ex := a.Open(ctx)
		defer ex.Close()
		_, there, err := carts.Get(ex.Context(ctx))
		if err != nil || there && !slices.Contains(came, token) {
			t.Fatalf("%q: a session %v, %v", values, there, err)
		}
		if alone := slices.Equal(came, []string{token}); want.Count == 1 && there != alone {
			t.Fatalf("%q: a session %v", values, there)
		}
		if outcomes, err := ex.Commit(ctx); err != nil || slices.ContainsFunc(outcomes, func(o satchel.Outcome) bool { return o.Action != core.SendNothing }) {
			t.Fatalf("%q: reading sends %v, %v", values, outcomes, err)
		}
	})
}
