//go:build !linux

package store_test

import (
	"fmt"

	"github.com/satchel-go/satchel/store"
)

func childElsewhere(task string, _ *store.Directory, _ string) error {
	return fmt.Errorf("no task %q", task)
}
