// Package transformtest holds a transform to the rules of core.Transform, with generated input. The author of a transform
// runs it in ten lines:
//
//	func TestMyTransform(t *testing.T) {
//		transformtest.Config{Authenticates: true}.Run(t, mine.New(key))
//	}
//
// # Rules
//
// Each rule is one named case, and a violation is told with the sentence of the rule.
//
// Input is drawn by rapid, so a failure is shrunk and can be done over with -rapid.seed.
package transformtest
