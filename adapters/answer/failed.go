package answer

import "strings"

// OfHandler reports whether a field speaks of the answer that a failed commit has put an end to: its representation (RFC
// 9110, section 8), how to keep it (RFC 9111, section 5), where it leads, what it switches to, asks for and takes away.
//
// The other fields stay. Those of outer middleware (CORS, policies, request ids) cannot be told from the handler's. Nor
// does Set-Cookie go: it may be an outer one, the token of another kind that was committed, or the clearing of a cookie
// at a logout, and to drop any of these is worse than to send a cookie beside an error.
func OfHandler(name, value string) bool {
	name = strings.ToLower(name)
	switch name {
	case "content-type", "content-length", "content-encoding", "content-language", "content-location", "content-range",
		"content-disposition", "content-md5", "digest", "content-digest", "repr-digest", "accept-ranges", "etag",
		"last-modified", "transfer-encoding", "trailer":
		return true
	case "cache-control", "expires", "pragma", "age":
		return true
	case "location", "refresh", "retry-after", "www-authenticate":
		return true
	case "clear-site-data": // a logout that did not come about takes nothing from the client
		return true
	case "upgrade", "sec-websocket-accept", "sec-websocket-protocol", "sec-websocket-extensions":
		return true
	case "connection":
		return Lists([]string{value}, "upgrade")
	}
	return Targeted(name)
}
