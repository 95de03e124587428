package core_test

import "github.com/satchel-go/satchel/core"

// valued is a transcript whose methods give the session anew, as a Session's own do, so that a case is one expression.
type valued struct{ t *core.Transcript }

func (w *shelf) v() valued { return valued{w.t} }

func (v valued) Begin(p *core.Policy, now int64, tokens core.Tokens) (s core.Session) {
	v.t.Begin(&s, p, now, tokens)
	return s
}

func (v valued) Answer(s core.Session, now int64, a core.Answer) core.Session {
	v.t.Answer(&s, now, a)
	return s
}

func (v valued) With(s core.Session, payload string) core.Session {
	v.t.With(&s, payload)
	return s
}

func (v valued) SignedIn(s core.Session, in core.SignIn) core.Session {
	v.t.SignedIn(&s, in)
	return s
}

func (v valued) Lowered(s core.Session, level uint8) core.Session {
	v.t.Lowered(&s, level)
	return s
}

func (v valued) Lasting(s core.Session, idle, absolute int64) core.Session {
	v.t.Lasting(&s, idle, absolute)
	return s
}

func (v valued) Rotated(s core.Session) core.Session { return v.does((*core.Transcript).Rotated, s) }

func (v valued) Cleared(s core.Session) core.Session { return v.does((*core.Transcript).Cleared, s) }

func (v valued) Silent(s core.Session) core.Session { return v.does((*core.Transcript).Silent, s) }

func (v valued) Doubted(s core.Session) core.Session { return v.does((*core.Transcript).Doubted, s) }

func (v valued) Reloaded(s core.Session) core.Session { return v.does((*core.Transcript).Reloaded, s) }

func (v valued) Undecodable(s core.Session) core.Session {
	return v.does((*core.Transcript).Undecodable, s)
}

func (v valued) does(step func(*core.Transcript, *core.Session), s core.Session) core.Session {
	step(v.t, &s)
	return s
}

func (v valued) Undone(before core.Session) (s core.Session) {
	v.t.Undone(&s, &before)
	return s
}

func (v valued) Next(p core.Plan) (s core.Session) {
	v.t.Next(&s, &p)
	return s
}
