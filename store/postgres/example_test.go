package postgres_test

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/store/postgres"
)

// A kind of session in PostgreSQL. The pool is the program's own, and the store is one of its users.
func ExampleNew() { //nolint:testableexamples // it needs a server
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, "postgres://shop@localhost/shop?connect_timeout=2")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()
	records, err := postgres.New(pool, postgres.Config{Table: "shop.sessions"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := records.Migrate(ctx); err != nil {
		fmt.Println(err)
		return
	}
	sessions := satchel.Must(satchel.New(satchel.NewKind[[]string]("cart").ServerSide(records)))
	fmt.Println(len(sessions.Placed()))
}

// Everything that is wrong is said at once.
func ExampleNew_wrong() {
	_, err := postgres.New(nil, postgres.Config{Table: "sessions; DROP TABLE users"})
	fmt.Println(err)
	// Output:
	// store/postgres: no pool
	// store/postgres: Table "sessions; DROP TABLE users" has a name that is not 1 to 63 of a to z, 0 to 9 and _, or begins with a digit
}

// The schema is for those who make their tables themselves.
func ExampleStore_Schema() {
	pool, err := pgxpool.New(context.Background(), "postgres://shop@localhost/shop")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()
	records, err := postgres.New(pool, postgres.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(records.Schema())
	// Output:
	// CREATE TABLE IF NOT EXISTS "satchel_sessions" (
	// 	key      bytea  PRIMARY KEY,
	// 	revision bigint NOT NULL,
	// 	seen     bigint NOT NULL, -- Unix milliseconds
	// 	deadline bigint NOT NULL, -- Unix milliseconds
	// 	body     bytea  NOT NULL
	// ) WITH (fillfactor = 80)
}
