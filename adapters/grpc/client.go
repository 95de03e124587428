package satchelgrpc

import (
	"context"
	"fmt"
	"io"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/satchel-go/satchel/core"
)

// Client keeps tokens on a client's side: it sends them with every call, and takes over those that come back, as a browser does with
// cookies. A client-side kind with an Idle time has two, its token and its stamp: "session-cart" and "session-cart-seen". Many calls may
// use it at once. It is for one server: use another for another.
//
//	tokens := satchelgrpc.NewClient("session-cart")
//	conn, err := grpc.NewClient(address, credentials,
//		grpc.WithChainUnaryInterceptor(tokens.Unary), grpc.WithChainStreamInterceptor(tokens.Stream))
type Client struct {
	mu   sync.Mutex
	kept map[string]core.Token
}

// NewClient returns a client that keeps tokens under these keys, and has none yet.
func NewClient(keys ...string) *Client {
	c := &Client{kept: make(map[string]core.Token, len(keys))}
	for _, key := range keys {
		c.kept[key] = ""
	}
	return c
}

// Token returns the token that is kept under a key, or "", for programs that keep it for longer than they run.
func (c *Client) Token(key string) core.Token {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept[key]
}

// Keep puts a token in place, or none if it is empty.
func (c *Client) Keep(key string, t core.Token) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept[key] = t
}

// Format prints that it is a client, and no token.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "satchelgrpc client") }

func (c *Client) outgoing(ctx context.Context) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	var pairs []string
	for key, t := range c.kept {
		if t != "" {
			pairs = append(pairs, key, string(t))
		}
	}
	return metadata.AppendToOutgoingContext(ctx, pairs...)
}

// take takes over what a header says of the keys that are kept.
func (c *Client) take(header metadata.MD) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key := range c.kept {
		if values := header.Get(key); len(values) > 0 {
			c.kept[key] = core.Token(values[len(values)-1])
		}
	}
}

// Unary is the interceptor of calls with one message each way.
func (c *Client) Unary(
	ctx context.Context, method string, in, out any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption,
) error {
	var header metadata.MD
	err := invoke(c.outgoing(ctx), method, in, out, conn, append(opts, grpc.Header(&header))...)
	c.take(header) // with an error as well: a call that fails may have signed somebody out
	return err
}

// Stream is the interceptor of streaming calls. Tokens are taken over when the first message has come, or the end.
func (c *Client) Stream(
	ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption,
) (grpc.ClientStream, error) {
	s, err := open(c.outgoing(ctx), desc, conn, method, opts...)
	if err != nil {
		return nil, err
	}
	return &clientStream{ClientStream: s, client: c}, nil
}

type clientStream struct {
	grpc.ClientStream

	client *Client
	once   sync.Once
}

// Header takes the tokens over when the header is there.
func (s *clientStream) Header() (metadata.MD, error) {
	header, err := s.ClientStream.Header()
	if err == nil {
		s.once.Do(func() { s.client.take(header) })
	}
	return header, err
}

// RecvMsg takes the tokens over with the first message or the end.
func (s *clientStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	_, _ = s.Header() // it is there by now, and what is wrong with the stream err says
	return err
}
