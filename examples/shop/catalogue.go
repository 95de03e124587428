package main

import "fmt"

// Product is something to buy.
type Product struct {
	ID    string `json:"id"` // also the name of its drawing in static/icons.svg
	Name  string `json:"name"`
	Words string `json:"words"`
	Price Price  `json:"eurocents"`
}

// Price is in eurocents, whatever a visitor wants to see.
type Price int

var catalogue = []Product{
	{"satchel", "Leather satchel", "Carries a day and shows none of it.", 12900},
	{"tote", "Canvas tote", "For what did not fit into the satchel.", 2400},
	{"pouch", "Belt pouch", "Small things, close by.", 3950},
	{"keyring", "Brass keyring", "One primary key, and room to retire others.", 900},
	{"seal", "Wax seal", "You will notice if somebody opened it.", 1800},
	{"ledger", "Pocket ledger", "Remembers for you, server-side.", 1250},
}

func find(id string) (Product, bool) {
	for _, p := range catalogue {
		if p.ID == id {
			return p, true
		}
	}
	return Product{}, false
}

// Currency is one in which prices can be shown.
type Currency struct {
	Code, Name, Sign string
	rate             int // hundredths of it for a euro; invented, and fixed
}

var currencies = []Currency{{"EUR", "Euro", "€", 100}, {"USD", "US dollar", "$", 108}, {"GBP", "Pound", "£", 85}}

// Show spells a price.
func (c Currency) Show(p Price) string {
	n := (int(p)*c.rate + 50) / 100
	return fmt.Sprintf("%s %d.%02d", c.Sign, n/100, n%100)
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
