// Command chat is a chat over TCP that one can leave and come back to: sessions in a line protocol, without HTTP.
//
//	go run ./examples/chat                                     # the server, on localhost:4040
//	go run ./examples/chat -connect localhost:4040             # a client; in a second terminal it is the same person again
//	go run ./examples/chat -connect localhost:4040 -token bob  # another person, whose token is in the file bob
//	nc localhost 4040                                          # or no client: type "hello", and keep the token that you are told
//
// Who says "hello" gets a token. Whoever says "hello TOKEN" later, on another connection or to a server that was started again,
// goes on as who they were: the same name, in the same room. Two connections may say hello with one token; what one of them changes the
// other sees. "bye" ends the session, and every connection that it has, at once.
//
// Read it in this order: visit.go is the session; commands.go are what a line can say, each in an exchange of its own; conn.go is a
// connection, and watch.go ends it when its session is over; hub.go passes on what is said in rooms; server.go and client.go are the
// two programs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/satchel-go/satchel/adapters/cookie"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "chat:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("chat", flag.ContinueOnError)
	flags.SetOutput(out)
	addr := flags.String("addr", "localhost:4040", "listen on `HOST:PORT`")
	sessions := flags.String("sessions", "", "keep sessions in the folder `DIR` (default: satchel-chat/sessions in your cache directory)")
	connect := flags.String("connect", "", "be a client of the server at `HOST:PORT`")
	token := flags.String("token", "", "be who has the token in `FILE`, a FILE for each person (default: satchel-chat/token in your cache directory)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0))
	}
	if *connect != "" {
		path, err := ownFile(*token, "token")
		if err != nil {
			return err
		}
		return newClient(*connect, path, in, out).run(ctx)
	}
	if !cookie.LoopbackHost(*addr) {
		return fmt.Errorf("-addr %s: tokens travel in the clear, so the chat is for this machine only, as in -addr localhost:4040", *addr)
	}
	folder, err := ownFile(*sessions, "sessions")
	if err != nil {
		return err
	}
	return serve(ctx, *addr, folder, out)
}

// ownFile returns a path, or where the program keeps what is called so, in a folder of its user's alone.
func ownFile(path, name string) (string, error) {
	if path == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		path = filepath.Join(dir, "satchel-chat", name)
	}
	return path, os.MkdirAll(filepath.Dir(path), 0o700)
}
