package impure

import (
	"encoding/base64"
	"flag"
	"sync"
)

type counter struct{ n int }

func (c *counter) add()    { c.n++ }
func (c counter) get() int { return c.n }

var (
	count  int
	table  [4]int
	names  = map[string]int{}
	total  counter
	shared = new(counter)
	pool   sync.Pool
	nested struct{ in struct{ list []int } }
)

func vars() {
	count = 1                // want "assigns the package variable count"
	count++                  // want "assigns the package variable count"
	(table)[1] += 2          // want "assigns the package variable table"
	names["a"] = 1           // want "assigns the package variable names"
	nested.in.list[0] = 1    // want "assigns the package variable nested"
	*shared = counter{}      // want "assigns the package variable shared"
	delete(names, "a")       // want "delete writes to the package variable names"
	clear(names)             // want "clear writes to the package variable names"
	copy(table[:], []int{1}) // want "copy writes to the package variable table"
	_ = append(table[:0], 1) // want "append writes to the package variable table"
	total.add()              // want "add may change the package variable total"
	shared.add()             // want "add may change the package variable shared"
	f := total.add           // want "add may change the package variable total"
	p := &total.n            // want "takes the address of the package variable total"
	_ = pool.Get()           // want "Get may change the package variable pool"
	for count = range 3 {    // want "assigns the package variable count"
	}
	for _, table[0] = range []int{1} { // want "assigns the package variable table"
	}
	flag.CommandLine.Init("", 0) // want "Init may change the package variable CommandLine"
	base64.StdEncoding = nil // want "assigns the package variable StdEncoding"
	_, _ = f, p
}
