package store

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// Streams is a [Storage] that writes to an io.Writer and reads from an io.Reader, as those over files and object stores like to. [Streamed] makes
// a Storage of one.
type Streams interface {
	// Write calls write once with a Writer, whose bytes it then keeps under id in place of what was there. If write fails it keeps what
	// was there, and returns that error.
	Write(ctx context.Context, id string, write func(w io.Writer) error) error

	// Read calls read once with a Reader of what is kept under id, and returns its error. Where there is nothing it does not call it, and
	// returns nil or ErrNotFound.
	Read(ctx context.Context, id string, read func(r io.Reader) error) error

	// Invalidate removes what is kept under id. If there is nothing it does nothing.
	Invalidate(ctx context.Context, id string) error
}

// maxStream is the longest text that is read from a stream, in bytes.
const maxStream = 64 << 20

// Streamed returns a Storage over Streams, for [LastWriteWins]. What has more than 64 MiB is garbled.
func Streamed(s Streams) Storage {
	if s == nil {
		panic("store: Streamed of no Streams")
	}
	return streamed{s}
}

type streamed struct{ streams Streams }

func (s streamed) Write(ctx context.Context, id, text string) error {
	return s.streams.Write(ctx, id, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

func (s streamed) Read(ctx context.Context, id string) (string, error) {
	var text strings.Builder
	err := s.streams.Read(ctx, id, func(r io.Reader) error {
		text.Reset()
		n, err := io.Copy(&text, io.LimitReader(r, maxStream+1))
		if err == nil && n > maxStream {
			err = fmt.Errorf("more than %d bytes: %w", maxStream, ErrGarbled)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return text.String(), nil
}

func (s streamed) Invalidate(ctx context.Context, id string) error {
	return s.streams.Invalidate(ctx, id)
}
