package satchelgrpc_test

import (
	"fmt"

	"google.golang.org/grpc"

	"github.com/satchel-go/satchel"
	satchelgrpc "github.com/satchel-go/satchel/adapters/grpc"
	"github.com/satchel-go/satchel/store"
)

// A server has the adapter's interceptors, and a guard behind them where methods need a session.
func ExampleNew() {
	carts := satchel.NewKind[[]string]("cart")
	sessions := satchel.Must(satchel.New(carts.ServerSide(store.NewMemory())))
	adapter, err := satchelgrpc.New(sessions)
	fmt.Println(err, satchelgrpc.Key(sessions.Placed()[0].Transport))

	guard := satchelgrpc.Require(carts, "/shop.Shop/Browse")
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(adapter.Unary, guard.Unary),
		grpc.ChainStreamInterceptor(adapter.Stream, guard.Stream),
	)
	server.Stop()
	// Output:
	// <nil> session-cart
}

// A client keeps tokens for its connection.
func ExampleNewClient() {
	tokens := satchelgrpc.NewClient("session-cart")
	tokens.Keep("session-cart", "kept from the last time")
	fmt.Println(tokens, tokens.Token("session-cart"))
	// Output: satchelgrpc client [redacted]
}
