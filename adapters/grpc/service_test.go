package satchelgrpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/satchel-go/satchel"
)

// service is Shop, as a compiler of protobuf would have made it: Do and Guarded take a text of commands and give what they
// say, Talk and GuardedTalk do so for each message.
func service(w *world) *grpc.ServiceDesc {
	unary := func(name string) grpc.MethodDesc {
		return grpc.MethodDesc{MethodName: name, Handler: func(
			_ any, ctx context.Context, read func(any) error, interceptor grpc.UnaryServerInterceptor,
		) (any, error) {
			in := new(wrapperspb.StringValue)
			if err := read(in); err != nil {
				return nil, err
			}
			return interceptor(ctx, in, &grpc.UnaryServerInfo{FullMethod: "/shop.Shop/" + name}, func(ctx context.Context, in any) (any, error) {
				said, err := w.obey(ctx, in.(*wrapperspb.StringValue).Value, nil)
				return wrapperspb.String(said), err
			})
		}}
	}
	stream := func(name string) grpc.StreamDesc {
		return grpc.StreamDesc{StreamName: name, ServerStreams: true, ClientStreams: true, Handler: func(_ any, s grpc.ServerStream) error {
			for {
				in := new(wrapperspb.StringValue)
				if err := s.RecvMsg(in); err != nil {
					if errors.Is(err, io.EOF) {
						return nil
					}
					return err
				}
				said, err := w.obey(s.Context(), in.Value, s)
				if err != nil {
					return err
				}
				if strings.Contains(in.Value, "quiet") {
					continue
				}
				if err := s.SendMsg(wrapperspb.String(said)); err != nil {
					return err
				}
			}
		}}
	}
	return &grpc.ServiceDesc{
		ServiceName: "shop.Shop", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{unary("Do"), unary("Guarded")}, Streams: []grpc.StreamDesc{stream("Talk"), stream("GuardedTalk")},
	}
}

// obey does commands, with blanks between their words and semicolons between them.
func (w *world) obey(ctx context.Context, commands string, s grpc.ServerStream) (string, error) {
	var said []string
	for command := range strings.SplitSeq(commands, ";") {
		words := strings.Fields(command)
		text, err := w.command(ctx, words[0], words[1:], s)
		if err != nil {
			return "", err
		}
		if text != "" {
			said = append(said, text)
		}
	}
	return strings.Join(said, ", "), nil
}

func (w *world) command(ctx context.Context, verb string, args []string, s grpc.ServerStream) (string, error) {
	add := func(c []string) []string { return append(c, args...) }
	switch verb {
	case "get":
		c, ok, err := carts.Get(ctx)
		if !ok {
			return "nothing", err
		}
		return strings.Join(c, " "), err
	case "add":
		c, err := carts.Update(ctx, add)
		return strings.Join(c, " "), err
	case "set":
		return "", carts.Set(ctx, args)
	case "clear":
		return "", carts.Clear(ctx)
	case "try-clear":
		return spell(carts.Clear(ctx)), nil
	case "try-get":
		_, _, err := carts.Get(ctx)
		return spell(err), nil
	case "try-set":
		return spell(carts.Set(ctx, args)), nil
	case "rotate":
		return "", carts.Rotate(ctx)
	case "sign-in":
		return "", carts.SignIn(ctx, args[0], []string{args[0]})
	case "whose":
		about, err := carts.About(ctx)
		return "whose: " + about.Subject, err
	case "elsewhere": // another exchange of the same session
		ex := w.adapter.Open(ctx)
		defer ex.Close()
		if _, err := w.command(ex.Context(ctx), args[0], args[1:], nil); err != nil {
			return "", err
		}
		_, err := ex.Commit(ctx)
		return "", err
	case "note-set":
		return "", notes.Set(ctx, args)
	case "note-clear":
		return "", notes.Clear(ctx)
	case "note-get":
		n, ok, err := notes.Get(ctx)
		if !ok {
			return "no note", err
		}
		return "note " + strings.Join(n, " "), err
	case "pass":
		w.pass(args[0])
		return "", nil
	case "who": // the principal
		v, ok := satchel.Principal[[]string](ctx)
		return fmt.Sprint("principal ", v, " ", ok), nil
	case "my-header": // the handler's own word on what is not its own
		md := metadata.Pairs(key, "mine", "by", "handler")
		if s != nil {
			return "", s.SetHeader(md)
		}
		return "", grpc.SetHeader(ctx, md)
	case "down":
		w.store.down.Store(true)
		return "", nil
	case "header":
		md := metadata.Pairs("from", "handler")
		if s != nil {
			return spell(grpc.SendHeader(s.Context(), md)), nil
		}
		return spell(grpc.SendHeader(ctx, md)), nil
	case "trailer":
		if s != nil {
			s.SetTrailer(metadata.Pairs("by", args[0]))
			return "", nil
		}
		return "", grpc.SetTrailer(ctx, metadata.Pairs("by", args[0]))
	case "quiet": // the stream says nothing to this message
		return "", nil
	case "say":
		return strings.Join(args, " "), nil
	case "fail":
		return "", status.Error(codes.NotFound, strings.Join(args, " "))
	case "fail-raw":
		return "", fmt.Errorf("the shop: %w", satchel.ErrUnavailable)
	case "panic":
		panic("on purpose")
	case "wait":
		(<-w.waits)()
		<-ctx.Done() // the server has heard of it
		return "", nil
	}
	return "", status.Error(codes.InvalidArgument, "no command "+verb)
}
