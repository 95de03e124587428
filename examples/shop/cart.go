package main

import "slices"

// Cart is the value of the kinds "cart" and "api-cart". The numbers in the tags are the fields' names in what is stored, so
// the Go names may change and fields may be added.
type Cart struct {
	Lines  []Line `cbor:"1,keyasint"`
	Orders int    `cbor:"2,keyasint"` // placed since signing in
}

// Line is so many of one product.
type Line struct {
	Product string `cbor:"1,keyasint" json:"product"`
	Count   int    `cbor:"2,keyasint" json:"count"`
}

const maxCount = 99

// With returns the cart with n more (or fewer) of a product. It computes and does nothing else, because Update may call
// it several times.
func (c Cart) With(product string, n int) Cart {
	i := slices.IndexFunc(c.Lines, func(l Line) bool { return l.Product == product })
	if i < 0 {
		i = len(c.Lines)
		c.Lines = append(c.Lines, Line{Product: product})
	}
	c.Lines[i].Count = min(c.Lines[i].Count+n, maxCount)
	c.Lines = slices.DeleteFunc(c.Lines, func(l Line) bool { return l.Count <= 0 })
	return c
}

// Ordered returns the cart after an order: empty, and with one order more. An empty cart stays as it is.
func (c Cart) Ordered() Cart {
	if len(c.Lines) > 0 {
		c.Lines, c.Orders = nil, c.Orders+1
	}
	return c
}

// Count returns how many things are in the cart.
func (c Cart) Count() int {
	n := 0
	for _, l := range c.Lines {
		n += l.Count
	}
	return n
}

// Total returns what they cost.
func (c Cart) Total() Price {
	var sum Price
	for _, l := range c.Lines {
		sum += l.Price()
	}
	return sum
}

// Price returns what the line costs.
func (l Line) Price() Price { return l.Of().Price * Price(l.Count) }

// Of returns the product that the line is of.
func (l Line) Of() Product {
	p, _ := find(l.Product)
	return p
}
