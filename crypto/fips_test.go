package crypto_test

import (
	"crypto/fips140"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
)

// Under GODEBUG=fips140=only sealing is an error of set-up and opening a refusal, never a panic; signing works. The test
// runs itself again in that mode.
func TestFIPSOnly(t *testing.T) {
	if fips140.Enforced() {
		body := oracleSign(fleet[1], frame(), []byte("payload"))
		x := transforms(t)
		refused(t, x["sign"], frame(), body, core.NotRefused)
		if out, err := x["seal"].Out(frame(), nonce(1), nil, nil); err == nil || len(out) > 0 || !strings.Contains(err.Error(), "fips140=only") {
			t.Errorf("sealing gives %x, %v", out, err)
		}
		refused(t, x["seal"], frame(), append([]byte("\x03now\x00"), append(num(someNow, 6), make([]byte, 40)...)...), core.UnknownKey)
		return
	}
	if _, err := crypto.Seal(fleetRing(t)).Out(frame(), nonce(1), nil, nil); err != nil {
		t.Fatal(err)
	}
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFIPSOnly$", "-test.v")
	again.Env = append(os.Environ(), "GODEBUG=fips140=only")
	if out, err := again.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestFIPSOnly") {
		t.Errorf("%v\n%s", err, out)
	}
}
