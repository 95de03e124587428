package adaptertest

import (
	"net/http"
	"strings"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
)

// leavesOut reports whether naive, by its fault, keeps from the client what it is to be told of one kind.
func (n *naive) leavesOut(q *collected, o *satchel.Outcome) bool {
	clears := o.Action == core.SendClear
	switch n.fault {
	case "clears nothing":
		return clears
	case "who only reads is sent nothing":
		return q.r.Method == http.MethodGet
	case "stamps are not sent":
		return isStamp(o.Transport) && !clears
	case "a logout leaves the stamp":
		return isStamp(o.Transport) && clears
	}
	return false
}

// isStamp reports whether a kind's stamps travel by a transport, and not its tokens.
func isStamp(t satchel.Transport) bool { return strings.HasSuffix(t.Kind, stampOf("")) }
