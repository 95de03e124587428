// Package mutants shows that the tests of the design's rules can fail. For each rule of section 5, and for the ends of a life, a text in
// testdata/mutants lists mutants: edits of the code that take the rule out, and the tests that must fail then. ./test mutants applies them one
// at a time, to a copy of the edited file that only the compiler sees.
//
// # The texts
//
// One file per rule, 01-….txt to 13-….txt. A line that begins with # is a comment. A mutant is
//
//	== A sentence that says what is taken out.
//	in core/decide.go
//	-	the old line
//	+	the new line
//	 	a line of both, where the old one alone would not be found once
//	fails core TestDecide TestSearch
//
// Lines of an edit begin with -, + or a space, as in a patch, and an empty line ends it. There may be several edits; the old lines of each
// stand together in the file, and exactly once. A line "fails" names a room and tests of it, and there may be several. A fuzz target is a test by its seeds.
//
// exceptions.txt lists the tests of rules that no mutant is for, each with its reason.
//
// # Rules
//
// Nothing of this can rot: an ordinary test finds each edit's place in the code, each named test, and a mutant or an
// exception for each test that is named after a rule.
package mutants
