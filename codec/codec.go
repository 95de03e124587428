package codec

// Codec turns values of one Go type into payloads and back. It is immutable and used by many goroutines at once.
//
// Decode of what Encode gave returns an equal value that shares no memory with any other. Equal values give equal
// payloads (a save of an equal payload is suppressed). Decode is only ever handed authentic payloads, but these may have
// been written by another version of the program; what it cannot read is an error, never a panic, and its error does not
// quote the payload.
type Codec[T any] interface {
	// Name says which codec this is, for errors and tools.
	Name() string
	Encode(v T) (payload string, err error)
	Decode(payload string) (v T, err error)
}
