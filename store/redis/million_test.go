//go:build unix

package redis_test

import (
	"testing"

	"github.com/satchel-go/satchel/internal/million"
	"github.com/satchel-go/satchel/internal/need"
)

func TestLongMillion(t *testing.T) {
	need.Long(t)
	server := start(t)
	s := open(t, server.client())
	before := server.Memory()
	took := million.Fill(t, s, 100)
	million.Note(t, "store/redis, the server's memory", took, server.Memory()-before, 0)
}
