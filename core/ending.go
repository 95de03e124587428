package core

import "math"

// Ending is one entry of the log by which client-side sessions end before their time.
type Ending struct {
	Family  Family // ended are its tokens of serials under Below; those of one subject alone, if Subject is not ""
	Subject Key    // of a subject's record; without a Family, ended are that subject's sessions of epochs under Below
	Below   uint64
	Until   int64 // instant at which all of these are over anyway
}

// WholeFamily as Below ends all tokens of a family.
const WholeFamily = math.MaxUint64

// Log is the record that every node looks at: the newest endings, and the segments that hold the older ones. It never
// evicts what somebody could still need.
type Log struct {
	Everyone int64 // how often everyone's sessions were ended; once it is not 0 the record stays
	Segments []Segment
	Endings  []Ending
}

// Segment is a record of older endings.
type Segment struct {
	Number   int64  // its key is that of this number
	Revision uint64 // that it had when the log last wrote it
	Until    int64  // instant at which all of it is over
}

// The sizes of a log, in endings. What is looked at each time is small, and a million endings are some hundred segments.
const (
	MaxEndings = 256
	MaxSegment = 8192
)

// logLabel and segmentLabel separate the keys of a log from every other use of SHA-256.
const (
	logLabel     = "satchel log key v1"
	segmentLabel = "satchel segment key v1"
)

// LogKey returns the key of the record that keeps the log of a kind.
func (p *Policy) LogKey() Key { return p.derived(logLabel, "", nil) }

// SegmentKey returns the key of a segment's record.
func (p *Policy) SegmentKey(number int64) Key {
	return p.derived(segmentLabel, "", appendInstant(nil, number))
}

// Over reports whether nothing of an ending is needed by now, on any node: a day after all that it ends, so that clocks need
// not agree. One that is ahead by less undoes no logout.
func (e Ending) Over(now int64) bool { return now >= later(e.Until, spareDay) }

// Swept returns the log without what is over by now.
func (l Log) Swept(now int64) Log {
	out := Log{Everyone: l.Everyone}
	for _, s := range l.Segments {
		if !(Ending{Until: s.Until}).Over(now) {
			out.Segments = append(out.Segments, s)
		}
	}
	out.Endings = SweptEndings(l.Endings, now)
	return out
}

// SweptEndings returns endings without those that are over by now.
func SweptEndings(all []Ending, now int64) (left []Ending) {
	for _, e := range all {
		if !e.Over(now) {
			left = append(left, e)
		}
	}
	return left
}

// deadline returns the instant from which nothing of the log is needed.
func (l Log) deadline() int64 {
	at := int64(0)
	if l.Everyone > 0 {
		at = MaxInstant
	}
	for _, s := range l.Segments {
		at = max(at, s.Until)
	}
	for _, e := range l.Endings {
		at = max(at, e.Until)
	}
	return at
}

// Record returns the record that keeps the log, as the given revision.
func (l Log) Record(revision uint64, now int64) Record {
	return Record{Revision: revision, Seen: now, Deadline: later(max(now, l.deadline()), spareDay), Body: l.text()}
}

// SegmentRecord returns the record that keeps a segment's endings, as the given revision.
func SegmentRecord(all []Ending, revision uint64, now int64) Record {
	l := Log{Endings: all}
	return Record{Revision: revision, Seen: now, Deadline: later(max(now, l.deadline()), spareDay), Body: string(appendEndings([]byte{versionSegment}, all))}
}

// spareDay is how much longer than needed such records are kept, so that clocks need not agree.
const spareDay = 24 * 3600 * 1000

// The layouts, specified in SPEC.md section 4. Their first bytes are no versions of a body.
const (
	versionLog     = 0x82
	versionSegment = 0x83
)

const (
	endsFamily  = 1
	endsSubject = 2
	endsMember  = 3
)

func (l Log) text() string {
	out := appendInstant([]byte{versionLog}, l.Everyone)
	out = appendInstant(out, int64(len(l.Segments)))
	for _, s := range l.Segments {
		out = appendInstant(appendInstant(appendInstant(out, s.Number), int64(s.Revision)), s.Until)
	}
	return string(appendEndings(out, l.Endings))
}

func appendEndings(out []byte, all []Ending) []byte {
	for _, e := range all {
		switch {
		case e.Subject == "":
			out = append(append(out, endsFamily), e.Family[:]...)
		case e.Family == Family{}:
			out = append(append(out, endsSubject), e.Subject...)
		default:
			out = append(append(append(out, endsMember), e.Family[:]...), e.Subject...)
		}
		// Serials and epochs are small; the last number is all of a family.
		out = appendInstant(appendInstant(out, int64(min(e.Below, MaxInstant))), e.Until)
	}
	return out
}

// ParseLog reads the body of a log's record. What it refuses is of a newer program or damaged.
func ParseLog(s string) (l Log, ok bool) {
	if s == "" || s[0] != versionLog {
		return Log{}, false
	}
	var n int64
	if s, ok = cutInstants(s[1:], &l.Everyone, &n); !ok || n > int64(len(s)/(3*instant)) {
		return Log{}, false
	}
	for range n {
		var segment Segment
		var revision int64
		if s, ok = cutInstants(s, &segment.Number, &revision, &segment.Until); !ok {
			return Log{}, false
		}
		segment.Revision = uint64(revision)
		l.Segments = append(l.Segments, segment)
	}
	l.Endings, ok = parseEndings(s)
	return l, ok
}

// ParseSegment reads the body of a segment's record.
func ParseSegment(s string) (all []Ending, ok bool) {
	if s == "" || s[0] != versionSegment {
		return nil, false
	}
	return parseEndings(s[1:])
}

func parseEndings(s string) (all []Ending, ok bool) {
	for s != "" {
		var e Ending
		what := s[0]
		s = s[1:]
		switch {
		case what == endsFamily && len(s) >= len(e.Family):
			copy(e.Family[:], s)
			s = s[len(e.Family):]
		case what == endsSubject && len(s) >= keySize:
			e.Subject, s = Key(s[:keySize]), s[keySize:]
		case what == endsMember && len(s) >= len(e.Family)+keySize:
			copy(e.Family[:], s)
			e.Subject, s = Key(s[len(e.Family):][:keySize]), s[len(e.Family)+keySize:]
			if e.Family == (Family{}) {
				return nil, false // it would have a second spelling
			}
		default:
			return nil, false
		}
		var below int64
		if s, ok = cutInstants(s, &below, &e.Until); !ok {
			return nil, false
		}
		if e.Below = uint64(below); below == MaxInstant {
			e.Below = WholeFamily
		}
		all = append(all, e)
	}
	return all, true
}

func cutInstants(s string, to ...*int64) (rest string, ok bool) {
	for _, t := range to {
		if *t, s, ok = cutInstant(s); !ok {
			return s, false
		}
	}
	return s, true
}
