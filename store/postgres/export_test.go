package postgres

import "strings"

// Table returns the name as SQL spells it.
func (s *Store) Table() string {
	_, rest, _ := strings.Cut(s.schema, "EXISTS ")
	table, _, _ := strings.Cut(rest, " ")
	return table
}

// Place returns where the next sweep begins.
func (s *Store) Place() string { return s.place.get() }
