package store

// Abilities are what a store can do beside the contract. Each is nil where the store cannot.
type Abilities struct {
	Sweeper Sweeper
	Lister  Lister
	Feed    Feed
}

// AbilitiesOf returns the abilities of a store.
func AbilitiesOf(s Store) (a Abilities) {
	a.Sweeper, _ = s.(Sweeper)
	a.Lister, _ = s.(Lister)
	a.Feed, _ = s.(Feed)
	return a
}

// On returns a Store that does what s does and has the abilities, and no others. It is for those who write a store around another:
// abilities are found by interface, and the outer one is to have those that the inner one has.
func (a Abilities) On(s Store) Store {
	type contract struct{ Store } // which hides what else s can do
	switch bare := (contract{s}); {
	case a.Sweeper != nil && a.Lister != nil && a.Feed != nil:
		return struct {
			contract
			Sweeper
			Lister
			Feed
		}{bare, a.Sweeper, a.Lister, a.Feed}
	case a.Sweeper != nil && a.Lister != nil:
		return struct {
			contract
			Sweeper
			Lister
		}{bare, a.Sweeper, a.Lister}
	case a.Sweeper != nil && a.Feed != nil:
		return struct {
			contract
			Sweeper
			Feed
		}{bare, a.Sweeper, a.Feed}
	case a.Lister != nil && a.Feed != nil:
		return struct {
			contract
			Lister
			Feed
		}{bare, a.Lister, a.Feed}
	case a.Sweeper != nil:
		return struct {
			contract
			Sweeper
		}{bare, a.Sweeper}
	case a.Lister != nil:
		return struct {
			contract
			Lister
		}{bare, a.Lister}
	case a.Feed != nil:
		return struct {
			contract
			Feed
		}{bare, a.Feed}
	default:
		return bare
	}
}
