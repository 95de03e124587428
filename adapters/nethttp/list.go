package nethttp

import "strings"

// listed reports whether a field that is a comma-separated list (RFC 9110, section 5.6.1) names an element, in any case, or
// is "*".
func listed(lines []string, element string) bool {
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			if part = strings.Trim(part, " \t"); part == "*" || strings.EqualFold(part, element) {
				return true
			}
		}
	}
	return false
}
