// Package walls checks what the house plan promises about the code itself: which room may import what, that the pure rooms
// are pure, what is exported, and a few ways of writing. Tests call it with the repository's own tables; each check also
// has planted faults under testdata that it must find, so that a wall which stopped looking is noticed.
//
// A check returns faults and knows no test. An exception stands in the code that needs it, as a comment with its reason:
//
//	//walls:order REASON    above or beside a range over a map whose order cannot show
//	//walls:memory REASON   above a package variable that guards itself, such as a sync.Pool, and whose memory of
//	                        pure results nobody outside can tell
//
// or, for a long file, in the table of the test. A marker without a reason, or one that excuses nothing, is a fault too.
package walls

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strings"
)

// Fault is one breach of a rule.
type Fault struct {
	File string // slash-separated, relative to the top of the repository
	Line int    // 0 where the whole file or folder is meant
	Text string // what is wrong, and what to do instead
}

// String gives the form that editors jump to.
func (f Fault) String() string {
	if f.Line == 0 {
		return f.File + ": " + f.Text
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text)
}

func faultAt(pos token.Position, format string, args ...any) Fault {
	return Fault{File: pos.Filename, Line: pos.Line, Text: fmt.Sprintf(format, args...)}
}

// inOrder sorts faults by place and drops repetitions.
func inOrder(faults []Fault) []Fault {
	slices.SortFunc(faults, func(a, b Fault) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, strings.Compare(a.Text, b.Text))
	})
	return slices.Compact(faults)
}
