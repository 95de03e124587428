package main

import (
	"encoding/json"
	"fmt"
	"net/http"
)

func (s *shop) apiPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, page{name: "api", title: "The API", body: apiAbout{"http://" + r.Host, apiHeader}})
}

type apiAbout struct{ Origin, Header string }

// apiAnswer is what the API says of a cart.
type apiAnswer struct {
	Lines     []Line `json:"lines"`
	Eurocents Price  `json:"eurocents"`
}

func (s *shop) apiProducts(w http.ResponseWriter, _ *http.Request) error {
	s.writeJSON(w, http.StatusOK, catalogue)
	return nil
}

// apiCart is used as any other handler uses a kind. That its token travels in a header field shows nowhere.
func (s *shop) apiCart(w http.ResponseWriter, r *http.Request) error {
	cart, _, err := apiCarts.Get(r.Context())
	return s.answerCart(w, cart, err)
}

func (s *shop) apiAdd(w http.ResponseWriter, r *http.Request) error {
	var wanted struct {
		Product string `json:"product"`
	}
	if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
		return fmt.Errorf("%w: %w", errBadJSON, err)
	}
	product, ok := find(wanted.Product)
	if !ok {
		return errNoProduct
	}
	cart, err := apiCarts.Update(r.Context(), func(c Cart) Cart { return c.With(product.ID, 1) })
	return s.answerCart(w, cart, err)
}

func (s *shop) apiEnd(w http.ResponseWriter, r *http.Request) error {
	if err := apiCarts.Clear(r.Context()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *shop) answerCart(w http.ResponseWriter, cart Cart, err error) error {
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, apiAnswer{append([]Line{}, cart.Lines...), cart.Total()})
	return nil
}

func (s *shop) writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.log.Debug("the client went away", "error", err)
	}
}
