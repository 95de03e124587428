package main

func (s *shop) front(r request) (answer, error) {
	return s.render(r, page{name: "front", body: catalogue})
}

func (s *shop) cart(r request) (answer, error) {
	return s.render(r, page{name: "cart", title: "Your cart"})
}

// change puts one thing into the cart, or takes one out.
func (s *shop) change(by int, back string) handler {
	return func(r request) (answer, error) {
		product, ok := find(r.form("product"))
		if !ok {
			return answer{}, errNoProduct
		}
		// Update loses nothing when two tabs do this at once: it is stored when the call returns, and after a conflict it
		// loads the cart anew and calls the function again.
		_, err := carts.Update(r, func(c Cart) Cart { return c.With(product.ID, by) })
		if err != nil {
			return answer{}, err
		}
		words := product.Name + " is in your cart."
		if by < 0 {
			words = "One " + product.Name + " less."
		}
		return redirect(r, back, words)
	}
}

// order buys what is in the cart, for whoever has signed in.
func (s *shop) order(r request) (answer, error) {
	about, err := carts.About(r)
	if err != nil {
		return answer{}, err
	}
	if about.Subject == "" {
		return redirect(r, "/signin", "Sign in to order; your cart comes along.")
	}
	// Two tabs that order the same cart at once order it once: the second call of the function sees it empty.
	var bought int
	_, err = carts.Update(r, func(c Cart) Cart {
		bought = c.Count()
		return c.Ordered()
	})
	if err != nil {
		return answer{}, err
	}
	if bought == 0 {
		return redirect(r, "/cart", "There is nothing in your cart.")
	}
	return redirect(r, "/", "Thank you, "+about.Subject+". Nothing was charged, and nothing will come.")
}
