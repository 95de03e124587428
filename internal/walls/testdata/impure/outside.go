package impure

import (
	"context" // want "imports context, which takes a context"
	"os"      // want "imports os, which reaches the outside"
	_ "unsafe" // want "imports unsafe, which is unsafe"
)

//go:linkname stolen runtime.nanotime // want "go:linkname is unsafe"
func stolen() int64 { return 0 }

func init() { // want "init runs before anyone has asked"
	_ = os.Args
	_ = context.Background()
}
