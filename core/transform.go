package core

import "errors"

// Frame is what a transform is told about the token that it works on. A transform that authenticates binds every field
// down to Version into its tag, each with its length before it, so that a token cannot be moved to another use.
type Frame struct {
	Kind     string // the kind's name
	Purpose  Purpose
	Audience string // the service or deployment, or ""
	Tenant   string // the tenant of this exchange, or ""
	Version  byte   // the token format's version byte

	Now  int64 // Unix milliseconds
	Life int64 // the longest life of what is framed, in milliseconds; 0 is unlimited
	Skew int64 // how far ahead another node's clock may be, in milliseconds
}

// Purpose is the use that a token is made for.
type Purpose string

// The purposes.
const (
	PurposePayload Purpose = "payload" // a client-side session
	PurposeID      Purpose = "id"      // the ID of a server-side session
	PurposeStamp   Purpose = "stamp"   // when a client-side session was last used
)

// Transform turns bytes into other bytes and back: it signs, seals, compresses. It is a pure value that many
// goroutines may use at once, and comparable.
//
// Out and In append their result to dst and return the extended slice; src and dst do not overlap, and neither src
// nor entropy is kept or written. In gives back exactly what Out was given, or a refusal; it allocates in proportion to
// len(src), whatever src holds.
type Transform interface {
	// Entropy returns how many random bytes Out needs.
	Entropy() int
	// Overhead returns the most that Out makes src longer. Where that depends on src, it is of a src of 64 bytes, and the
	// transform is a [Sizer].
	Overhead() int
	// Out is on the way to the client. Its entropy has the length that Entropy asks for and is used for nothing else.
	// An error is a fault of set-up, such as a keyring without a primary key.
	Out(f Frame, entropy, dst, src []byte) ([]byte, error)
	// In is on the way back.
	In(f Frame, dst, src []byte) ([]byte, Refusal)
}

// Chain applies transforms in order on the way out and in reverse on the way in, where the first refusal ends it. The
// empty chain changes nothing.
type Chain []Transform

// Entropy returns how many random bytes the whole chain needs.
func (c Chain) Entropy() int {
	n := 0
	for _, t := range c {
		n += t.Entropy()
	}
	return n
}

// Overhead returns the most that the whole chain makes its input longer.
func (c Chain) Overhead() int {
	n := 0
	for _, t := range c {
		n += t.Overhead()
	}
	return n
}

var errEntropy = errors.New("core: too little entropy")

// Sizer is a transform whose output grows with its input by more than a constant, as hex does.
type Sizer interface {
	// Size returns the most bytes that Out makes of n.
	Size(n int) int
}

// Size returns the most bytes that Out makes of n.
func (c Chain) Size(n int) int {
	for _, t := range c {
		if s, ok := t.(Sizer); ok {
			n = s.Size(n)
		} else {
			n += t.Overhead()
		}
	}
	return n
}

// Out appends what the chain makes of src to dst. It uses scratch space of its own where it has more than one transform.
func (c Chain) Out(f Frame, entropy, dst, src []byte) ([]byte, error) {
	if len(entropy) < c.Entropy() {
		return dst, errEntropy
	}
	if len(c) == 0 {
		return append(dst, src...), nil
	}
	for _, t := range c[:len(c)-1] {
		out, err := t.Out(f, entropy[:t.Entropy()], nil, src)
		if err != nil {
			return dst, err
		}
		entropy, src = entropy[t.Entropy():], out
	}
	last := c[len(c)-1]
	return last.Out(f, entropy[:last.Entropy()], dst, src)
}

// In appends what src was made of to dst, or says why it is refused.
func (c Chain) In(f Frame, dst, src []byte) ([]byte, Refusal) {
	if len(c) == 0 {
		return append(dst, src...), NotRefused
	}
	for i := len(c) - 1; i > 0; i-- {
		in, refusal := c[i].In(f, nil, src)
		if refusal != NotRefused {
			return dst, refusal
		}
		src = in
	}
	return c[0].In(f, dst, src)
}
