package satchel_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/satchel-go/satchel/crypto"
)

// nextKeys returns the keyring's text that is due now, and the steps to it: none if nothing is due.
func nextKeys(text string, schedule crypto.Schedule, now time.Time) (string, []crypto.Change, error) {
	ring, err := crypto.ParseKeyring(text)
	if err != nil {
		return "", nil, err
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return "", nil, err
	}
	next, changes, err := schedule.Next(ring, now.UnixMilli(), secret)
	if err != nil || len(changes) == 0 {
		return text, nil, err
	}
	return next.RevealText(), changes, nil
}

// The job that docs/keys.md shows keeps a ring for a quarter of a year.
func TestKeyJob(t *testing.T) {
	text := "a:primary:" + secretA // as it was before there were instants
	schedule := crypto.Schedule{Rotate: (30 * 24 * time.Hour).Milliseconds(), Lag: time.Hour.Milliseconds(), Life: (24 * time.Hour).Milliseconds()}
	start := newClock().now()
	var done []string
	for at := time.Duration(0); at < 92*24*time.Hour; at += 30 * time.Minute {
		next, changes, err := nextKeys(text, schedule, start.Add(at))
		must(t, err)
		if (next == text) != (len(changes) == 0) {
			t.Fatalf("after %v: another text, or not, with the steps %v", at, changes)
		}
		text = next
		for _, c := range changes {
			done = append(done, fmt.Sprintf("%4gh %s", at.Hours(), c))
		}
	}
	const want = `   0h a: primary, counted from now
 719h k1: new, pending
 720h k1: pending to primary
 720h a: primary to retiring
 745h a: retiring, dropped
1439h k2: new, pending
1440h k2: pending to primary
1440h k1: primary to retiring
1465h k1: retiring, dropped
2159h k3: new, pending
2160h k3: pending to primary
2160h k2: primary to retiring
2185h k2: retiring, dropped`
	if got := strings.Join(done, "\n"); got != want {
		t.Errorf("got\n%s", got)
	}
	if next, _, err := nextKeys("no keyring", schedule, start); err == nil || next != "" {
		t.Errorf("of no keyring comes %q, %v", next, err)
	}
}

// What a text shows is what was tried.
func TestTheTextOnKeysShowsThisCode(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("docs", "keys.md"))
	must(t, err)
	source, err := os.ReadFile("keys_job_test.go")
	must(t, err)
	_, rest, _ := strings.Cut(string(doc), "```go\n")
	code, _, closed := strings.Cut(rest, "```\n")
	if !closed || code == "" || !strings.Contains(string(source), "\n"+code+"\n") {
		t.Error("docs/keys.md and keys_job_test.go show two different functions")
	}
	_, rest, _ = strings.Cut(string(doc), "looks like:\n")
	ring, _, _ := strings.Cut(strings.TrimSpace(rest), "\n\n")
	if parsed, err := crypto.ParseKeyring(ring); err != nil || parsed.String() != "keyring(k2:primary k1:retiring)" {
		t.Error(parsed, err)
	}
}
