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

// Forsaken returns how many there are.
func (s *Store) Forsaken() int { return int(s.forsaken.Load()) }

// Garbled is the error of a value that cannot be read.
var Garbled = errGarbled
