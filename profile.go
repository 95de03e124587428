package satchel

import (
	"fmt"
	"time"

	"github.com/satchel-go/satchel/core"
)

// Profile is a level of assurance whose lifetimes a kind is held to: NIST SP 800-63B-4, sections 2.1.3, 2.2.3 and 2.3.3. It
// sets nothing: New refuses what is looser.
type Profile uint8

// The profiles.
const (
	NoProfile Profile = iota
	AAL1              // 30 days over all
	AAL2              // 24 hours over all, 1 hour idle
	AAL3              // 12 hours over all, 15 minutes idle
)

var profiles = [...]struct {
	name          string
	overall, idle time.Duration
}{
	AAL1: {"AAL1", 30 * 24 * time.Hour, 30 * 24 * time.Hour},
	AAL2: {"AAL2", 24 * time.Hour, time.Hour},
	AAL3: {"AAL3", 12 * time.Hour, 15 * time.Minute},
}

// String returns the profile's name.
func (p Profile) String() string {
	switch {
	case p == NoProfile:
		return "none"
	case int(p) < len(profiles):
		return profiles[p].name
	}
	return "invalid"
}

// check returns an error if sessions may live longer than the profile allows. Who lives no longer than the idle time needs none.
func (p Profile) check(l core.Lifetime) error {
	if p == NoProfile {
		return nil
	}
	if int(p) >= len(profiles) {
		return fmt.Errorf("Profile: there is no profile %d", p)
	}
	limit := profiles[p]
	idle, absolute := l.Bounds()
	if absolute > limit.overall.Milliseconds() {
		return fmt.Errorf("Profile: %s allows %v over all, by Absolute and Longest", p, limit.overall)
	}
	if min(idle, absolute) > limit.idle.Milliseconds() {
		return fmt.Errorf("Profile: %s allows %v without use, by Idle and LongestIdle", p, limit.idle)
	}
	return nil
}
