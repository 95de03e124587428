package sql_test

import (
	"context"
	database "database/sql"
	"fmt"

	"github.com/satchel-go/satchel"
	"github.com/satchel-go/satchel/store/sql"
)

// A kind of session in MariaDB. The DB and its driver are the program's own, and the store is one of its users.
func ExampleNew() { //nolint:testableexamples // it needs a driver and a server
	db, err := database.Open("mysql", "shop@tcp(localhost)/shop?interpolateParams=true")
	if err != nil {
		fmt.Println(err)
		return
	}
	records, err := sql.New(db, sql.MySQL, sql.Config{Table: "sessions"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := records.Migrate(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	sessions := satchel.Must(satchel.New(satchel.NewKind[[]string]("cart").ServerSide(records)))
	fmt.Println(len(sessions.Placed()))
}

// Everything that is wrong is said at once.
func ExampleNew_wrong() {
	_, err := sql.New(nil, 0, sql.Config{Table: "sessions; DROP TABLE users"})
	fmt.Println(err)
	// Output:
	// store/sql: no DB
	// store/sql: Dialect(0) is no dialect
	// store/sql: Table "sessions; DROP TABLE users" has a name that is not 1 to 63 of a to z, 0 to 9 and _, or begins with a digit
}

// The schema is for those who make their tables themselves.
func ExampleStore_Schema() {
	for _, d := range []sql.Dialect{sql.PostgreSQL, sql.MySQL, sql.SQLite} {
		records, err := sql.New(new(database.DB), d, sql.Config{Table: "shop.sessions"})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(records.Schema())
	}
	// Output:
	// CREATE TABLE IF NOT EXISTS "shop"."sessions" (
	// 	key      bytea  PRIMARY KEY,
	// 	revision bigint NOT NULL,
	// 	seen     bigint NOT NULL, -- Unix milliseconds
	// 	deadline bigint NOT NULL, -- Unix milliseconds
	// 	body     bytea  NOT NULL
	// ) WITH (fillfactor = 80)
	// CREATE TABLE IF NOT EXISTS `shop`.`sessions` (
	// 	`key`    varbinary(1024) NOT NULL PRIMARY KEY,
	// 	revision bigint NOT NULL,
	// 	seen     bigint NOT NULL, -- Unix milliseconds
	// 	deadline bigint NOT NULL, -- Unix milliseconds
	// 	body     longblob NOT NULL
	// ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
	// CREATE TABLE IF NOT EXISTS "shop"."sessions" (
	// 	"key"    BLOB    NOT NULL PRIMARY KEY,
	// 	revision INTEGER NOT NULL,
	// 	seen     INTEGER NOT NULL, -- Unix milliseconds
	// 	deadline INTEGER NOT NULL, -- Unix milliseconds
	// 	body     BLOB    NOT NULL
	// ) STRICT, WITHOUT ROWID
}
