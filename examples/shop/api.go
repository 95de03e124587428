package main

import (
	"encoding/json"
	"fmt"
	"net/http"
)

func (s *shop) apiPage(r request) (answer, error) {
	return s.render(r, page{name: "api", title: "The API", body: apiAbout{"http://" + r.host, apiHeader}})
}

type apiAbout struct{ Origin, Header string }

// apiAnswer is what the API says of a cart.
type apiAnswer struct {
	Lines     []Line `json:"lines"`
	Eurocents Price  `json:"eurocents"`
}

func (s *shop) apiProducts(_ request) (answer, error) {
	return inJSON(http.StatusOK, catalogue)
}

// apiCart is used as any other handler uses a kind. That its token travels in a header field shows nowhere.
func (s *shop) apiCart(r request) (answer, error) {
	cart, _, err := apiCarts.Get(r)
	return answerCart(cart, err)
}

func (s *shop) apiAdd(r request) (answer, error) {
	var wanted struct {
		Product string `json:"product"`
	}
	body, err := r.body()
	if err != nil {
		return answer{}, err
	}
	if err := json.Unmarshal(body, &wanted); err != nil {
		return answer{}, fmt.Errorf("%w: %w", errBadJSON, err)
	}
	product, ok := find(wanted.Product)
	if !ok {
		return answer{}, errNoProduct
	}
	cart, err := apiCarts.Update(r, func(c Cart) Cart { return c.With(product.ID, 1) })
	return answerCart(cart, err)
}

func (s *shop) apiEnd(r request) (answer, error) {
	if err := apiCarts.Clear(r); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, nil
}

func answerCart(cart Cart, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return inJSON(http.StatusOK, apiAnswer{append([]Line{}, cart.Lines...), cart.Total()})
}

func inJSON(status int, v any) (answer, error) {
	body, err := json.Marshal(v)
	return answer{status: status, kind: "application/json", body: append(body, '\n')}, err
}
