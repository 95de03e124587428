package core

// Facts is what a record says of its session beside the payload. A list of sessions may show all of it.
type Facts struct {
	Family                 Family
	Subject                string
	Created, Authenticated int64 // instants; 0 is none
	Seen, Until            int64 // when it was last used, and when it is over if it is not used again
	Level                  uint8
	Methods                string
	Everyone               int64  // everyone's epoch in which it began, where epochs are kept
	Oldest                 uint64 // of an anchored session: tokens of serials under it are dead since a rotation
	Successor              Key    // where it went on, if it did; nothing else is known then
}

// Facts reads what a record says, and why it gives no session by now. What a rotation or renewal left says where it went.
func (p *Policy) Facts(now int64, r Record) (Facts, Refusal) {
	b, refusal := p.readRecord(now, r)
	return Facts{
		Family: b.Family, Subject: b.Subject, Created: b.Created, Authenticated: b.Authenticated, Seen: r.Seen, Until: r.Deadline,
		Level: b.Level, Methods: b.Methods, Everyone: b.Everyone, Oldest: b.Serial, Successor: b.Successor,
	}, refusal
}
