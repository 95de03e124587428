package satchel

// Rotated returns how many rotations this node's copy of a kind's log keeps the instant of.
func (s *Sessions) Rotated(kind string) int {
	e := s.placed[s.byName[kind]].ends
	e.mu.RLock()
	defer e.mu.RUnlock()
	return len(e.rotated)
}
