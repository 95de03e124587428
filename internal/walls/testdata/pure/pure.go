// Package pure holds what a pure room may do, each next to a fault that looks like it.
package pure

import (
	"encoding/base64"
	"errors"
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"
)

var (
	errNo    = errors.New("no")
	strict   = base64.RawURLEncoding.Strict()
	word     = regexp.MustCompile(`^\w+$`)
	names    = [...]string{"a", "b"}
	lifetime = 3 * time.Second
)

//walls:memory remembers only what pure functions gave
var derived sync.Map

type counter struct{ n int }

func (c *counter) add() { c.n++ }

func (c counter) added() counter {
	c.add()
	return c
}

func pure(m map[string]int) ([]string, error) {
	var c counter
	c.n = 1
	c = c.added()
	local := names
	local[0] = names[1]
	for i := range local {
		local[i] += strict.EncodeToString([]byte(names[i]))
	}
	if !word.MatchString(local[0]) || lifetime > time.Minute {
		return nil, errNo
	}
	sum := 0
	for _, n := range m { //walls:order a sum does not depend on the order
		sum += n
	}
	for range m {
		sum++
	}
	//walls:order a minimum does not depend on the order
	for n := range maps.Values(m) {
		sum = min(sum, n)
	}
	derived.Store(sum, c)
	return slices.Sorted(maps.Keys(m)), nil
}

var _ = pure
