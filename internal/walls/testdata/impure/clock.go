package impure

import (
	"fmt"
	"time"
)

var now = time.Now // want "reads the clock: time.Now"

func clock() time.Duration {
	time.Sleep(1)                  // want "waits: time.Sleep"
	<-time.After(time.Second)      // want "waits: time.After"
	fmt.Println("hello")           // want "writes to the outside: fmt.Println"
	return time.Since(time.Time{}) // want "reads the clock: time.Since"
}

var _ = clock
