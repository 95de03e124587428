package postgres

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/internal/need"
	"github.com/satchel-go/satchel/store"
)

// FuzzChange reads anything that somebody says on the channel of changes. It is never passed over: what is spelled as the triggers spell a key
// is a change of that key, and anything else may be a change of every record. Each key is read as it was said.
func FuzzChange(f *testing.F) {
	for _, payload := range []string{
		"all", "", "key ", "key", "key 00ff", "key 00FF", "key 0", "key 0g", "KEY 00", "key  00", "key 00 ", " key 00", "keys", "key 00\nkey 01", "all key 00", "key \\x00", strings.Repeat("key 61", 1333),
	} {
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		var got store.Announcement
		need.Proportion(t, len(payload), func() { got = changeOf(payload) })
		digits, ours := strings.CutPrefix(payload, "key ")
		ours = ours && len(digits)%2 == 0 && strings.Trim(strings.ToLower(digits), "0123456789abcdef") == "" && strings.ToValidUTF8(digits, "") == digits
		switch {
		case got.Probe != 0:
			t.Errorf("%q answers probe %d", payload, got.Probe)
		case !ours && got != store.Announcement{All: true}:
			t.Errorf("%q is taken for %+v", payload, got)
		case ours && (got.All || !strings.EqualFold(hex.EncodeToString([]byte(got.Key)), digits)):
			t.Errorf("%q is taken for %+v", payload, got)
		}
		if again := changeOf("key " + hex.EncodeToString([]byte(payload))); again != (store.Announcement{Key: core.Key(payload)}) {
			t.Errorf("a change of key %q is read as %+v", payload, again)
		}
	})
}
