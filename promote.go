package satchel

import "context"

// Promote signs a visitor in and keeps what the session holds: merge is handed its value, zero where there is none, and returns
// that of the subject's session. It must do nothing but compute. What else is to be known of the subject (a cart that an
// account keeps) merge has from its closure. What an earlier subject left is not handed on.
func (k Kind[T]) Promote(ctx context.Context, subject string, merge func(T) T) (T, error) {
	var none T
	about, err := k.About(ctx)
	if err != nil {
		return none, err
	}
	v, _, err := k.Get(ctx)
	if err != nil {
		return none, err
	}
	if about.Subject != "" && about.Subject != subject {
		v = none
	}
	v = merge(v)
	return v, k.SignIn(ctx, subject, v)
}
