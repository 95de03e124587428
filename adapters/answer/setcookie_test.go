package answer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/adapters/answer"
	"github.com/satchel-go/satchel/adapters/cookie"
	"github.com/satchel-go/satchel/core"
)

func TestSetCookie(t *testing.T) {
	c, err := cookie.Config{}.Compile("cart")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []struct {
		action     core.Action
		until, now int64 // milliseconds
		begins     string
		ends       string
		err        error
	}{
		{core.SendToken, 1_060_000, 1_000_000, "__Host-cart=token;", "; Max-Age=60", nil},
		{core.SendToken, 1_000_001, 1_000_000, "__Host-cart=token;", "; Max-Age=1", nil},
		{core.SendToken, core.MaxInstant, 1_000_000, "__Host-cart=token;", "; Max-Age=34560000", nil},
		{core.SendToken, 1_000_000, 1_000_000, "", "", cookie.ErrMaxAge},
		{core.SendClear, 1_060_000, 1_000_000, "__Host-cart=;", "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT", nil},
	} {
		line, err := answer.SetCookie(&satchel.Outcome{
			Transport: satchel.Transport{Kind: "cart", Cookie: c}, Action: o.action, Token: "token", Until: o.until, Now: o.now,
		})
		if !errors.Is(err, o.err) || !strings.HasPrefix(line, o.begins) || !strings.HasSuffix(line, o.ends) || (line == "") != (o.err != nil) {
			t.Errorf("until %d: %q, %v", o.until, line, err)
		}
	}
}
