package core_test

import (
	"fmt"
	"testing"

	"github.com/satchel-go/satchel/core"
)

// The zero Session, which no policy began, asks nothing, holds nothing and plans nothing, whatever is done to it.
func TestZeroSession(t *testing.T) {
	var zero core.Session
	entropy := (&stream{}).draw(128)
	for i, s := range []core.Session{
		zero, zero.With("tea"), zero.Rotated(), zero.SignedIn(core.SignIn{Subject: "ann", Payload: "tea"}), zero.Cleared(), zero.Cleared().With("tea"),
		zero.Undecodable(), zero.Reloaded(), zero.Lasting(1, 1), zero.Lowered(1), zero.Silent(), zero.Doubted(), zero.Answer(noon, core.Answer{Status: core.Found, Record: core.Record{Revision: 1, Body: "tea"}}),
	} {
		name := fmt.Sprintf("%d, %v", i, s)
		if q, ok := s.Next(); ok || q.Key != "" {
			t.Errorf("%s: asks %v", name, q)
		}
		for status := core.Missing; status <= core.Unasked; status++ {
			if got := s.Answer(noon, core.Answer{Status: status}); got != s {
				t.Errorf("%s: an answer makes it %v", name, got)
			}
		}
		if payload, ok := s.Payload(); ok || payload != "" || s.Subject() != "" || s.Handle() != "" || s.Created() != 0 {
			t.Errorf("%s: holds %q", name, payload)
		}
		if err := s.Fits(); err == nil {
			t.Errorf("%s: fits no policy", name)
		}
		for v := core.Keep; v <= core.Outage; v++ {
			if n := s.Entropy(v); n != 0 {
				t.Errorf("%s: %v asks for %d bytes", name, v, n)
			}
			p, err := s.Plan(v, noon, entropy)
			if err == nil || p.Create.Key != "" || p.Replace.Key != "" || p.Touch.Key != "" || p.End.Key != "" || p.Send.Action != core.SendNothing {
				t.Errorf("%s: %v is planned: %v, %v", name, v, p, err)
			}
		}
		if v := s.Decide(noon); v != core.Keep && v != core.Refuse && v != core.Outage {
			t.Errorf("%s: decides %v", name, v)
		}
		if p := s.Aside(noon); p.Touch.Key != "" {
			t.Errorf("%s: is set aside", name)
		}
	}
}
