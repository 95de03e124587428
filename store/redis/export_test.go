package redis

// Scripts returns the names of all scripts by their text.
func Scripts() map[string]string {
	all := map[string]string{}
	for _, s := range []script{replaceScript, touchScript, deleteScript} {
		all[s.text] = s.name
	}
	return all
}

// MaxForsaken is the limit of calls whose callers have gone.
const MaxForsaken = maxForsaken

// MaxDirect is the limit of calls on their callers' goroutines.
const MaxDirect = maxDirect

// Forsaken returns how many there are.
func (s *Store) Forsaken() int { return int(s.calls.forsaken.Load()) }

// Trust makes the store believe that its client has answered for long.
func (s *Store) Trust() { s.calls.doubt.Store(0) }

// InDoubt reports whether it does not.
func (s *Store) InDoubt() bool { return s.calls.inDoubt() }
