package impure

import "sync"

//walls:order // want "//walls:order gives no reason"
func unreasoned(m map[int]int) {}

//walls:order nothing is ranged over here // want "//walls:order excuses nothing here"
func stale() {}

//walls:whatever because // want "no such marker: //walls:whatever"
func unknown() {}

func wrongWord(m map[int]int) (out []int) {
	//walls:memory this is the wrong word // want "//walls:memory excuses nothing here"
	for k := range m { // want "ranges over a map"
		out = append(out, k)
	}
	return out
}

//walls:order a variable is not a loop // want "//walls:order excuses nothing here"
var cache sync.Map

func remember() { cache.Store(1, 2) } // want "Store may change the package variable cache"

func noReason(m map[string]int) (out []string) {
	//walls:order // want "//walls:order gives no reason"
	for k := range m { // want "ranges over a map"
		out = append(out, k)
	}
	return out
}

//walls:memory excuses methods and no assignment // want "//walls:memory excuses nothing here"
var bare int

func bareMemory() { bare++ } // want "assigns the package variable bare"
