// Package codectest holds a codec to the rules that the interface [codec.Codec] states. Call [Run] from a test of your
// own codec, with a generator of its values:
//
//	func TestCartCodec(t *testing.T) {
//		codectest.Run(t, cartCodec, rapid.Custom(anyCart))
//	}
//
// Two values are equal if their method Equal(T) bool says so, or else if reflect.DeepEqual does. A generator of values
// with instants makes them in UTC and without a monotonic reading, for that is how they come back.
package codectest
