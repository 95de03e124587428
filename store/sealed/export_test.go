package sealed

import "strconv"

// Sought returns how many ids of keys are remembered when so many were missed.
func Sought(missed int) int {
	k := newKeys(Config{})
	for i := range missed {
		k.seek(strconv.Itoa(i), 0)
	}
	return len(k.sought)
}
