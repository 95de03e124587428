// Command custom puts a codec, a transform and a store of a user's own together. Each is held to its rules by a kit, in ten lines of
// test beside it: codec/codectest, core/transformtest and store/storetest of Satchel.
//
//	cd examples/custom && go run .
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/core"
	"github.com/satchel-go/satchel/crypto"
	"github.com/satchel-go/satchel/examples/custom/kv"
	"github.com/satchel-go/satchel/examples/custom/msgpack"
	"github.com/satchel-go/satchel/examples/custom/zstd"
)

// Draft is what a person has written and not sent yet.
type Draft struct {
	Text  string
	Saved int64 // Unix seconds
}

var (
	kept   = satchel.NewKind[Draft]("kept").WithCodec(msgpack.New[Draft]())   // in a store
	travel = satchel.NewKind[Draft]("travel").WithCodec(msgpack.New[Draft]()) // in its token
)

func main() {
	if err := run(context.Background(), os.Stdout.WriteString); err != nil {
		fmt.Fprintln(os.Stderr, "custom:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, say func(string) (int, error)) error {
	shorter, err := zstd.New(64 << 10)
	if err != nil {
		return err
	}
	ring, err := crypto.Generate(1_794_000_000_000, []byte("not a secret: it is for a program to read")[:32])
	if err != nil {
		return err
	}
	sessions, err := satchel.New(
		kept.ServerSide(kv.Store{Engine: new(kv.InMemory)}),
		travel.ClientSide(satchel.FixedKeys(ring), satchel.Unrevocable).With(satchel.Options{
			// Compressed, and then sealed. MaxToken is held against what a token might become, so compressing saves bytes on the
			// way and makes no room for more.
			Header: "X-Draft", MaxToken: core.MaxTokenLength, Chain: core.Chain{shorter},
		}),
	)
	if err != nil {
		return err
	}
	draft := Draft{strings.Repeat("Dear Ann, the tea has come. ", 300), 1_794_000_000}
	for _, kind := range []satchel.Kind[Draft]{kept, travel} {
		ex := sessions.Open(satchel.Arrived{})
		if err := kind.Set(ex.Context(ctx), draft); err != nil {
			return err
		}
		out, err := ex.Commit(ctx)
		if err != nil {
			return err
		}
		token := out[0].Token
		ex = sessions.Open(satchel.Arrived{kind.Name(): token})
		again, ok, err := kind.Get(ex.Context(ctx))
		if err != nil {
			return err
		}
		line := fmt.Sprintf("%s: %d letters, a token of less than 400: %v, and back: %v\n",
			kind.Name(), len(draft.Text), len(string(token)) < 400, ok && again == draft)
		if _, err := say(line); err != nil {
			return err
		}
	}
	return nil
}
