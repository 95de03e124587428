package kv_test

import (
	"testing"

	"github.com/satchel-go/satchel/examples/custom/kv"
	"github.com/satchel-go/satchel/store"
	"github.com/satchel-go/satchel/store/storetest"
)

func TestStore(t *testing.T) {
	open := func(testing.TB) store.Store { return underTest(kv.Store{Engine: new(kv.InMemory)}) }
	down := func(tb testing.TB) store.Store {
		away := new(kv.InMemory)
		if err := away.Close(); err != nil {
			tb.Fatal(err)
		}
		return underTest(kv.Store{Engine: away})
	}
	storetest.Config{Down: down}.Run(t, open)
}
