package core_test

import (
	"bytes"
	"fmt"

	"github.com/satchel-go/satchel/core"
)

// An exchange from end to end, with a map for a store. A real program hands Plan bytes of crypto/rand, and never the same
// ones twice.
func ExampleConfig_Compile() {
	policy, err := core.Config{
		Kind: "cart", Place: core.ServerSide,
		Lifetime: core.Lifetime{Idle: 30 * 60_000, Absolute: 24 * 3_600_000, Touch: 60_000},
	}.Compile()
	fmt.Println(policy.Kind(), err)
	records := map[core.Key]core.Record{}
	now := int64(1_794_000_000_000)

	s := policy.Begin(now, core.Tokens{}) // nobody has a token yet
	fmt.Println(s)
	s = s.With("tea")
	v := s.Decide(now)
	plan, err := s.Plan(v, now, bytes.Repeat([]byte{7}, s.Entropy(v)))
	fmt.Println(plan, err)
	records[plan.Create.Key] = plan.Create.Record

	s = policy.Begin(now, core.One(plan.Send.Token)) // the next request
	for q, ok := s.Next(); ok; q, ok = s.Next() {
		s = s.Answer(now, core.Answer{Status: core.Found, Record: records[q.Key]})
	}
	payload, ok := s.Payload()
	fmt.Println(s, payload, ok)
	cleared := s.Cleared()
	fmt.Println(s.Decide(now), cleared.Decide(now))
	// Output:
	// cart <nil>
	// session cart absent
	// plan create, sent <nil>
	// session cart live tea true
	// keep clear
}

// A token that is not ours is an ordinary visitor.
func ExampleSession_Refusal() {
	policy, _ := core.Config{Kind: "cart", Place: core.ServerSide}.Compile()
	s := policy.Begin(1_794_000_000_000, core.One("' OR 1=1 --"))
	fmt.Println(s, s.Decide(1_794_000_000_000))
	// Output:
	// session cart refused (malformed) keep
}

// What was recorded does the same again, or differs where the program does.
func ExampleReplay() {
	policy, _ := core.Config{Kind: "cart", Place: core.ServerSide}.Compile()
	now := int64(1_794_000_000_000)

	var t core.Transcript
	var s core.Session
	t.Begin(&s, policy, now, core.Tokens{})
	t.With(&s, "tea")
	var plan core.Plan
	err := t.Plan(&plan, &s, s.Decide(now), now, bytes.Repeat([]byte{7}, 48))
	fmt.Println(t, err)

	again, err := core.Replay(policy, t.RevealText())
	fmt.Println(again == t.RevealText(), err)

	policy, _ = core.Config{Kind: "basket", Place: core.ServerSide}.Compile()
	again, err = core.Replay(policy, t.RevealText())
	fmt.Println(again == t.RevealText(), err)
	// Output:
	// [redacted] <nil>
	// true <nil>
	// false <nil>
}

func ExampleLifetime_Judge() {
	l := core.Lifetime{Idle: 30, Absolute: 100}
	fmt.Println(l.Judge(0, 50, 79), l.Judge(0, 50, 80), l.Judge(0, 99, 100))
	// Output:
	// none idle expired
}
