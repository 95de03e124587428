// Package satcheltest is for the tests of applications: sessions on a clock that a test moves, a client that keeps their
// tokens, and a look at what was saved.
//
//	func TestAdding(t *testing.T) {
//		shop := satcheltest.New(t, carts.ServerSide(store.NewMemory())) // the placement of main, with a test's store
//		ann := shop.Client(nethttp.Wrap(routes(), shop.Sessions))       // the handler of main, and no sockets
//		satcheltest.SignIn(t, ann, carts, "ann", Cart{Items: []string{"tea"}})
//
//		page := ann.Post(t, "/add", "item", "milk")
//		if page.StatusCode != http.StatusOK || page.Told(t, carts) != satcheltest.Kept {
//			t.Errorf("%s; the cookie was %s", page.Status, page.Told(t, carts))
//		}
//		if cart, _ := satcheltest.Value(t, ann, carts); !slices.Equal(cart.Items, []string{"tea", "milk"}) {
//			t.Errorf("the cart holds %q", cart.Items)
//		}
//		shop.Clock.Advance(31 * time.Minute)
//		if _, ok := satcheltest.Value(t, ann, carts); ok {
//			t.Error("half an hour later the cart is still there")
//		}
//	}
//
// # An application's own placements
//
// A test that writes its placements itself, as above, does not see a mistake in those of main. So that it does, let
// one function of the application place its kinds, and hand it whatever differs between main and a test:
//
//	func place(c satchel.Config, kept store.Store, keys satchel.Keys) (*satchel.Sessions, error) {
//		return c.New(carts.ServerSide(kept), prefs.ClientSide(keys, satchel.Unrevocable))
//	}
//
//	shop := satcheltest.Place(t, func(c satchel.Config) (*satchel.Sessions, error) {
//		return place(c, store.NewMemory(), satcheltest.Keys(t))
//	})
//
// Lifetimes, cookies, headers and codecs are then those of main. For sessions on the real clock, made in any other
// way, there is &Program{Sessions: sessions}.
//
// # Frameworks
//
// A client speaks to an [http.Handler], so to every router of net/http, and to a server of httptest. For any other
// framework its Transport is what hands a request to the framework's own door for tests, as with fiber:
//
//	ann := shop.Client(nil)
//	ann.Transport = satcheltest.RoundTrip(func(r *http.Request) (*http.Response, error) { return app.Test(r) })
//
// # Rules
//
// Nothing is simulated but clock, randomness and browser. Tokens are made, checked and ended by the sessions themselves,
// through the same doors that an adapter uses.
//
// Looking changes nothing: [Value], [Client.About] and [Client.Token] commit nothing, so that they keep no session alive.
// (What a kind does at every read of a session that it cannot read, it does at these, too.)
//
// The client is as strict as a browser. A Set-Cookie line that a browser would drop without a word fails the test.
//
// What a helper cannot do ends the test, with the reason; texts hold no token. Values are handed out to be compared,
// because a test knows best what to say about its own.
//
// Clock, entropy and keys are the same in every run, so tokens and transcripts are too. They protect nothing: that is why
// their doors ask for a test, or predict what follows in their comments.
package satcheltest
