package crypto_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

func TestNeededUntil(t *testing.T) {
	for _, c := range []struct {
		key  string
		life int64
		want int64 // after someNow, or -1 for 0, or -2 for never
	}{
		{"k1 primary -500", 50, 67},
		{"k1 retiring -5", 50, 55},
		{"k1 retiring", 50, 67},
		{"k1 pending -5", 50, -1},
		{"k1 revoked -5", 50, -1},
		{"k1 pending -5", 0, -1},
		{"k1 primary -500", 0, -2},
		{"k1 retiring -5", 0, -2},
		{"k1 retiring -5", core.MaxInstant, -2},
	} {
		ring := []string{c.key, "k2 primary"}
		if strings.Contains(c.key, "primary") {
			ring = ring[:1]
		}
		want := c.want + someNow
		switch c.want {
		case -1:
			want = 0
		case -2:
			want = core.MaxInstant
		}
		if got := (crypto.Schedule{Lag: 10, Life: c.life}).NeededUntil(ringOf(t, ring...).Keys()[0], someNow+7); got != want {
			t.Errorf("%s with a life of %d: %d, not %d", c.key, c.life, got-someNow, want-someNow)
		}
	}
}

// A ring that somebody wrote by hand says what it would cost before it is used.
func TestCheckStep(t *testing.T) {
	for name, c := range map[string]struct {
		before, after []string
		now           int64
		want          string // after "crypto: keyring: "
	}{
		"the same":            {[]string{"k1 primary 0"}, []string{"k1 primary 0"}, 5, ""},
		"published":           {[]string{"k1 primary 0"}, []string{"k2 pending", "k1 primary 0"}, 5, ""},
		"rotated":             {[]string{"k1 primary 0", "k2 pending 0"}, []string{"k2 primary", "k1 retiring"}, 10, ""},
		"too early":           {[]string{"k1 primary 0", "k2 pending 0"}, []string{"k2 primary", "k1 retiring"}, 9, "key k2 is primary before every node can have it"},
		"nobody knows":        {[]string{"k1 primary 0", "k2 pending"}, []string{"k2 primary", "k1 retiring"}, 9, "key k2 is primary before every node can have it"},
		"not published":       {[]string{"k1 primary 0"}, []string{"k2 primary", "k1 retiring"}, 9, "key k2 is primary before every node can have it"},
		"back":                {[]string{"k1 retiring 0", "k2 primary 0"}, []string{"k1 primary", "k2 retiring"}, 9, ""},
		"dropped":             {[]string{"k1 retiring 0", "k2 primary 0"}, []string{"k2 primary 0"}, 60, ""},
		"dropped, needed":     {[]string{"k1 retiring 0", "k2 primary 0"}, []string{"k2 primary 0"}, 59, "key k1 (retiring) is dropped, and live tokens need it until 1794000000060"},
		"dropped, undated":    {[]string{"k1 retiring", "k2 primary 0"}, []string{"k2 primary 0"}, 1e6, "key k1 (retiring) is dropped, and live tokens need it until 1794001000060"},
		"primary dropped":     {[]string{"k1 primary 0", "k2 pending 0"}, []string{"k2 primary 10"}, 10, "key k1 (primary) is dropped, and live tokens need it until 1794000000070"},
		"pending dropped":     {[]string{"k1 primary 0", "k2 pending 0"}, []string{"k1 primary 0"}, 10, ""},
		"revoked dropped":     {[]string{"k1 primary 0", "k2 revoked 0"}, []string{"k1 primary 0"}, 10, ""},
		"another secret":      {[]string{"k1 retiring 0", "k2 primary 0"}, []string{"k1 retiring! 0", "k2 primary 0"}, 9, "key k1 (retiring) is dropped, and live tokens need it until 1794000000060"},
		"revoked, retiring":   {[]string{"k1 retiring 0", "k2 primary 0"}, []string{"k1 revoked", "k2 primary 0"}, 9, ""},
		"revoked, primary":    {[]string{"k1 primary 0"}, []string{"k1 revoked", "k2 primary"}, 9, ""},
		"revoked no more":     {[]string{"k1 revoked 0", "k2 primary 0"}, []string{"k1 retiring", "k2 primary 0"}, 9, "key k1 was revoked, and is so no more"},
		"pending again":       {[]string{"k1 retiring 0", "k2 primary 0"}, []string{"k1 pending", "k2 primary 0"}, 9, "key k1 is pending again, after it was used"},
		"primary, pending":    {[]string{"k1 primary 0", "k2 pending 0"}, []string{"k1 pending", "k2 primary"}, 10, "key k1 is pending again, after it was used"},
		"instant left":        {[]string{"k1 primary 0", "k2 pending 90"}, []string{"k1 retiring 0", "k2 primary 100"}, 100, "key k1 has an instant that is too early: leave it out where a state is changed by hand"},
		"instant moved":       {[]string{"k1 retiring 50", "k2 primary 50"}, []string{"k1 retiring 49", "k2 primary 50"}, 51, "key k1 has an instant that is too early: leave it out where a state is changed by hand"},
		"new, and old":        {[]string{"k1 primary 50"}, []string{"k1 primary 50", "k2 pending 40"}, 51, "key k2 has an instant that is too early: leave it out where a state is changed by hand"},
		"dated while it lags": {[]string{"k1 primary", "k2 pending 90"}, []string{"k1 primary 100", "k2 pending 90"}, 110, ""},
		"several": {
			[]string{"k1 retiring 0", "k2 primary 0"},
			[]string{"k3 primary"},
			9,
			"key k1 (retiring) is dropped, and live tokens need it until 1794000000060\n" +
				"key k2 (primary) is dropped, and live tokens need it until 1794000000069\nkey k3 is primary before every node can have it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := quick.CheckStep(ringOf(t, c.before...), ringOf(t, c.after...), someNow+c.now)
			if got := strings.TrimPrefix(fmt.Sprint(err), "crypto: keyring: "); got != c.want && (err != nil || c.want != "") {
				t.Errorf("got %q", got)
			}
			if needed, is := errors.AsType[*crypto.NeededError](err); is != strings.Contains(c.want, "dropped") || is && needed.Until <= someNow+c.now {
				t.Errorf("needed: %+v", needed)
			}
		})
	}
	err := (crypto.Schedule{Lag: 10}).CheckStep(ringOf(t, "k1 retiring 0", "k2 primary 0"), ringOf(t, "k2 primary 0"), someNow+1e12)
	const want = "crypto: keyring: key k1 (retiring) is dropped, and what it protects lives without limit"
	if err == nil || err.Error() != want {
		t.Error(err)
	}
}
