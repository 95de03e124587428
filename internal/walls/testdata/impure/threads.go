package impure

import "sync"

type pipe chan int // want "channel type"

func threads(p pipe) {
	go func() {}() // want "starts a goroutine"
	select {       // want "select"
	case <-p:
	default:
	}
	var wg sync.WaitGroup
	wg.Go(func() {}) // want "starts a goroutine: (*sync.WaitGroup).Go"
}
