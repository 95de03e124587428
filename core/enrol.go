package core

// Enrol puts a session that signs in on its subject's roster, before its token can be sent: so no session of a subject
// is live and unlisted. It fails if the epoch is another by now, because all of the subject's sessions were ended after
// the sign-in had begun.
type Enrol struct {
	Key     Key // of the subject record
	Subject string
	Epoch   int64
	Member  Member
	Most    int  // how many sessions the subject may have
	Refuse  bool // one more is refused; else the oldest ends
}

// Leave takes a session that ended, or became another subject's, off a roster.
type Leave struct {
	Key    Key
	Family Family
}
