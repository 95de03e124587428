package ktor

import (
	"testing"

	"github.com/satchel-go/satchel/internal/promises"
)

func TestDirectoryGuarantees(t *testing.T) {
	d, _ := open(t)
	promises.Check(t, "compat/ktor.Directory", d)
}
